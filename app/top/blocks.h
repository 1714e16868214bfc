/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_BLOCKS_H
#define TOP_BLOCKS_H

/* The blocks of the screen and of --once, each as lines of text. */

#include "lines.h"
#include "sample.h"
#include "table.h"

/* The observed program. */
struct top_facts {
	char program[64];
	char prefix[256];
	char version[64];
	pid_t pid; /* 0: in another PID namespace. */
	double started; /* Seconds since 1970; 0: not known. */
};

/* Read the time at which a process started, in seconds since 1970; 0: it cannot be read. */
double top_started(pid_t pid);

/* Write the program, its process, its age and its DPDK as one line. */
void top_block_title(const struct top_facts *facts, const struct top_sample *sample,
	const char *more, struct top_lines *lines);

/* Sort by a metric of the table, largest first, or by name, -1; order has room for all pools. */
void top_order(const struct top_sample *sample, int metric, unsigned int *order);

/* Make the table of the pools, in this order. */
void top_block_pools(
	const struct top_sample *sample, const unsigned int *order, struct top_table *table);

/* Tell whether a pool needs attention: it is empty, gets fail, or it refused a pointer. */
bool top_pool_alarm(const struct top_pool *pool);

/* Draw in use '#', cached '+', free '-' and the peak '|' as a bar of that width; text has room for it and a NUL. */
void top_pool_bar(const struct top_pool *pool, unsigned int width, char *text);

/* Nothing where the program has no ports. */
void top_block_ports(const struct top_sample *sample, struct top_lines *lines);

/* A table of the arenas, and one of the flows, each after an empty line; nothing where the program publishes none. */
void top_block_published(const struct top_sample *sample, struct top_lines *lines);

void top_block_owners(const struct top_sample *sample, struct top_lines *lines);

/* The answer to /tide/scan, and that to /tide/audit. */
void top_block_scan(const json_t *answer, struct top_lines *lines);
void top_block_audit(json_t *answer, struct top_lines *lines);

#endif /* TOP_BLOCKS_H */
