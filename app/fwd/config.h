/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_CONFIG_H
#define FWD_CONFIG_H

/*
 * A configuration file: `name = value` lines, the names of the long options, `#` for comments.
 * Lines
 * may stand under [tide-fwd] or under no heading.
 */

#include "error.h"
#include "options.h"

/* Read a file into opts; on failure the message starts with FILE:LINE. */
int fwd_config_load(struct fwd_options *opts, const char *path, struct app_error *err);

#endif /* FWD_CONFIG_H */
