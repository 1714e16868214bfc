/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: one run from facts to summary, each step undone in reverse. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include "devices.h"
#include "fwd.h"
#include "modes.h"
#include "placement.h"
#include "signals.h"
#include "summary.h"

/* Packets freed per queue when the program stops: a software ring holds fewer, a generator more. */
#define DRAIN_MAX 65536

#define SET_NAME "tide_fwd"

static int
check_ops(const char *name, struct app_error *err)
{
	char known[256] = "";
	size_t used = 0;

	for (unsigned int i = 0; i < rte_mempool_ops_table.num_ops; i++) {
		const char *ops = rte_mempool_ops_table.ops[i].name;

		if (strcmp(ops, name) == 0)
			return 0;
		if (used < sizeof(known))
			used += snprintf(known + used, sizeof(known) - used, "%s%s",
				i == 0 ? "" : ", ", ops);
	}
	return app_fail(
		err, APP_EXIT_USAGE, "--ops %s: no such mempool ops; there are %s", name, known);
}

static int
read_facts(struct fwd *fwd, struct app_error *err)
{
	struct tide_plan_facts *facts = &fwd->facts;
	int rc = tide_plan_read(fwd->topo, facts);

	if (rc < 0)
		return app_fail(err, APP_EXIT_RUN,
			"port %u cannot be asked: %s; leave it out with --ports",
			facts->port[facts->nb_ports].id, strerror(-rc));
	for (unsigned int i = 0; i < facts->nb_ports; i++) {
		const struct tide_port_facts *port = &facts->port[i];

		fwd_interface_read(&fwd->interface[port->id], port->if_index);
	}
	return 0;
}

static int
make_plan(struct fwd *fwd, struct app_error *err)
{
	if (check_ops(fwd->opts->ops, err) < 0 || fwd_devices_check(err) < 0 ||
		read_facts(fwd, err) < 0 ||
		fwd_plan_make(&fwd->plan, fwd->opts, &fwd->facts, err) < 0)
		return -1;
	fwd_plan_pairs(&fwd->pairs, &fwd->plan);
	return 0;
}

/*
 * Time the memory that lcores read, where it is asked for. A measurement that fails stops nothing:
 * the log of the library has the reason.
 */
static void
measure_latencies(struct fwd *fwd)
{
	for (unsigned int i = 0; i < fwd->pairs.nb_pairs; i++) {
		const struct fwd_plan_pair *pair = &fwd->pairs.pair[i];
		int rc;

		if (!fwd_plan_measures(fwd->opts, pair))
			continue;
		rc = tide_topology_measure(fwd->topo, pair->from, pair->to);
		/* A failure for other reasons than these nodes is one for all nodes; it is logged once. */
		if (rc < 0 && rc != -ENODEV && rc != -ENOMEM)
			break;
	}
	fwd_plan_latencies(&fwd->pairs, fwd->topo);
}

/* Fill err with the node that has too little memory, and what to do. */
static int
no_pool(const struct fwd *fwd, const struct tide_placement *failed, struct app_error *err)
{
	if (failed->reason[0] == '\0')
		return app_fail(err, APP_EXIT_RUN,
			"no pool of %u buffers on each of %u node(s): %s; the log above says more",
			fwd->plan.buffers, fwd->plan.nb_pools, rte_strerror(rte_errno));
	return app_fail(err, APP_EXIT_RUN,
		"%sno pool of %u buffers (%" PRIu64 " kB, pages %s) on node %d: %s%s%s",
		fwd->opts->strict ? "--strict: " : "", fwd->plan.buffers,
		fwd->plan.pool[0].size.bytes / 1024, tide_page_name(failed->page),
		failed->requested, failed->reason, failed->hint[0] == '\0' ? "" : ": ",
		failed->hint);
}

static int
make_pool(struct fwd *fwd, struct app_error *err)
{
	struct tide_placement failed = {.requested = TIDE_NODE_UNKNOWN};
	bool strict = fwd->opts->strict;
	struct tide_pool_conf conf = tide_plan_pool_conf(&fwd->plan, SET_NAME);

	conf.ops = fwd->opts->ops;
	conf.backing = fwd->opts->backing;
	conf.enforce = strict ? TIDE_ENFORCE_STRICT : TIDE_ENFORCE_BEST_EFFORT;
	conf.failed = &failed;
	/* Strict means huge pages, unless others were asked for by name. */
	if (strict && conf.page == TIDE_PAGE_AUTO)
		conf.page = TIDE_PAGE_HUGE;
	fwd->pool = tide_pool_create(&conf);
	if (fwd->pool == NULL)
		return no_pool(fwd, &failed, err);
	return 0;
}

