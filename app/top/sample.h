/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_SAMPLE_H
#define TOP_SAMPLE_H

/*
 * What the observed program answers at one time: its pools with the metrics of the library's table, its ports, and
 * the owners of one pool. Rates are over the time between two samples.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "figures.h"
#include "telemetry_client.h"
#include "tide_telemetry.h"

/* Pools of a sample; a program with more is shown without the others. */
#define TOP_POOLS_MAX  4096
/* Things that a program publishes, and owners of a pool; a program with more is shown without the others. */
#define TOP_THINGS_MAX 1024
#define TOP_OWNERS_MAX 1024
/* Bytes of a name; DPDK's are shorter. */
#define TOP_NAME_LEN   128
/* Time of all questions for a sample. */
#define TOP_SAMPLE_MS  5000

struct top_pool {
	char name[TOP_NAME_LEN];
	char ops[TOP_NAME_LEN];
	int64_t node; /* Requested NUMA node; -1: any. */
	uint64_t cache_size;
	struct tide_metric_value value[TOP_METRICS_MAX]; /* In the order of the table. */
	double rate[TOP_METRICS_MAX]; /* Of a counter, per second; NAN: not known. */
};

/* A thing that the program publishes, such as an arena. */
struct top_thing {
	enum tide_metric_scope scope;
	char name[TOP_NAME_LEN];
	struct tide_metric_value value[TOP_METRICS_MAX]; /* In the order of the table. */
	double rate[TOP_METRICS_MAX]; /* As with a pool. */
};

struct top_port {
	unsigned int id;
	char name[TOP_NAME_LEN];
	struct tide_port_sample counters; /* Without what DPDK does not count. */
};

struct top_owner {
	char name[TOP_NAME_LEN]; /* "lcore_3", "thread_77". */
	uint64_t buffers;
	bool aged; /* The ages are known. */
	uint64_t oldest_min_ms, oldest_max_ms;
};

struct top_sample {
	uint64_t ns; /* Of app_now_ns(). */
	double time; /* Seconds since 1970. */
	double seconds; /* Since the sample before; 0: there is none. */
	struct top_pool *pools;
	unsigned int nb_pools;
	unsigned int nb_unanswered; /* Pools that were listed, and are not known by their names. */
	bool cut; /* The list has as many pools as DPDK's telemetry can list. */
	struct top_port *ports;
	unsigned int nb_ports;
	struct top_thing *things; /* Those of a scope follow each other. */
	unsigned int nb_things;
	char owners_of[TOP_NAME_LEN]; /* The pool with these owners; "": none. */
	struct top_owner *owners;
	unsigned int nb_owners;
	char no_owners[256]; /* The reason for which the pool has no owners; "": it has. */
};

/* The i-th metric of a pool; NULL: there is none. */
const struct tide_metric *top_metric(unsigned int i);

/* The place of the metric of a pool with this name; -1: there is none. */
int top_metric_find(const char *name);

/*
 * Ask the program for a sample, with the owners of the named pool; "" or a pool that is gone: none. A pool that ends
 * meanwhile is left out. 0 with *sample filled, for top_sample_fini(); -1 with err filled, and *lost tells whether the
 * connection is lost, else the program has no endpoints of tidepool.
 */
int top_sample_take(struct app_telemetry *client, const char *owners_of, struct top_sample *sample,
	bool *lost, struct app_error *err);

/* Ask for the owners of a pool alone, and replace those of the sample. -1 when the connection is lost. */
int top_sample_owners(struct app_telemetry *client, const char *owners_of,
	struct top_sample *sample, struct app_error *err);

/* Read a metric of a port; a rate is unknown without a sample before. */
struct tide_metric_value top_port_read(const struct tide_metric *m, const struct top_port *port);

/* Compute the rates of a sample from the one before; each pool and port is recognized by its name. */
void top_sample_rates(const struct top_sample *before, struct top_sample *now);

void top_sample_fini(struct top_sample *sample);

/* The pool of a name; NULL: there is none. */
const struct top_pool *top_sample_pool(const struct top_sample *sample, const char *name);

#endif /* TOP_SAMPLE_H */
