/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_SCREEN_H
#define FWD_SCREEN_H

/*
 * The periodic statistics: a screen drawn in place on a terminal, plain lines elsewhere.
 */

#include <stdbool.h>
#include <stdio.h>

#include "canvas.h"
#include "fwd.h"

/* Show what happened between fwd->last and now. */
void fwd_screen_print(const struct fwd *fwd, const struct fwd_stats *now, bool live, FILE *out);

/* Draw the screen on a canvas of which rows and columns are given. */
void fwd_screen_draw(
	const struct fwd *fwd, const struct fwd_stats *now, struct fwd_canvas *canvas, FILE *out);

/* One line about a link that went up or down. */
void fwd_screen_link(const struct fwd_port *port, FILE *out);

/* "up, 10 Gbit/s" */
void fwd_link_text(const struct fwd_port *port, char *text, size_t len);

#endif /* FWD_SCREEN_H */
