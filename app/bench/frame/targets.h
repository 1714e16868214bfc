/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_TARGETS_H
#define BENCH_TARGETS_H

/*
 * What a target is and how it is computed. Each scenario has its targets beside it; target_check.c
 * finds the figures. This part does not use DPDK.
 */

#include <stdbool.h>

#define TARGET_ANY_CACHE (-1)

enum target_against {
	TARGET_BEST_PEER, /* The best peer at the same workload. */
	TARGET_NAMED, /* The candidate named in `peer`. */
	TARGET_NOTHING, /* The figure alone is compared with the limit. */
};

enum target_kind {
	TARGET_QUOTIENT, /* The quotient, or the figure alone, is at most the limit. */
	TARGET_TIMES, /* The subject is at least `limit` times better. */
	TARGET_MORE, /* The subject has at most `limit` more, in the unit of the workload. */
};

/* The mode of the tide ops' ledger: see TIDE_LEDGER in tide-bench(8). */
enum ledger_mode {
	LEDGER_MODE_ANY, /* Of a target: any. Of a run: neither of the others. */
	LEDGER_MODE_FULL,
	LEDGER_MODE_OFF,
};

/* Name a mode as TIDE_LEDGER does; LEDGER_MODE_ANY is "sampled", which has no targets of its own. */
const char *ledger_mode_name(enum ledger_mode ledger);

struct target {
	const char *subject; /* The candidate; NULL: the tide ops. */
	/* Of the workload; where it ends in a comma, the start of the label. NULL: any. */
	const char *label;
	int cache; /* TARGET_ANY_CACHE: the target applies to each cache size that was measured. */
	unsigned int bulk; /* 0: any. */
	unsigned int buffers; /* The target applies to pools of this size and larger ones. */
	bool fresh; /* The workload takes its memory from the kernel in each sample. */
	enum target_against against;
	const char *peer;
	enum target_kind kind;
	double limit;
	enum ledger_mode ledger; /* The target applies to runs with this mode. */
};

/* Shorthands for tables of targets. */
#define AT_MOST(value)      .kind = TARGET_QUOTIENT, .limit = (value)
#define TIMES_BETTER(value) .kind = TARGET_TIMES, .limit = (value)
#define AT_MOST_MORE(value) .kind = TARGET_MORE, .limit = (value)
#define AGAINST(name)       .against = TARGET_NAMED, .peer = (name)

/*
 * Compute the figure of a target from that of the subject and that of the reference, which is not used
 * with TARGET_NOTHING.
 */
double
target_figure(const struct target *target, bool more_is_better, double own, double reference);

/* Whether a target applies to workloads with a label. */
bool target_fits(const struct target *target, const char *label);

/* Whether a target applies to a run with a mode of the ledger. */
bool target_counts(const struct target *target, enum ledger_mode ledger);

/* Whether a figure reaches the target; a figure equal to the limit does. */
bool target_reached(const struct target *target, double figure);

/* Rounds below which a figure is marked as one of few rounds. */
#define TARGET_ROUNDS_MIN 7

#endif /* BENCH_TARGETS_H */
