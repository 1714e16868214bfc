/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds nodes with a port or an lcore on which EAL has no memory and gets none. */

#include <stdio.h>

#include "audit_internal.h"

/* Memory that EAL needs for rings and tables at least, bytes. */
#define LEAST ((uint64_t)64 << 20)

/* Set what of the program is on a node. */
static bool
is_used(const struct tidei_audit_facts *facts, int node, struct tide_audit_finding *f)
{
	TIDEI_LIST_EACH (facts->ports, const struct tidei_audit_port, port)
		if (port->node == node && f->port == TIDE_AUDIT_NONE)
			f->port = port->id;
	TIDEI_LIST_EACH (facts->lcores, const struct tidei_audit_lcore, lcore)
		if (lcore->node == node && f->lcore_id == TIDE_AUDIT_NONE)
			f->lcore_id = lcore->id;
	return f->port != TIDE_AUDIT_NONE || f->lcore_id != TIDE_AUDIT_NONE;
}

static const char *
user_of(const struct tide_audit_finding *f, char *text, size_t size)
{
	if (f->port != TIDE_AUDIT_NONE)
		snprintf(text, size, "port %u", f->port);
	else
		snprintf(text, size, "lcore %u", f->lcore_id);
	return text;
}

static const char *
reason(const struct tidei_audit_facts *facts, int node)
{
	if (!facts->uses_huge_pages)
		return "EAL runs without huge pages (--no-huge), so its heap does not grow there";
	if (facts->heaps_are_fixed)
		return "--legacy-mem fixes its memory at the start";
	if (!tidei_audit_may_use(facts, node))
		return "the kernel gives this process none there";
	return "no huge page is free there";
}

static char *
remedy(const struct tidei_audit_facts *facts, const struct tidei_audit_heap *heap)
{
	char reserve[256];

	tidei_audit_reserve(facts, heap->node, LEAST, reserve, sizeof(reserve));
	if (facts->uses_huge_pages && !facts->heaps_are_fixed)
		return tidei_audit_text("%s", reserve);
	return tidei_audit_text("%s%sstart with%s and with --socket-mem, which names megabytes for "
				"each node; tide_eal_advise() finds them",
		reserve, reserve[0] == '\0' ? "" : "; then ",
		facts->uses_huge_pages ? "out --legacy-mem" : " huge pages, without --no-huge");
}

void
tidei_check_heaps(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	TIDEI_LIST_EACH (facts->heaps, const struct tidei_audit_heap, heap) {
		struct tide_audit_finding f = AUDIT_FINDING(TIDE_AUDIT_NO_HEAP, TIDE_AUDIT_WARNING);
		bool grows = facts->uses_huge_pages && !facts->heaps_are_fixed &&
		             heap->free_huge != 0 && tidei_audit_may_use(facts, heap->node);
		char user[32];

		if (heap->bytes != 0 || grows || !is_used(facts, heap->node, &f))
			continue;
		f.home = heap->node;
		tidei_audit_figure(&f, "free_huge_bytes", heap->free_huge);
		tidei_audit_note(audit, &f,
			tidei_audit_text(
				"EAL has no memory on node %d, which has %s: %s; its rings, "
				"tables and mempools are on other nodes, or cannot be made",
				f.home, user_of(&f, user, sizeof(user)), reason(facts, f.home)),
			remedy(facts, heap));
	}
}
