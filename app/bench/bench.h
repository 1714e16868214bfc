/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

/*
 * What the parts of tide-bench share: candidates, works, turns, results.
 *
 * A scenario is a kind of work. It plans one or more works (one per cache size, pool size, ...). A
 * candidate is mempool ops, or a guest that one scenario brings, or the floor: the same loop without an
 * allocator. A turn is one measurement: one candidate at one work. The runner gives every candidate a
 * turn in each round, and begins each round with another one.
 */

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <rte_mempool.h>
#include <rte_memzone.h>

#include "bars.h"
#include "error.h"
#include "options.h"
#include "stats.h"

#define BENCH_GUESTS_MAX     16
#define BENCH_CANDIDATES_MAX (RTE_MEMPOOL_MAX_OPS_IDX + 2 + BENCH_GUESTS_MAX)
#define BENCH_FLOOR          "floor"
#define BENCH_SUBJECT        "tide" /* No peer of itself. */
#define BENCH_SET            "tide_pool"
#define BENCH_LABEL_MAX      64
#define BENCH_REASON_MAX     192

/* Pool of the scenarios with a small working set: what a forwarder with few ports would make. */
#define BENCH_BUFFERS_SMALL  8191
/*
 * Pools that several threads use at once: as many, but with a quarter of the ring's places to spare.
 * When a pool fills its ring, ring_mt_rts refuses buffers given back while another thread is inside a
 * get, and rte_mempool drops what is refused.
 */
#define BENCH_BUFFERS_SHARED 6144
/* The cache that DPDK's examples give their pools (l2fwd). */
#define BENCH_CACHE_DEFAULT  256
/* Bytes of an mbuf without data room: what large pools shrink to where memory is short. */
#define BENCH_OBJECT_SMALL   128

struct scenario;

struct candidate {
	char name[RTE_MEMPOOL_OPS_NAMESIZE];
	bool floor;
	bool set; /* Not ops, but tide_pool_create(): takes part where pools are made anew. */
	const struct scenario
		*guest_of; /* No ops, but takes part in this scenario; NULL: no guest. */
	const void *guest; /* The scenario's own note on it. */
	bool no_peer; /* A guest that is not one to beat. */
	bool one_taker; /* One thread at a time may take. */
	bool one_giver; /* One thread at a time may give back. */
	bool present; /* In the run; otherwise reason says why not. */
	char reason[BENCH_REASON_MAX];
};

/* Memory all pools of one work are made on, one after another. */
struct memory {
	const struct rte_memzone *mz;
};

struct bench;

struct work {
	const struct scenario *scenario;
	char label[BENCH_LABEL_MAX]; /* Tells the works of one scenario apart. */
	bool fresh; /* Each turn takes its memory from the kernel anew: none is held meanwhile. */
	const char *unit; /* The scenario's unless its plan says otherwise, as what follows. */
	bool more_is_better;
	const char *only; /* The one candidate it is about; NULL: all of the scenario. */
	bool write; /* What is allocated is written to. */
	unsigned int threads; /* EAL lcores it needs; 0: does not matter. */
	unsigned int cache;
	unsigned int bulk; /* 0: does not matter. */
	unsigned int buffers; /* 0: there is no pool. */
	unsigned int
		object; /* Bytes; 0: various. Planned as 0: the size of --object, if it fits. */
	unsigned int size; /* Bytes of what is put into them; 0: mixed, or does not matter. */
	unsigned int variant; /* The scenario's own. */
};

/* Beside the median, where single calls are measured: in the work's unit. */
enum tail {
	TAIL_P99,
	TAIL_P999,
	TAIL_MAX,
	TAIL_NB,
};

/* What one turn found. */
struct sample {
	double value; /* In the work's unit. */
	double stall_ms; /* Longest time a thread got nothing done; 0: not measured. */
	double tail[TAIL_NB]; /* 0: not measured. */
	uint64_t failed; /* Gets that found too few. */
};

