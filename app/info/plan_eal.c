/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info plan: the memory that EAL needs on each node, and its arguments. */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include <rte_common.h>

#include "plan.h"

#define MEGABYTE ((uint64_t)1 << 20)

/*
 * What EAL and drivers take beside the buffers: a part that every program takes, and descriptors with the
 * driver's own record of each.
 */
#define EAL_BYTES        (32 * MEGABYTE)
#define DESCRIPTOR_BYTES 128

/* Bytes that queues of ports on a node need for descriptors. */
static uint64_t
ring_bytes(const struct plan *plan, unsigned int pool)
{
	uint64_t descriptors = 0;

	for (unsigned int i = 0; i < plan->plan.nb_ports; i++) {
		const struct tide_plan_port *port = &plan->plan.port[i];

		if (port->pool == pool)
			descriptors += (uint64_t)plan->plan.queues *
			               ((uint64_t)port->rx_desc + port->tx_desc);
	}
	return descriptors * DESCRIPTOR_BYTES;
}

/* Pages for the buffers of a pool: mempools let no buffer cross a page if it fits into one. */
static uint64_t
pool_pages(const struct tide_pool_size *size)
{
	uint64_t per_page = size->page_size / size->object;

	if (per_page == 0)
		return size->pages;
	return RTE_MAX(size->pages, (size->buffers + per_page - 1) / per_page);
}

/* Fill the entry of a node that needs so many pages for buffers, the last of which have `slack` bytes left. */
static void
add_node(
	struct plan *plan, int id, uint64_t page_size, uint64_t pages, uint64_t slack, uint64_t own)
{
	struct plan_node *node = &plan->node[plan->nb_nodes++];

	*node = (struct plan_node){.node = id, .page_size = page_size, .pages = pages};
	if (slack < own)
		node->pages += (own + page_size - 1) / page_size;
	node->bytes = node->pages * page_size;
	/* Base pages are not reserved. */
	if (plan->request->page == TIDE_PAGE_4K)
		return;
	node->too_large =
		tide_node_reserve_command(tide_topology_node(plan->machine->topo, id), page_size,
			node->pages, node->command, sizeof(node->command)) == -ENOMEM;
}

static bool
has_node(const struct plan *plan, int id)
{
	for (unsigned int i = 0; i < plan->nb_nodes; i++) {
		if (plan->node[i].node == id)
			return true;
	}
	return false;
}

void
plan_memory(struct plan *plan)
{
	uint64_t page_size = plan->plan.pool[0].size.page_size;

	for (unsigned int i = 0; i < plan->plan.nb_pools; i++) {
		const struct tide_plan_pool *pool = &plan->plan.pool[i];
		uint64_t pages = pool_pages(&pool->size);

		add_node(plan, pool->node, page_size, pages, pages * page_size - pool->size.bytes,
			EAL_BYTES + ring_bytes(plan, i));
	}
	/* EAL's heap begins where the main lcore is. */
	if (!has_node(plan, plan->facts.main_node))
		add_node(plan, plan->facts.main_node, page_size, 0, 0, EAL_BYTES);
}

/* Append to the arguments. 0; -1: they do not fit. */
static int append(struct plan *plan, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int
append(struct plan *plan, const char *fmt, ...)
{
	size_t used = strlen(plan->eal);
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(plan->eal + used, sizeof(plan->eal) - used, fmt, ap);
	va_end(ap);
	return len < (int)(sizeof(plan->eal) - used) ? 0 : -1;
}

static bool
is_lcore(const struct plan *plan, int cpu)
{
	for (unsigned int i = 0; i < plan->facts.nb_lcores; i++) {
		if ((int)plan->facts.lcore[i].id == cpu)
			return true;
	}
	return cpu == plan->main_cpu;
}

static int
append_lcores(struct plan *plan)
{
	const char *before = "-l ";
	int rc = 0;

	for (int cpu = 0; cpu < RTE_MAX_LCORE && rc == 0; cpu++) {
		int last = cpu;

		if (!is_lcore(plan, cpu))
			continue;
		while (is_lcore(plan, last + 1))
			last++;
		rc = last == cpu ? append(plan, "%s%d", before, cpu)
		                 : append(plan, "%s%d-%d", before, cpu, last);
		before = ",";
		cpu = last;
	}
	return rc != 0 ? rc : append(plan, " --main-lcore %d", plan->main_cpu);
}

static int
append_devices(struct plan *plan)
{
	int rc = 0;

	for (unsigned int i = 0; i < plan->facts.nb_ports && rc == 0; i++) {
		if (machine_nic(plan->machine, plan->facts.port[i].name) != NULL)
			rc = append(plan, " -a %s", plan->facts.port[i].name);
	}
	return rc;
}

static uint64_t
megabytes_on(const struct plan *plan, int node)
{
	for (unsigned int i = 0; i < plan->nb_nodes; i++) {
		if (plan->node[i].node == node)
			return (plan->node[i].bytes + MEGABYTE - 1) / MEGABYTE;
	}
	return 0;
}

static int
append_memory(struct plan *plan)
{
	uint64_t sum = 0;
	int last = 0, rc = 0;

	for (unsigned int i = 0; i < plan->nb_nodes; i++) {
		sum += megabytes_on(plan, plan->node[i].node);
		last = RTE_MAX(last, plan->node[i].node);
	}
	if (plan->request->page == TIDE_PAGE_4K)
		return append(plan, " --no-huge -m %" PRIu64, sum);
	for (int node = 0; node <= last && rc == 0; node++)
		rc = append(plan, "%s%" PRIu64, node == 0 ? " --socket-mem " : ",",
			megabytes_on(plan, node));
	return rc;
}

int
plan_eal(struct plan *plan, struct app_error *err)
{
	for (unsigned int i = 0; i < plan->nb_nodes; i++) {
		if (plan->node[i].node >= RTE_MAX_NUMA_NODES)
			return app_fail(err, APP_EXIT_USAGE,
				"EAL does not reach node %d: its ids end at %d; use ports of "
				"another node",
				plan->node[i].node, RTE_MAX_NUMA_NODES - 1);
	}
	if (append_lcores(plan) != 0 || append_devices(plan) != 0 || append_memory(plan) != 0)
		return app_fail(
			err, APP_EXIT_USAGE, "EAL's arguments are too long; name fewer ports");
	return 0;
}
