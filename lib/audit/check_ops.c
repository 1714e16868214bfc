/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds a table of mempool ops that is full, or nearly so. */

#include "audit_internal.h"

void
tidei_check_ops(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	struct tide_audit_finding f = AUDIT_FINDING(TIDE_AUDIT_OPS_TABLE, TIDE_AUDIT_INFO);
	unsigned int left = facts->max_ops - RTE_MIN(facts->nb_ops, facts->max_ops);

	if (left > 1)
		return;
	if (!facts->has_tide_ops)
		f.severity = TIDE_AUDIT_ERROR;
	tidei_audit_figure(&f, "ops", facts->nb_ops);
	tidei_audit_figure(&f, "places", facts->max_ops);
	tidei_audit_note(audit, &f,
		tidei_audit_text(
			"DPDK's table of mempool ops has %u of %u places taken%s; it ignores "
			"ops that find no place",
			facts->nb_ops, facts->max_ops,
			facts->has_tide_ops ? "" : ", and the tide ops are not in it"),
		tidei_audit_text(
			"remove a mempool driver that no program here uses: move all files "
			"librte_mempool_bucket.so* out of EAL's driver directory (EAL does not "
			"start if a driver of another device needs the one removed), or build "
			"DPDK with -Ddisable_drivers=mempool/bucket; do so for all processes that "
			"share mempools"));
}
