/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: the plan for people, and the warnings that follow from it. */

#include <inttypes.h>

#include "plan.h"

static void
print_node(FILE *out, int node)
{
	if (node == TIDE_NODE_UNKNOWN)
		fprintf(out, "node unknown");
	else
		fprintf(out, "node %d", node);
}

static void
print_port(const struct tide_plan *plan, const struct tide_plan_port *port, FILE *out)
{
	int pool = plan->pool[port->pool].node;

	fprintf(out, "port %u %s (%s): ", port->facts->id, port->facts->name, port->facts->driver);
	print_node(out, port->node);
	fprintf(out, " (%s) -> pool of node %d",
		port->node_stated ? "stated" : tide_node_source_name(port->node_source), pool);
	if (port->pool_refusal != NULL)
		fprintf(out, ", the nearest by distance (%u) to node %d",
			tide_topology_distance(plan->topo, port->pool_requested, pool),
			port->pool_requested);
	else if (port->pool_reason == TIDE_PLAN_REASON_STATED)
		fprintf(out, " (stated)");
	fprintf(out,
		"; packets leave by port %u; %u queue(s)%s, %u/%u "
		"descriptors, mtu %u%s\n",
		plan->port[port->peer].facts->id, plan->queues, port->rss != 0 ? " with RSS" : "",
		port->rx_desc, port->tx_desc, port->mtu, port->scatter ? ", scattered" : "");
}

/* Polled from another node: by how much that is slower, where it was measured. */
static void
print_remote(
	const struct tide_plan *plan, const struct fwd_pairs *pairs, unsigned int port, FILE *out)
{
	struct fwd_penalty penalty;

	fprintf(out, " (another node");
	if (fwd_plan_penalty(plan, pairs, port, &penalty) == 0)
		fprintf(out, ", +%u ns per miss", penalty.more);
	fprintf(out, ")");
}

static void
print_lcore(
	const struct tide_plan *plan, const struct fwd_pairs *pairs, unsigned int lcore, FILE *out)
{
	fprintf(out, "lcore %u, ", plan->lcore[lcore].id);
	print_node(out, plan->lcore[lcore].node);
	fprintf(out, ":");
	for (unsigned int i = 0; i < plan->nb_queues; i++) {
		const struct tide_plan_port *port = &plan->port[plan->queue[i].port];

		if (plan->queue[i].lcore != lcore)
			continue;
		fprintf(out, " port %u queue %u", port->facts->id, plan->queue[i].queue);
		if (port->node != plan->lcore[lcore].node)
			print_remote(plan, pairs, plan->queue[i].port, out);
		fprintf(out, ";");
	}
	fprintf(out, "%s\n", plan->lcore[lcore].nb_queues == 0 ? " idle, no queue left" : "");
}

static void
print_pool(const struct tide_plan *plan, const struct tide_plan_pool *pool,
	const struct fwd_options *opts, FILE *out)
{
	fprintf(out,
		"pool of node %d: %u buffers of %u bytes (%u data), %" PRIu64 " bytes in %" PRIu64
		" pages of %" PRIu64 " kB, ops %s, cache %u\n",
		pool->node, pool->size.buffers, pool->size.object, plan->data_room,
		pool->size.bytes, pool->size.pages, pool->size.page_size / 1024, opts->ops,
		plan->conf.cache_size);
	if (pool->size.command[0] != '\0')
		fprintf(out, "  reserve: %s\n", pool->size.command);
}

/* Print the nodes with memory and no CPUs, and what the user can do with them. */
static void
print_tiers(const struct tide_plan *plan, FILE *out)
{
	struct fwd_plan_tier tier;

	for (unsigned int i = 0; fwd_plan_tier(plan, i, &tier) == 0; i++) {
		fprintf(out, "node %d has %" PRIu64 " MB of memory and no CPUs", tier.node,
			tier.bytes >> 20);
		if (tier.near != TIDE_NODE_UNKNOWN)
			fprintf(out, " (distance %u from node %d)", tier.distance, tier.near);
		fprintf(out,
			": no worker's node; a spill tier for tide_pool_conf.nodes and .spill, "
			"or for the buffers of a port with --pool-node '(PORT,%d)'\n",
			tier.node);
	}
}

