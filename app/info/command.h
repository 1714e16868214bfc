/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_COMMAND_H
#define INFO_COMMAND_H

#include "error.h"

/* Run the command that argv[1] names, "show" if it is an option. Returns its exit code, or 0 with err filled. */
int command_run(int argc, char *const argv[], struct app_error *err);

#endif /* INFO_COMMAND_H */
