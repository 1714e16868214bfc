/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: the arena of flow accounting, the accounts of the lcores, their registration. */

#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_random.h>

#include "flows.h"
#include "tide_topology.h"

/* Bytes of a chunk: a table and as much again for records. */
#define CHUNK_SIZE   UINT32_C(65536)
#define CHUNKS_OF_MB (UINT32_C(1048576) / CHUNK_SIZE)
static_assert(2 * sizeof(struct fwd_flow_table) <= CHUNK_SIZE, "a table leaves room in its chunk");

/* Chunks an lcore has at least: one for the interval that is counted, one for that before it. */
#define CHUNKS_OF_LCORE 2

static int
check_memory(const struct fwd_flows *flows, const struct fwd_options *opts, struct app_error *err)
{
	uint32_t chunks = flows->nb_lcores * CHUNKS_OF_LCORE;
	uint32_t least = (chunks + CHUNKS_OF_MB - 1) / CHUNKS_OF_MB;

	if (opts->flows_memory >= least)
		return 0;
	return app_fail(err, APP_EXIT_USAGE,
		"--flows-memory %u: %u lcores need at least %u (MB on each node)",
		opts->flows_memory, flows->nb_lcores, least);
}

int
fwd_flows_node(const struct tide_plan *plan, unsigned int port)
{
	int own = plan->port[port].node;
	const struct tide_node *node = tide_topology_node(plan->topo, own);

	if (node != NULL && tide_node_refusal(node) == NULL)
		return own;
	return plan->pool[plan->port[port].pool].node;
}

/* Each once. */
static void
collect_nodes(struct fwd_flows *flows, const struct tide_plan *plan)
{
	for (unsigned int port = 0; port < plan->nb_ports; port++) {
		int node = fwd_flows_node(plan, port);
		unsigned int i = 0;

		while (i < flows->nb_nodes && flows->node[i] != node)
			i++;
		if (i == flows->nb_nodes)
			flows->node[flows->nb_nodes++] = node;
	}
}

static int
make_arena(struct fwd_flows *flows, const struct tide_plan *plan, const struct fwd_options *opts,
	struct app_error *err)
{
	struct tide_arena_conf conf = {
		.name = "tide_fwd_flows",
		.topo = plan->topo,
		.nodes = flows->node,
		.nb_nodes = flows->nb_nodes,
		.chunk_size = CHUNK_SIZE,
		.chunks = opts->flows_memory * CHUNKS_OF_MB,
		/* The one that is counted, the one before it, and one to spare. */
		.epochs = 3,
		.enforce = opts->strict ? TIDE_ENFORCE_STRICT : TIDE_ENFORCE_BEST_EFFORT,
	};

	flows->arena = tide_arena_create(&conf);
	if (flows->arena == NULL)
		return app_fail(err, APP_EXIT_RUN,
			"no memory for flows, %u MB on each of %u node(s): %s; give less "
			"--flows-memory",
			opts->flows_memory, conf.nb_nodes, rte_strerror(rte_errno));
	return 0;
}

/* Of the first port an lcore polls. */
static int
home_of(const struct tide_plan *plan, unsigned int lcore)
{
	unsigned int i = 0;

	while (plan->queue[i].lcore != lcore)
		i++;
	return fwd_flows_node(plan, plan->queue[i].port);
}

static struct fwd_flow_lcore *
make_account(const struct tide_plan_lcore *lcore)
{
	size_t align = alignof(struct fwd_flow_lcore);
	struct fwd_flow_lcore *account = NULL;

	if (lcore->node != TIDE_NODE_UNKNOWN)
		account = rte_zmalloc_socket("fwd_flows", sizeof(*account), align, lcore->node);
	/* As with its queues. */
	return account != NULL ? account : rte_zmalloc("fwd_flows", sizeof(*account), align);
}

static int
make_accounts(struct fwd_flows *flows, const struct tide_plan *plan, struct fwd_lcore *lcore,
	struct app_error *err)
{
	struct fwd_flow_secret secret;

