/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_OBSERVE_H
#define INFO_OBSERVE_H

/*
 * The size that the pools of a running program need, by Little's law: packets per second times the age that
 * buffers reach. The pool's own peak then tells how wrong that is.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "error.h"
#include "options.h"

#define OBSERVE_POOLS_MAX  64
#define OBSERVE_OWNERS_MAX 32
#define OBSERVE_PORTS_MAX  64

/* A thread that has buffers of a pool, over all samples. */
struct observed_owner {
	char name[32]; /* "lcore_1". */
	uint64_t first_ms, last_ms; /* When it was seen first and last. */
	double first_age, last_age; /* Milliseconds that it had its oldest buffer then. */
	double age_sum; /* Of all samples. */
	unsigned int samples;
	uint64_t buffers_sum; /* Of all samples. */
};

/* A pool, over all samples. */
struct observed_pool {
	char name[64];
	int node; /* Socket id of the mempool; -1: any. */
	bool tide; /* Its ops are tide: it has a peak and owners. */
	uint64_t size, peak, failures;
	uint32_t cache_size; /* Of the cache of an lcore. */
	uint64_t in_use_max, in_use_sum, cached_max;
	unsigned int samples;
	struct observed_owner owner[OBSERVE_OWNERS_MAX];
	unsigned int nb_owners;
};

struct observed_port {
	unsigned int id;
	int node; /* Its node as DPDK has it; -1: not known. */
	uint64_t first_packets, last_packets;
	uint64_t first_ms, last_ms;
	uint64_t no_buffer; /* Packets lost for lack of a buffer. */
};

/* A running program, over all samples. */
struct observed {
	char program[64];
	pid_t pid; /* 0: not known. */
	struct observed_pool pool[OBSERVE_POOLS_MAX];
	unsigned int nb_pools;
	struct observed_port port[OBSERVE_PORTS_MAX];
	unsigned int nb_ports;
};

/* The conclusions for one pool. */
struct estimate {
	bool by_count; /* Ages say nothing: buffers are counted instead. */
	double pps; /* Packets per second that take its buffers. */
	double age_ms; /* Time that a buffer stays out, of those that turn over. */
	double swing; /* Most buffers out, as a multiple of the mean. */
	uint64_t fixed; /* Buffers that did not turn over: posted, circulating, or lost. */
	uint64_t bursts; /* Buffers that lcores work on. */
	uint64_t cached; /* Buffers that mempool caches can keep. */
	uint64_t counted; /* Most buffers out at once, if by_count. */
	uint64_t predicted; /* Most buffers out at once, with bursts and caches. */
	double error; /* Of the prediction: (predicted - peak) / peak; 0 if there is no peak. */
	uint64_t needed; /* Buffers for the planned rate, with the margin. */
};

/* Add a sample of an owner: the bounds of the age of its oldest buffer, in milliseconds. */
void observe_owner(struct observed_pool *pool, const char *name, uint64_t now_ms, uint64_t buffers,
	uint64_t age_min_ms, uint64_t age_max_ms);

/* Compute. rate: planned packets per second of all ports together, 0: as observed; margin: percent. */
struct estimate observe_estimate(const struct observed *seen, const struct observed_pool *pool,
	uint64_t rate, unsigned int margin);

/* Observe a program for some seconds. 0, or -1 with err filled. */
int observe(struct observed *seen, const char *who, unsigned int seconds, struct app_error *err);

/* Be the command "plan --from". Returns its exit code, or 0 with err filled. */
int observe_run(const struct options *opt, struct app_error *err);

#endif /* INFO_OBSERVE_H */
