/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_SHOW_H
#define INFO_SHOW_H

#include "machine.h"
#include "options.h"

/* Be the command "show": print the machine, and draw it if so requested. 0, or -1 with err filled. */
int show_run(const struct options *opt, struct app_error *err);

/* Write the machine for people, and as one JSON object. */
void show_text(const struct machine *m, FILE *out);
void show_json(const struct machine *m, FILE *out);

/* Write the machine as a picture, SVG 1.1. */
void show_svg(const struct machine *m, const char *title, FILE *out);

/* Enough for the command with the longest names, each character of them in quotes. */
#define FREE_COMMAND 2304

/*
 * Write the shell command that frees the huge pages of files which a dead process left. It takes the lock of
 * each file, so it keeps those of a living process with the same prefix.
 */
void show_free_command(const struct tide_eal_files *files, char text[FREE_COMMAND]);

#endif /* INFO_SHOW_H */
