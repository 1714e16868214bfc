/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

/* One run of tide-bench: its options, its candidates and its results. */

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <rte_mempool.h>
#include <rte_memzone.h>

#include "error.h"
#include "frame/candidate.h"
#include "frame/options.h"
#include "frame/scenario.h"
#include "frame/stats.h"
#include "frame/targets.h"

/* Buffers in a pool with a small working set, as a forwarder with few ports makes it. */
#define BENCH_BUFFERS_SMALL  8191
/*
 * Buffers in a pool that several threads use at once: fewer, so that a quarter of the ring's slots stay
 * empty. When a pool fills its ring, ring_mt_rts refuses a put while another thread is inside a get, and
 * rte_mempool drops the objects of a refused put.
 */
#define BENCH_BUFFERS_SHARED 6144
/* The cache that DPDK's examples give their pools (l2fwd). */
#define BENCH_CACHE_DEFAULT  256
/* Bytes of an mbuf without data room, which large pools are made of where memory is short. */
#define BENCH_OBJECT_SMALL   128

/* Memory that all pools of one workload are made on, one after another. */
struct memory {
	const struct rte_memzone *mz;
};

/* The samples of one candidate at one workload, and their statistics. */
struct row {
	bool takes_part;
	char wrong[BENCH_REASON_MAX]; /* Why the candidate has no figures; empty: it has. */
	double *value; /* Per round. */
	double *stall;
	double *percentile[PERCENTILE_NB];
	struct stats stats;
	struct stats stall_ms;
	struct stats percentiles[PERCENTILE_NB];
	uint64_t failed;
	double ratio; /* Of the median to that of the best peer. */
	double round_ratio; /* The median of the ratios of single rounds. */
};

struct result {
	struct workload workload;
	unsigned int rounds;
	struct row row[BENCH_CANDIDATES_MAX];
	int best; /* Row of the best peer; -1: none. */
};

struct bench {
	struct options opt;
	struct candidate candidate[BENCH_CANDIDATES_MAX];
	unsigned int nb_candidates;
	struct memory memory;
	enum ledger_mode ledger; /* Of the tide ops in this run. */
	uint64_t
		clock_cost; /* Cycles of reading the clock twice; measured once, before all samples. */
	cpu_set_t cpus; /* Of all EAL lcores. */
	unsigned int nb_cpus;
	struct result *result;
	unsigned int nb_results;
	char (*note)[BENCH_REASON_MAX]; /* Notes on what is left out, and why. */
	unsigned int nb_notes;
};

/*
 * Add a candidate with a name; the caller fills the rest. All scenarios together may add at most
 * BENCH_EXTRAS_MAX extra candidates.
 */
struct candidate *bench_candidate(struct bench *bench, const char *name);

/* Print what is left out and why, and keep it for the JSON file. */
void bench_note(struct bench *bench, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Whether the user asked for a scenario, which is scenarios()[i]. */
static inline bool
bench_runs(const struct bench *bench, unsigned int i)
{
	return bench->opt.case_mask >> i & 1;
}

#endif /* BENCH_BENCH_H */
