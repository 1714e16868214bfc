/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_OUTPUT_H
#define APP_OUTPUT_H

/*
 * Give closed standard streams a place: else the first file that EAL opens would get the number of
 * one, and what is printed.
 */
void app_output_begin(void);

/*
 * The exit code to end with: rc, but 1 in place of 0 when standard output was not all written. A result
 * that nobody got is a failure, whatever it says; stderr tells why, in the name of the program.
 */
int app_output_end(const char *program, int rc);

#endif /* APP_OUTPUT_H */
