/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_OUTPUT_H
#define APP_OUTPUT_H

/*
 * Open closed standard streams: else the first file that EAL opens would get the number of one, and all
 * that is printed.
 */
void app_output_begin(void);

/*
 * Return the exit code to end with: rc, but 1 in place of 0 when standard output was not all written. A result
 * that was not written is a failure; a message on stderr has the reason and the name of the program.
 */
int app_output_end(const char *program, int rc);

#endif /* APP_OUTPUT_H */