	for (unsigned int i = 0; i < RTE_DIM(secret.word); i++)
		secret.word[i] = rte_rand();
	for (unsigned int i = 0; i < plan->nb_lcores; i++) {
		struct fwd_flow_lcore *account;

		if (plan->lcore[i].nb_queues == 0)
			continue;
		account = make_account(&plan->lcore[i]);
		if (account == NULL)
			return app_fail(err, APP_EXIT_RUN,
				"EAL has no memory left for the flows of lcore %u",
				plan->lcore[i].id);
		account->id = plan->lcore[i].id;
		account->node = plan->lcore[i].node;
		account->home = home_of(plan, i);
		/* The same for all, or their tables could not be merged. */
		account->secret = secret;
		lcore[i].flows = account;
		flows->lcore[flows->nb_lcores++] = account;
	}
	return 0;
}

static int
make_reports(struct fwd_flows *flows, uint32_t most, struct app_error *err)
{
	struct fwd_flow_report *const reports[] = {
		&flows->next, &flows->complete, &flows->busiest, &flows->unfinished};

	flows->heap.most = most;
	flows->heap.heap = calloc(most, sizeof(flows->heap.heap[0]));
	if (flows->heap.heap == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory for %u flows", most);
	for (unsigned int i = 0; i < RTE_DIM(reports); i++) {
		reports[i]->top = calloc(most, sizeof(reports[i]->top[0]));
		if (reports[i]->top == NULL)
			return app_fail(err, APP_EXIT_RUN, "out of memory for %u flows", most);
	}
	return 0;
}

struct fwd_flows *
fwd_flows_create(const struct tide_plan *plan, const struct fwd_options *opts,
	struct fwd_lcore *lcore, struct app_error *err)
{
	struct fwd_flows *flows = calloc(1, sizeof(*flows));

	if (flows == NULL) {
		app_fail(err, APP_EXIT_RUN, "out of memory for flows");
		return NULL;
	}
	collect_nodes(flows, plan);
	flows->period = fwd_options_flows_interval(opts) * UINT64_C(1000000000);
	if (make_reports(flows, opts->flows, err) < 0 ||
		make_accounts(flows, plan, lcore, err) < 0 || check_memory(flows, opts, err) < 0 ||
		make_arena(flows, plan, opts, err) < 0) {
		fwd_flows_free(flows);
		return NULL;
	}
	for (unsigned int i = 0; i < flows->nb_lcores; i++) {
		flows->lcore[i]->arena = flows->arena;
		flows->lcore[i]->reader = UINT32_MAX;
		flows->lcore[i]->epoch = tide_arena_epoch(flows->arena);
	}
	return flows;
}

/* On the lcore itself: the arena knows readers by their threads. */
static int
register_lcore(void *arg)
{
	struct fwd_flow_lcore *me = arg;
	int reader = tide_arena_reader_register(me->arena, NULL);

	if (reader >= 0)
		me->reader = reader;
	return reader < 0 ? reader : 0;
}

int
fwd_flows_register(struct fwd_flows *flows, struct app_error *err)
{
	for (unsigned int i = 0; i < flows->nb_lcores; i++) {
		struct fwd_flow_lcore *lcore = flows->lcore[i];
		int rc;

		if (lcore->id == rte_lcore_id()) {
			rc = register_lcore(lcore);
		} else {
			rc = rte_eal_remote_launch(register_lcore, lcore, lcore->id);
			if (rc == 0)
				rc = rte_eal_wait_lcore(lcore->id);
		}
		if (rc < 0)
			return app_fail(err, APP_EXIT_RUN, "lcore %u cannot count flows: %s",
				lcore->id, strerror(-rc));
	}
	return 0;
}

void
fwd_flows_free(struct fwd_flows *flows)
{
	if (flows == NULL)
		return;
	fwd_flows_withdraw(flows);
	for (unsigned int i = 0; i < flows->nb_lcores; i++) {
		if (flows->arena != NULL && flows->lcore[i]->reader != UINT32_MAX)
			tide_arena_reader_unregister(flows->arena, flows->lcore[i]->reader);
		rte_free(flows->lcore[i]);
	}
	tide_arena_free(flows->arena);
	free(flows->heap.heap);
	free(flows->next.top);
	free(flows->complete.top);
	free(flows->busiest.top);
	free(flows->unfinished.top);
	free(flows);
}
