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

#endif /* INFO_SHOW_H */
