/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_SCREEN_H
#define TOP_SCREEN_H

/* The terminal of the live screen, by ncurses. */

#include "error.h"
#include "lines.h"

/* Take over the terminal. 0, or -1 with err filled: it is none, or one that cannot move its cursor. */
int top_screen_begin(struct app_error *err);

/* Its size now. */
void top_screen_size(unsigned int *rows, unsigned int *columns);

/* Read the size of the terminal again. */
void top_screen_resize(void);

/* Draw lines over the whole screen. */
void top_screen_draw(const struct top_lines *lines);

/* Read a key without waiting, as in view.h; -1: none. */
int top_screen_key(void);

/* Give the terminal back as it was. */
void top_screen_end(void);

#endif /* TOP_SCREEN_H */
