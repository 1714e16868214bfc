/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_PLAN_H
#define INFO_PLAN_H

/* The command "plan": how many buffers an application needs on each node, and the memory for them. */

#include "finding.h"
#include "machine.h"
#include "options.h"
#include "tide_plan.h"

/* The memory that EAL needs on one node: a pool, and its own. */
struct plan_node {
	int node;
	uint64_t page_size; /* Bytes in a page. */
	uint64_t pages; /* For the pool and for EAL. */
	uint64_t bytes; /* Of these pages. */
	char command[160]; /* Shell command that reserves what lacks; empty: nothing lacks. */
	bool too_large; /* The node has less memory than that. */
};

/* A plan with all that follows from it. */
struct plan {
	const struct machine *machine;
	const struct plan_request *request;
	struct tide_plan_facts facts;
	struct tide_plan plan;
	int main_cpu; /* CPU of the main lcore. */
	uint64_t pps; /* Packets per second of each port. */
	/* As plan.pool[], and behind them the node of the main lcore if it has no pool. */
	struct plan_node node[RTE_MAX_ETHPORTS + 1];
	unsigned int nb_nodes; /* Entries used in node[]. */
	char eal[4096]; /* Arguments for EAL. */
};

/* Make the plan of a request; the caller calls plan_fini() in any case. 0, or -1 with err filled. */
int plan_init(struct plan *plan, const struct machine *m, const struct plan_request *request,
	struct app_error *err);
void plan_fini(struct plan *plan);

/* Choose the CPUs of the main lcore and of the lcores that poll, for facts with ports. 0, or -1 with err filled. */
int plan_choose_lcores(struct plan *plan, struct app_error *err);

/* Compute the memory of each node; then EAL's arguments: 0, or -1 with err filled. */
void plan_memory(struct plan *plan);
int plan_eal(struct plan *plan, struct app_error *err);

/* Return the packets per second of a request: as they are, or as many as fit its bits per second. */
uint64_t plan_rate(const struct plan_request *request);

/* Return how many buffers a mempool cache of that size keeps at most. */
uint64_t plan_cached(uint32_t cache_size);

/* Compare the plan with the machine. */
void plan_check(const struct plan *plan, struct findings *findings);

/* Write it; findings NULL: none were asked for. */
void plan_text(const struct plan *plan, const struct findings *findings, FILE *out);
void plan_json(const struct plan *plan, const struct findings *findings, FILE *out);

/* Be the command. Returns its exit code, or 0 with err filled. */
int plan_run(const struct options *opt, struct app_error *err);

#endif /* INFO_PLAN_H */
