/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_PLAN_H
#define FWD_PLAN_H

/*
 * The plan of tide-fwd: which lcore polls which queue, and which pool fills it. It is made before any port
 * is touched. The library plans; here options become its request, and the plan becomes text.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"
#include "interface.h"
#include "options.h"
#include "tide_plan.h"

/*
 * Make a plan of the ports and nodes that the options name. On failure -1 with the sentence in err and
 * nothing to free. tide_plan_fini() frees the plan.
 */
int fwd_plan_make(struct tide_plan *plan, const struct fwd_options *opts,
	const struct tide_plan_facts *facts, struct app_error *err);

/* Count the ports whose buffers are on another node than they are. */
unsigned int fwd_plan_elsewhere(const struct tide_plan *plan);

/* Memory of a node without CPUs. */
struct fwd_plan_tier {
	int node;
	uint64_t bytes;
	int near; /* The nearest node with CPUs, TIDE_NODE_UNKNOWN when there is none, */
	unsigned int distance; /* and how far that is. */
};

/* Find the i-th nearest to the first pool; -1 when there are no more. */
int fwd_plan_tier(const struct tide_plan *plan, unsigned int i, struct fwd_plan_tier *tier);

/* Lcores of one node, and memory they read. */
struct fwd_plan_pair {
	int from; /* Node of the lcores. */
	int to; /* Node of the buffers they poll into; or theirs, to compare with. */
	bool remote; /* For a port whose buffers are not on the node it is polled from. */
	uint32_t ns; /* Per miss; 0: not measured. */
};

/* The pairs of a plan. */
struct fwd_pairs {
	/* A port is polled from one node, and that node is a pair with itself and with the pool's. */
	struct fwd_plan_pair pair[2 * RTE_MAX_ETHPORTS];
	unsigned int nb_pairs;
};

/*
 * One of the lcores that poll a port, for all of them: they are on one node, except those whose node is
 * not known. NULL when no node is known.
 */
const struct tide_plan_lcore *fwd_plan_poller(const struct tide_plan *plan, unsigned int port);

/* List the pairs of a plan, with the figures that its topology has. */
void fwd_plan_pairs(struct fwd_pairs *pairs, const struct tide_plan *plan);

/* Tell whether the user wants a pair measured. */
bool fwd_plan_measures(const struct fwd_options *opts, const struct fwd_plan_pair *pair);

/* Take the figures of the pairs from the topology again, when it has learnt more. */
void fwd_plan_latencies(struct fwd_pairs *pairs, const struct tide_topology *topo);

/* Nanoseconds per miss. */
struct fwd_penalty {
	uint32_t remote; /* What the lcores of a port wait for its buffers, */
	uint32_t local; /* for memory of their own node, */
	uint32_t more; /* and the first over the second; 0 when it is not more. */
};

/* What it costs that a port is polled from where it is; -1 when that was not measured. */
int fwd_plan_penalty(const struct tide_plan *plan, const struct fwd_pairs *pairs, unsigned int port,
	struct fwd_penalty *penalty);

/* Write the plan for people. */
void fwd_plan_print(const struct tide_plan *plan, const struct fwd_pairs *pairs,
	const struct fwd_options *opts, FILE *out);

/* Room for the text of a warning. */
#define FWD_WARNING_LEN 768

/*
 * Write the warning about a port polled from another node into text[len]; -1 when there is none.
 */
int fwd_plan_warning(const struct tide_plan *plan, const struct fwd_pairs *pairs, unsigned int port,
	char *text, size_t len);

/*
 * Write the warning about a port whose buffers are not on its node, or not where they were requested.
 */
int fwd_plan_pool_warning(const struct tide_plan *plan, const struct fwd_pairs *pairs,
	unsigned int port, char *text, size_t len);

/* List the CPUs of a port's node that this process may use, as the kernel writes lists. */
void fwd_plan_local_cpus(const struct tide_plan *plan, unsigned int port, char *text, size_t len);

/*
 * Write the warning about the interface of the kernel below a port: it loses checksums or cuts frames, and no
 * counter shows that. The commands that help are in it. interfaces[] is by port id.
 */
int fwd_plan_interface_warning(const struct tide_plan *plan, const struct fwd_interface *interfaces,
	unsigned int port, char *text, size_t len);

/*
 * What cannot be known of that interface and may need a command elsewhere: the other end of its pair. As
 * fwd_plan_interface_warning().
 */
int fwd_plan_interface_note(const struct tide_plan *plan, const struct fwd_interface *interfaces,
	unsigned int port, char *text, size_t len);

#endif /* FWD_PLAN_H */
