/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_OPTIONS_H
#define TOP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "option_table.h"
#include "export.h"

struct top_options {
	uint32_t pid; /* 0: not given. */
	char prefix[256]; /* "": not given, as the next. */
	char socket[256];
	uint32_t interval; /* Seconds. */
	uint32_t count; /* Samples; 0: without end. */
	uint32_t once; /* Switches. */
	uint32_t json;
	uint32_t scan;
	uint32_t audit;
	struct top_address prometheus; /* Its length is 0: not given. */
	int sort; /* A metric; -1: the name. */
	char pool[TOP_NAME_LEN];
	bool help;
	bool version;
};

/* The table. */
extern const struct app_program top_program;

/* Set the defaults. */
void top_options_init(struct top_options *options);

/* Check options that depend on each other. 0, or -1 with err filled. */
int top_options_check(const struct top_options *options, struct app_error *err);

/* Check that a sample has the pool of --pool, if one is given. 0, or -1 with err filled. */
int top_options_check_pool(
	const struct top_options *options, const struct top_sample *sample, struct app_error *err);

#endif /* TOP_OPTIONS_H */
