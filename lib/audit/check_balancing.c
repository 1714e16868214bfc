/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds a kernel that moves pages between nodes by itself. */

#include "audit_internal.h"

void
tidei_check_balancing(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	struct tide_audit_finding f = AUDIT_FINDING(TIDE_AUDIT_NUMA_BALANCING, TIDE_AUDIT_INFO);
	unsigned int loose = 0;

	if (!facts->balances || facts->pools.nb == 0)
		return;
	TIDEI_LIST_EACH (facts->pools, const struct tidei_audit_pool, pool) {
		if (pool->loose && loose++ == 0)
			f.pool = pool->name;
	}
	if (loose != 0)
		f.severity = TIDE_AUDIT_WARNING;
	tidei_audit_figure(&f, "mempools_it_can_move", loose);
	tidei_audit_note(audit, &f,
		loose != 0 ? tidei_audit_text(
				     "numa_balancing is on, and %u mempools have pages that it "
				     "can move to another node, first %s",
				     loose, f.pool)
			   : tidei_audit_text(
				     "numa_balancing is on: it does not move pages of mempools, "
				     "but its page faults delay lcores that use other memory"),
		tidei_audit_text("sysctl -w kernel.numa_balancing=0%s",
			loose != 0 ? ", or start EAL with huge pages" : ""));
}
