/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_TERMINAL_H
#define TOP_TERMINAL_H

#include "error.h"

/* Check that standard output is a terminal that can place its cursor. 0, or -1 with err filled. */
int top_terminal_check(struct app_error *err);

#endif /* TOP_TERMINAL_H */