static struct fwd_queue *
lcore_block(const struct tide_topology *topo, const struct tide_plan_lcore *lcore)
{
	size_t len = lcore->nb_queues * sizeof(struct fwd_queue);
	struct fwd_queue *block = NULL;
	int node;

	if (tide_topology_nearest(topo, lcore->node, true, &node, 1) == 1)
		block = rte_zmalloc_socket("fwd_queue", len, RTE_CACHE_LINE_SIZE, node);
	/* EAL may have no memory on that node; a line or two from elsewhere does no harm. */
	if (block == NULL)
		block = rte_zmalloc("fwd_queue", len, RTE_CACHE_LINE_SIZE);
	return block;
}

static int
make_lcores(struct fwd *fwd, struct app_error *err)
{
	fwd->queue = calloc(fwd->plan.nb_queues, sizeof(fwd->queue[0]));
	if (fwd->queue == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory for queues");
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++) {
		struct fwd_lcore *lcore = &fwd->lcore[i];

		lcore->id = fwd->plan.lcore[i].id;
		lcore->node = fwd->plan.lcore[i].node;
		lcore->burst = fwd->opts->burst;
		lcore->mode = fwd->opts->mode;
		lcore->stop = &fwd->stop;
		lcore->monitor = fwd->monitor;
		if (fwd->plan.lcore[i].nb_queues == 0)
			continue;
		lcore->queue = lcore_block(fwd->topo, &fwd->plan.lcore[i]);
		if (lcore->queue == NULL)
			return app_fail(err, APP_EXIT_RUN,
				"EAL has no memory left for the queues of lcore %u", lcore->id);
	}
	for (unsigned int i = 0; i < fwd->plan.nb_queues; i++) {
		const struct tide_plan_queue *at = &fwd->plan.queue[i];
		struct fwd_lcore *lcore = &fwd->lcore[at->lcore];

		fwd->queue[i] = &lcore->queue[lcore->nb_queues++];
		fwd->queue[i]->rx_port = fwd->plan.port[at->port].facts->id;
		fwd->queue[i]->tx_port = fwd->plan.port[fwd->plan.port[at->port].peer].facts->id;
		fwd->queue[i]->rx_queue = at->queue;
		fwd->queue[i]->tx_queue = at->queue;
		fwd->queue[i]->node = fwd_flows_node(&fwd->plan, at->port);
	}
	return 0;
}

static int
make_flows(struct fwd *fwd, struct app_error *err)
{
	if (fwd->opts->flows == 0)
		return 0;
	fwd->flows = fwd_flows_create(&fwd->plan, fwd->opts, fwd->lcore, err);
	if (fwd->flows == NULL)
		return -1;
	fwd_flows_print_memory(fwd->flows, stdout);
	fflush(stdout);
	return fwd_flows_register(fwd->flows, err) < 0 ? -1 : fwd_flows_publish(fwd->flows, err);
}

static int
map_pools(struct fwd *fwd, unsigned int i, struct app_error *err)
{
	const struct tide_plan_port *port = &fwd->plan.port[i];
	struct rte_mempool *mps[2] = {fwd->port[i].mp, fwd->port[port->peer].mp};

	for (unsigned int m = 0; m < 2; m++) {
		int rc = tide_pool_dma_map(fwd->pool, mps[m], port->facts->id);

		if (rc < 0)
			return app_fail(err, APP_EXIT_RUN,
				"port %u (%s) cannot reach the buffers of its pool: %s; huge "
				"pages of EAL (no --no-huge) are reachable",
				port->facts->id, port->facts->name, strerror(-rc));
	}
	return 0;
}

static int
open_ports(struct fwd *fwd, struct app_error *err)
{
	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		const struct tide_plan_port *port = &fwd->plan.port[i];

		fwd->port[i].plan = port;
		fwd->port[i].interface = &fwd->interface[port->facts->id];
		fwd->port[i].mp = tide_pool_on(fwd->pool, fwd->plan.pool[port->pool].node);
	}
	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		if (map_pools(fwd, i, err) < 0 ||
			fwd_port_open(&fwd->port[i], &fwd->plan, fwd->opts, err) < 0)
			return -1;
	}
	for (unsigned int i = 0; i < fwd->plan.nb_queues; i++) {
		unsigned int peer = fwd->plan.port[fwd->plan.queue[i].port].peer;

		fwd->queue[i]->addr[0] = fwd_mac_destination(fwd->plan.port[peer].facts->id);
		fwd->queue[i]->addr[1] = fwd->port[peer].mac;
	}
	return 0;
}

static void
drain(struct fwd *fwd)
{
	for (unsigned int i = 0; i < fwd->plan.nb_queues; i++)
		fwd->port[fwd->plan.queue[i].port].drained +=
			fwd_loop_drain(fwd->queue[i], DRAIN_MAX);
}

