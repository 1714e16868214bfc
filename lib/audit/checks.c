/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The table of checks. */

#include <errno.h>
#include <stdlib.h>

#include "audit_internal.h"

/* In the order in which findings of one severity are listed. */
static const struct {
	tidei_audit_check_fn *check;
	bool of_nodes; /* With one node of memory nothing can be wrong. */
} checks[] = {
	{tidei_check_misuse, false},
	{tidei_check_peaks, false},
	{tidei_check_queues, true},
	{tidei_check_pages, true},
	{tidei_check_polling, true},
	{tidei_check_heaps, true},
	{tidei_check_devices, true},
	{tidei_check_caches, false},
	{tidei_check_dead, false},
	{tidei_check_ops, false},
	{tidei_check_balancing, true},
};

static bool
several_nodes(const struct tide_topology *topo)
{
	unsigned int with_memory = 0;

	for (unsigned int i = 0; i < tide_topology_nb_nodes(topo); i++)
		with_memory += tide_topology_node_at(topo, i)->memory != 0;
	return with_memory > 1;
}

/* Findings of one severity keep their order. */
static void
sort(struct tidei_list *list)
{
	struct tide_audit_finding *f = list->at;

	for (unsigned int i = 1; i < list->nb; i++) {
		struct tide_audit_finding moved = f[i];
		unsigned int j = i;

		for (; j > 0 && f[j - 1].severity < moved.severity; j--)
			f[j] = f[j - 1];
		f[j] = moved;
	}
}

int
tidei_audit_check(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	bool several = several_nodes(facts->topo);

	for (unsigned int i = 0; i < RTE_DIM(checks); i++)
		if (several || !checks[i].of_nodes)
			checks[i].check(audit, facts);
	sort(&audit->findings);
	return audit->failed ? -ENOMEM : 0;
}