/* Where a loop takes its objects from. */
struct source {
	struct rte_mempool *mp;
	void **window; /* Floor: objects to go round in, the first OPTIONS_BULK_MAX again at the end. */
	uint32_t mask; /* Floor: objects in the window, a power of two, less one. */
	bool floor;
};

struct turn {
	const struct bench *bench;
	const struct work *work;
	const struct candidate *who;
	struct source source;
	void *own; /* The scenario's own. */
	uint64_t wrong; /* Packets that were not what was put in. */
	struct sample sample;
	struct app_error err;
};

/* Who may use the pool at once: what ops must be able to bear to take part. */
enum crowding {
	CROWDING_ALONE, /* One thread. */
	CROWDING_PAIR, /* One takes, another gives back. */
	CROWDING_ANY, /* All do both. */
};

struct scenario {
	const char *name;
	const char *what; /* One line for people. */
	const char *unit;
	bool more_is_better;
	bool exact; /* Not a matter of time: one round is enough. */
	bool no_floor; /* Without an allocator there is nothing to measure. */
	enum crowding crowding;
	unsigned int lcores; /* EAL lcores it needs. */

	/* Adds its guests, which take part instead of ops; NULL: ops do. */
	void (*invite)(struct bench *bench);
	/* The next work, counted from 0. Returns false when there is none. */
	bool (*plan)(const struct bench *bench, unsigned int i, struct work *work);
	/* 0, or -1 with turn->err filled. After a failed setup, nothing else is called. */
	int (*setup)(struct turn *turn);
	/* As setup. */
	int (*run)(struct turn *turn);
	/*
	 * Proves that nothing was lost or invented, unless run failed, and gives all back. Fills
	 * turn->err when something was.
	 */
	void (*teardown)(struct turn *turn);
};

/* One candidate's row of a table. */
struct row {
	bool ran;
	char wrong[BENCH_REASON_MAX]; /* Why it is out; empty: it is not. */
	double *value; /* Per round. */
	double *stall;
	double *tail[TAIL_NB];
	struct stats stats;
	struct stats stall_ms;
	struct stats tails[TAIL_NB];
	uint64_t failed;
	double ratio; /* Of the medians, to the best peer's. */
	double round_ratio; /* Median of the ratios round by round. */
};

struct result {
	struct work work;
	unsigned int rounds;
	struct row row[BENCH_CANDIDATES_MAX];
	int best; /* Row of the best peer; -1: none. */
};

struct bench {
	struct options opt;
	struct candidate candidate[BENCH_CANDIDATES_MAX];
	unsigned int nb_candidates;
	struct memory memory;
	enum bar_ledger
		ledger; /* Of the tide ops in this run; BAR_ANY_LEDGER: neither full nor off. */
	uint64_t
		clock_cost; /* Cycles of reading the clock twice; measured once, before all turns. */
	cpu_set_t cpus; /* Of all EAL lcores: where the crowd runs. */
	unsigned int nb_cpus;
	struct result *result;
	unsigned int nb_results;
	char (*note)[BENCH_REASON_MAX]; /* Whatever was left out, and why. */
	unsigned int nb_notes;
};

/* All scenarios, in the order they run; NULL at the end. */
extern const struct scenario *const scenarios[];

/* A new candidate; the caller fills the rest. Guests: at most BENCH_GUESTS_MAX in all scenarios. */
struct candidate *bench_candidate(struct bench *bench, const char *name);

/* Say that something is left out, and keep it for the JSON file. */
void bench_note(struct bench *bench, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Whether a candidate is one to beat: ops of DPDK that any number of threads may use, as they may use
 * the subject, or a guest that may be used in place of it.
 */
static inline bool
bench_is_peer(const struct candidate *c)
{
	return !c->floor && !c->set && !c->no_peer && !c->one_taker && !c->one_giver &&
	       strcmp(c->name, BENCH_SUBJECT) != 0;
}

#endif /* BENCH_BENCH_H */