void
fwd_plan_print(const struct tide_plan *plan, const struct fwd_pairs *pairs,
	const struct fwd_options *opts, FILE *out)
{
	fprintf(out, "plan: mode %s, %u port(s), %u lcore(s), burst %u\n",
		fwd_mode_name(opts->mode), plan->nb_ports, plan->nb_lcores, opts->burst);
	for (unsigned int i = 0; i < plan->nb_ports; i++)
		print_port(plan, &plan->port[i], out);
	for (unsigned int i = 0; i < plan->nb_lcores; i++)
		print_lcore(plan, pairs, i, out);
	for (unsigned int i = 0; i < plan->nb_pools; i++)
		print_pool(plan, &plan->pool[i], opts, out);
	if (opts->flows != 0)
		fprintf(out, "flows: %u MB more on each node with ports\n", opts->flows_memory);
	print_tiers(plan, out);
	for (unsigned int i = 0; i < pairs->nb_pairs; i++) {
		const struct fwd_plan_pair *pair = &pairs->pair[i];

		if (pair->ns != 0)
			fprintf(out, "a miss on node %d takes lcores of node %d %u ns\n", pair->to,
				pair->from, pair->ns);
	}
}

/* Write the figure of a warning, or nothing: not measured, or the buffers are where the lcore is. */
static void
penalty_text(const struct tide_plan *plan, const struct fwd_pairs *pairs, unsigned int p,
	char *text, size_t len)
{
	const struct tide_plan_pool *pool = &plan->pool[plan->port[p].pool];
	const struct tide_plan_lcore *lcore = fwd_plan_poller(plan, p);
	struct fwd_penalty penalty;

	text[0] = '\0';
	if (lcore == NULL || lcore->node == pool->node ||
		fwd_plan_penalty(plan, pairs, p, &penalty) < 0)
		return;
	snprintf(text, len, ": +%u ns per miss measured (%u ns remote, %u ns local)", penalty.more,
		penalty.remote, penalty.local);
}

void
fwd_plan_local_cpus(const struct tide_plan *plan, unsigned int port, char *text, size_t len)
{
	size_t used = 0;
	int node = plan->port[port].node, first = -1;

	text[0] = '\0';
	for (int cpu = 0; cpu <= TIDE_CPU_MAX && used < len; cpu++) {
		bool in = cpu < TIDE_CPU_MAX && tide_topology_cpu_node(plan->topo, cpu) == node &&
		          tide_topology_cpu_allowed(plan->topo, cpu);

		if (in && first < 0)
			first = cpu;
		if (in || first < 0)
			continue;
		used += snprintf(text + used, len - used, "%s%d", used == 0 ? "" : ",", first);
		if (cpu - 1 > first && used < len)
			used += snprintf(text + used, len - used, "-%d", cpu - 1);
		first = -1;
	}
}

int
fwd_plan_warning(const struct tide_plan *plan, const struct fwd_pairs *pairs, unsigned int p,
	char *text, size_t len)
{
	const struct tide_plan_port *port = &plan->port[p];
	const struct tide_plan_lcore *lcore = fwd_plan_poller(plan, p);
	char measured[96], cpus[128];

	if (!port->remote || port->node == TIDE_NODE_UNKNOWN)
		return -1;
	penalty_text(plan, pairs, p, measured, sizeof(measured));
	fwd_plan_local_cpus(plan, p, cpus, sizeof(cpus));
	if (cpus[0] == '\0')
		snprintf(text, len,
			"port %u (%s) is on node %d but polled by lcore %u on node %d%s; its own "
			"node has no CPU this process may use",
			port->facts->id, port->facts->name, port->node, lcore->id, lcore->node,
			measured);
	else
		snprintf(text, len,
			"port %u (%s) is on node %d but polled by lcore %u on node %d%s; lcores "
			"on CPUs %s would be local, give EAL some with -l",
			port->facts->id, port->facts->name, port->node, lcore->id, lcore->node,
			measured, cpus);
	return 0;
}

int
fwd_plan_pool_warning(const struct tide_plan *plan, const struct fwd_pairs *pairs, unsigned int p,
	char *text, size_t len)
{
	const struct tide_plan_port *port = &plan->port[p];
	int node = plan->pool[port->pool].node;
	char measured[96];

	penalty_text(plan, pairs, p, measured, sizeof(measured));
	if (port->pool_refusal != NULL)
		snprintf(text, len,
			"the buffers of port %u (%s) belong on node %d, which cannot give memory "
			"to this process: %s; they come from node %d, the nearest by distance "
			"(%u)%s",
			port->facts->id, port->facts->name, port->pool_requested,
			port->pool_refusal, node,
			tide_topology_distance(plan->topo, port->pool_requested, node), measured);
	else if (port->pool_reason == TIDE_PLAN_REASON_STATED && port->node != TIDE_NODE_UNKNOWN &&
		 node != port->node)
		snprintf(text, len,
			"port %u (%s) is on node %d but --pool-node puts its buffers on node %d "
			"(distance %u)%s; without that option they would be local",
			port->facts->id, port->facts->name, port->node, node,
			tide_topology_distance(plan->topo, port->node, node), measured);
	else
		return -1;
	return 0;
}
