/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds pages of mempools that are on another node than the one requested. */

#include <inttypes.h>
#include <stdio.h>

#include "audit_internal.h"

/* Return the node that has most of the pages that are away. */
static int
elsewhere(const struct tidei_audit_pool *pool)
{
	for (unsigned int i = 0; i < pool->found.nb_found; i++)
		if (pool->found.found[i].node >= 0 && pool->found.found[i].node != pool->node)
			return pool->found.found[i].node;
	return TIDE_NODE_UNKNOWN;
}

/* Tell whether something of the program is on a node by right. */
static bool
is_used(const struct tidei_audit_facts *facts, int node)
{
	TIDEI_LIST_EACH (facts->pools, const struct tidei_audit_pool, pool)
		if (pool->node == node)
			return true;
	TIDEI_LIST_EACH (facts->ports, const struct tidei_audit_port, port)
		if (port->node == node)
			return true;
	TIDEI_LIST_EACH (facts->lcores, const struct tidei_audit_lcore, lcore)
		if (lcore->node == node || lcore->node == TIDE_NODE_UNKNOWN)
			return true;
	return false;
}

/* migratepages(8) moves all pages that the process has on a node. */
static char *
remedy(const struct tidei_audit_facts *facts, const struct tide_audit_finding *f, uint64_t bytes)
{
	char prepare[384], move[128] = "";

	tidei_audit_prepare(facts, f->home, bytes, prepare, sizeof(prepare));
	if (facts->uses_huge_pages && !is_used(facts, f->node))
		snprintf(move, sizeof(move),
			"migratepages %d %d %d moves the pages that no device has pinned; else ",
			facts->pid, f->node, f->home);
	return tidei_audit_text(
		"%s%screate the mempool again with socket_id %d", move, prepare, f->home);
}

static void
check(struct tide_audit *audit, const struct tidei_audit_facts *facts,
	const struct tidei_audit_pool *pool)
{
	struct tide_audit_finding f = AUDIT_FINDING(TIDE_AUDIT_PAGES_AWAY, TIDE_AUDIT_WARNING);
	uint64_t away = pool->found.pages - pool->found.local - pool->found.unknown;
	char size[32] = "";

	if (pool->node == TIDE_NODE_UNKNOWN || away == 0)
		return;
	f.pool = pool->name;
	f.home = pool->node;
	f.node = elsewhere(pool);
	tidei_audit_figure(&f, "pages_away", away);
	tidei_audit_figure(&f, "pages", pool->found.pages);
	if (!pool->mixed) {
		tidei_audit_figure(&f, "page_size", pool->found.page_size);
		snprintf(size, sizeof(size), " of %" PRIu64 " kB", pool->found.page_size >> 10);
	}
	tidei_audit_note(audit, &f,
		tidei_audit_text("mempool %s was requested on node %d, but %" PRIu64
				 " of its %" PRIu64
				 " pages%s are on other nodes, most of them on node %d",
			f.pool, f.home, away, pool->found.pages, size, f.node),
		remedy(facts, &f, pool->away));
}

void
tidei_check_pages(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	TIDEI_LIST_EACH (facts->pools, const struct tidei_audit_pool, pool) {
		check(audit, facts, pool);
		if (pool->external)
			tidei_audit_cannot_know(audit,
				tidei_audit_text("the data of mempool %s is in external buffers, "
						 "whose node is not checked",
					pool->name));
		if (pool->refused)
			tidei_audit_cannot_know(audit,
				tidei_audit_text("the kernel does not tell where the pages of "
						 "mempool %s are",
					pool->name));
		else if (pool->found.unknown != 0)
			tidei_audit_cannot_know(audit,
				tidei_audit_text("%" PRIu64 " pages of mempool %s are in no memory "
						 "now, so they have no node",
					pool->found.unknown, pool->name));
	}
}