static void
warn(const struct fwd *fwd)
{
	char text[FWD_WARNING_LEN];

	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		if (fwd_plan_warning(&fwd->plan, &fwd->pairs, i, text, sizeof(text)) == 0)
			fprintf(stderr, "tide-fwd: warning: %s\n", text);
		if (fwd_plan_pool_warning(&fwd->plan, &fwd->pairs, i, text, sizeof(text)) == 0)
			fprintf(stderr, "tide-fwd: warning: %s\n", text);
		if (fwd_plan_interface_warning(&fwd->plan, fwd->interface, i, text, sizeof(text)) ==
			0)
			fprintf(stderr, "tide-fwd: warning: %s\n", text);
		if (fwd_plan_interface_note(&fwd->plan, fwd->interface, i, text, sizeof(text)) == 0)
			fprintf(stderr, "tide-fwd: %s\n", text);
	}
}

static int
report(const struct fwd *fwd)
{
	fwd_summary_print(fwd, stdout);
	if (fwd->opts->json)
		fwd_summary_json(fwd, stdout);
	fflush(stdout);
	return fwd_summary_accounted(fwd) ? 0 : APP_EXIT_RUN;
}

/* From pool to summary. */
static int
forward(struct fwd *fwd, struct app_error *err)
{
	int rc = -1;

	if (make_pool(fwd, err) < 0)
		goto close;
	fwd->monitor = tide_monitor_create(
		&(struct tide_monitor_conf){.pool = fwd->pool, .topo = fwd->topo});
	if (fwd->monitor == NULL) {
		app_fail(err, APP_EXIT_RUN, "out of memory for the monitor of placement");
		goto close;
	}
	fwd_pools_print_made(fwd, stdout);
	fflush(stdout);
	if (make_lcores(fwd, err) < 0 || make_flows(fwd, err) < 0 || open_ports(fwd, err) < 0)
		goto close;
	fwd_control(fwd);
	if (fwd->nb_stuck != 0) {
		fwd_pools_poll(fwd->pool_state, fwd->pool);
		report(fwd);
		return APP_EXIT_RUN;
	}
	drain(fwd);
	if (fwd->opts->check != 0)
		tide_monitor_check_pages(fwd->monitor);
	rc = 0;
close:
	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++)
		fwd_port_close(&fwd->port[i]);
	if (rc == 0) {
		fwd_pools_poll(fwd->pool_state, fwd->pool);
		rc = report(fwd);
	}
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++)
		rte_free(fwd->lcore[i].queue);
	free(fwd->queue);
	fwd_flows_free(fwd->flows);
	tide_monitor_free(fwd->monitor);
	/* The set refuses while buffers are out. Those that a driver lost stay out; the summary has them. */
	if (rc != 0 || fwd_summary_all_back(fwd))
		tide_pool_free(fwd->pool);
	return rc;
}

static int
plan_and_forward(struct fwd *fwd, struct app_error *err)
{
	int rc;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return app_fail(err, APP_EXIT_USAGE, FWD_PRIMARY_ONLY);
	fwd->topo = tide_topology_create();
	if (fwd->topo == NULL)
		return app_fail(err, APP_EXIT_RUN, "the machine cannot be read: %s",
			rte_strerror(rte_errno));
	if (make_plan(fwd, err) < 0)
		return -1;
	measure_latencies(fwd);
	fwd_plan_print(&fwd->plan, &fwd->pairs, fwd->opts, stdout);
	fflush(stdout);
	warn(fwd);
	if (fwd->opts->dry_run) {
		if (fwd->opts->json)
			fwd_plan_json(&fwd->plan, &fwd->pairs, fwd->opts, stdout);
		rc = 0;
	} else {
		rc = forward(fwd, err);
	}
	if (fwd->nb_stuck != 0)
		return rc;
	tide_plan_fini(&fwd->plan);
	return rc;
}

int
fwd_run(const struct fwd_options *opts, bool *stuck)
{
	struct app_error err = {.code = 0};
	struct fwd *fwd = aligned_alloc(alignof(struct fwd), sizeof(*fwd));
	int rc;

	if (fwd == NULL) {
		fprintf(stderr, "tide-fwd: out of memory\n");
		return APP_EXIT_RUN;
	}
	memset(fwd, 0, sizeof(*fwd));
	fwd->opts = opts;
	rc = plan_and_forward(fwd, &err);
	if (rc < 0) {
		fprintf(stderr, "tide-fwd: %s\n", err.text);
		rc = err.code;
	}
	*stuck = fwd->nb_stuck != 0;
	if (*stuck)
		return rc;
	tide_topology_free(fwd->topo);
	free(fwd);
	return rc;
}
