/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_SUMMARY_H
#define FWD_SUMMARY_H

/*
 * The summary at the end: packets forwarded, packets lost and why, and whether every buffer is back.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "fwd.h"

/* Write the summary for people. */
void fwd_summary_print(const struct fwd *fwd, FILE *out);

/* Write the same as one line of JSON. */
void fwd_summary_json(const struct fwd *fwd, FILE *out);

/* Write the plan as one line of JSON. */
void fwd_plan_json(const struct tide_plan *plan, const struct fwd_pairs *pairs,
	const struct fwd_options *opts, FILE *out);

/* Count the pages of buffers that were not made on the node of their pool. */
uint64_t fwd_summary_pages_elsewhere(const struct fwd *fwd);

/* Count the pages of buffers of which the kernel told no node when the pools were made. */
uint64_t fwd_summary_pages_unknown(const struct fwd *fwd);

/* Count the forwarding lcores that were last seen on another node than planned. */
unsigned int fwd_summary_lcores_elsewhere(const struct fwd *fwd);

/* Tell whether all buffers of all pools are back. */
bool fwd_summary_all_back(const struct fwd *fwd);

/* Whether all buffers are back except those that drivers lost when they closed. */
bool fwd_summary_accounted(const struct fwd *fwd);

#endif /* FWD_SUMMARY_H */
