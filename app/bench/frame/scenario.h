/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_SCENARIO_H
#define BENCH_SCENARIO_H

/*
 * What a scenario is. A scenario is one file that defines a struct scenario, with its targets beside it,
 * and registers it. The list in --help, the order of a run, tables, JSON, plots and targets all come
 * from what is registered.
 *
 * A scenario plans one or more workloads, for example one per cache size. A sample is one measurement:
 * one candidate at one workload. The runner takes one sample of each candidate in each round.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_mempool.h>

#include "error.h"
#include "frame/candidate.h"
#include "frame/targets.h"

#define BENCH_LABEL_MAX      64
/* So that lists fit into 80 columns. */
#define SCENARIO_NAME_MAX    14
#define SCENARIO_SUMMARY_MAX 62
#define SCENARIO_LINE_MAX    78

struct bench;
struct scenario;

struct workload {
	const struct scenario *scenario;
	char label[BENCH_LABEL_MAX]; /* Tells the workloads of one scenario apart. */
	const char *kind; /* CHART_BY_KIND: the label without pool and cache. */
	bool fresh; /* Each sample takes its memory from the kernel; none is held between samples. */
	const char *unit; /* Of the scenario unless its plan changes it; so is the next one. */
	bool more_is_better;
	const char *only; /* The one candidate that takes part; NULL: all of the scenario. */
	unsigned int threads; /* EAL lcores it needs; 0: those of the scenario. */
	unsigned int cache;
	unsigned int bulk; /* 0: not used. */
	unsigned int buffers; /* 0: there is no pool. */
	unsigned int object; /* Bytes; 0: various. Planned as 0: that of --object, if it fits. */
	unsigned int variant; /* Index into the scenario's own table. */
};

/* Percentiles beside the median, in the unit of the workload, where single calls are timed. */
enum percentile {
	PERCENTILE_99,
	PERCENTILE_999,
	PERCENTILE_MAX,
	PERCENTILE_NB,
};

/* The figures of one sample. */
struct figures {
	double value; /* In the unit of the workload. */
	double stall_ms; /* Longest time in which a thread completed no operation; 0: not measured. */
	double percentile[PERCENTILE_NB]; /* 0: not measured. */
	uint64_t failed; /* Gets that failed because too few objects were free. */
};

/* Where a loop gets its objects from: see backend.h. */
struct backend {
	struct rte_mempool *mp;
	/* Baseline: objects that the loop cycles through; the first OPTIONS_BULK_MAX are repeated at the end. */
	void **window;
	uint32_t mask; /* Baseline: objects in the window, a power of two, less one. */
	bool baseline;
};

struct sample {
	const struct bench *bench;
	const struct workload *workload;
	const struct candidate *candidate;
	struct backend backend;
	void *state; /* The scenario's own. */
	uint64_t wrong; /* Packets whose contents had changed. */
	struct figures figures;
	struct app_error err;
};

/* How many threads use the pool at the same time, which decides the ops that can take part. */
enum concurrency {
	CONCURRENCY_ONE, /* One thread. */
	CONCURRENCY_PAIR, /* One thread gets, another one puts. */
	CONCURRENCY_ANY, /* Several threads get and put. */
};

/* What --plot draws of a scenario. */
enum chart {
	CHART_CANDIDATES, /* For each workload: a bar per candidate. */
	CHART_BY_SIZE, /* For each cache size: lines over the pool size. */
	CHART_BY_KIND, /* For each pool and cache size: a group of bars per kind of workload. */
	CHART_PERCENTILES, /* For each workload: a group of bars per percentile. */
};

struct scenario {
	const char *name; /* At most SCENARIO_NAME_MAX characters. */
	/* Its place in a run and in lists: low numbers come first, equal ones by name. */
	unsigned int order;
	const char *summary; /* At most SCENARIO_SUMMARY_MAX characters. */
	/* What --help NAME prints: lines of at most SCENARIO_LINE_MAX characters. */
	const char *description;
	const char *unit;
	bool more_is_better;
	bool exact; /* The figure does not depend on time: one round is enough. */
	bool no_baseline; /* Without an allocator there is nothing to measure. */
	enum concurrency concurrency;
	enum chart chart;
	unsigned int lcores; /* EAL lcores it needs. */
	const struct target *targets;
	unsigned int nb_targets;

	/* Add the extra candidates, which take part in place of ops. NULL: ops take part. */
	void (*add_candidates)(struct bench *bench, const struct scenario *scenario);
	/* Plan workload i, counted from 0. Returns false when there is no such workload. */
	bool (*plan)(const struct bench *bench, unsigned int i, struct workload *workload);
	/* Returns 0, or -1 with sample->err filled. After -1 nothing else is called. */
	int (*setup)(struct sample *sample);
	/* Fill sample->figures. Returns as setup. */
	int (*run)(struct sample *sample);
	/*
	 * Verify, unless run failed, that no object was lost or handed out twice, and free everything.
	 * Fills sample->err when the check fails.
	 */
	void (*teardown)(struct sample *sample);
};

#define SCENARIOS_MAX 64

/* Add a scenario to those that can run. Called before main(); its name must be new. */
void scenario_register(const struct scenario *scenario);

/* All scenarios in the order of a run; NULL at the end. */
const struct scenario *const *scenarios(void);

/* Register a scenario of this file before main() starts. */
#define SCENARIO_REGISTER(name)             \
	RTE_INIT(name##_register)           \
	{                                   \
		scenario_register(&(name)); \
	}

#endif /* BENCH_SCENARIO_H */
