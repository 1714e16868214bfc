/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info plan: the report for people. */

#include <inttypes.h>

#include "plan.h"
#include "words.h"

static void
print_item(const char *name, uint64_t count, uint64_t each, FILE *out)
{
	if (count != 0 && each != 0)
		fprintf(out, "  %-16s %10" PRIu64 " = %" PRIu64 " x %" PRIu64 "\n", name,
			count * each, count, each);
}

static void
print_need(const struct plan *plan, const struct tide_plan_pool *pool, FILE *out)
{
	const struct tide_pool_need *need = &pool->need;
	uint64_t held = ((__uint128_t)need->hold_pps * need->hold_us + 999999) / 1000000;

	print_item("receive queues", need->rx_queues, need->rx_desc, out);
	print_item("transmit queues", need->tx_queues, need->tx_desc, out);
	print_item("bursts of lcores", need->lcores, need->burst, out);
	print_item("caches of lcores", need->lcores, plan_cached(need->cache_size), out);
	if (need->depth != 0)
		fprintf(out, "  %-16s %10u\n", "between stages", need->depth);
	if (held != 0)
		fprintf(out, "  %-16s %10" PRIu64 " = %" PRIu64 " packets/s x %u us\n", "held",
			held, need->hold_pps, need->hold_us);
}

static void
print_command(const struct plan *plan, const struct plan_node *node, FILE *out)
{
	if (node->too_large)
		fprintf(out, "  reserve          not possible: the node has less memory\n");
	else if (node->command[0] != '\0')
		fprintf(out, "  reserve          %s\n", node->command);
	else if (plan->request->page != TIDE_PAGE_4K)
		fprintf(out, "  reserve          nothing: so many pages are free\n");
	fputc('\n', out);
}

/* The main lcore can be on a node without a pool. */
static void
print_main(const struct plan *plan, const struct plan_node *node, FILE *out)
{
	char all[SIZE_TEXT], page[SIZE_TEXT];

	fprintf(out,
		"node %d: no buffers, the main lcore\n"
		"  memory           EAL's own, %s, %" PRIu64 " pages of %s\n",
		node->node, words_size(node->bytes, all), node->pages,
		words_size(node->page_size, page));
	print_command(plan, node, out);
}

static void
print_pool(const struct plan *plan, unsigned int i, FILE *out)
{
	const struct tide_plan_pool *pool = &plan->plan.pool[i];
	const struct plan_node *node = &plan->node[i];
	char bytes[SIZE_TEXT], page[SIZE_TEXT], all[SIZE_TEXT];

	fprintf(out, "node %d: %u buffers\n", pool->node, plan->plan.buffers);
	print_need(plan, pool, out);
	fprintf(out,
		"  memory           %s for buffers of %u bytes; with EAL's own %s, %" PRIu64
		" pages of %s\n",
		words_size(pool->size.bytes, bytes), pool->size.object,
		words_size(node->bytes, all), node->pages, words_size(node->page_size, page));
	print_command(plan, node, out);
}

static void
print_port(const struct plan *plan, unsigned int p, FILE *out)
{
	const struct tide_plan_port *port = &plan->plan.port[p];
	const char *before = " ";

	if (port->facts->node == TIDE_NODE_UNKNOWN)
		fprintf(out, "%s: node not known, buffers of node %d; queues on lcores",
			port->facts->name, plan->plan.pool[port->pool].node);
	else
		fprintf(out, "%s: node %d, buffers of node %d; queues on lcores", port->facts->name,
			port->node, plan->plan.pool[port->pool].node);
	for (unsigned int q = 0; q < plan->plan.nb_queues; q++) {
		if (plan->plan.queue[q].port != p)
			continue;
		fprintf(out, "%s%u", before, plan->plan.lcore[plan->plan.queue[q].lcore].id);
		before = ",";
	}
	fputc('\n', out);
}

void
plan_text(const struct plan *plan, const struct findings *findings, FILE *out)
{
	const struct tide_plan *p = &plan->plan;

	fprintf(out,
		"%u port%s of %u queue%s, %u and %u descriptors, MTU %u, %u bytes per buffer\n\n",
		p->nb_ports, p->nb_ports == 1 ? "" : "s", p->queues, p->queues == 1 ? "" : "s",
		p->port[0].rx_desc, p->port[0].tx_desc, p->port[0].mtu,
		p->data_room - RTE_PKTMBUF_HEADROOM);
	for (unsigned int i = 0; i < p->nb_pools; i++)
		print_pool(plan, i, out);
	if (plan->nb_nodes > p->nb_pools)
		print_main(plan, &plan->node[p->nb_pools], out);
	for (unsigned int i = 0; i < p->nb_ports; i++)
		print_port(plan, i, out);
	fprintf(out, "\nEAL: %s\n", plan->eal);
	if (findings == NULL)
		return;
	fputc('\n', out);
	findings_text(findings, out);
	fprintf(out, "%s: the machine %s\n", findings_result(findings),
		findings_exit(findings) == FINDING_EXIT_WELL ? "can serve this plan"
							     : "cannot serve this plan as it is");
}
