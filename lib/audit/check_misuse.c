/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds mempools with the tide ops that refused objects. */

#include <inttypes.h>

#include "audit_internal.h"

static void
check(struct tide_audit *audit, const struct tidei_audit_pool *pool)
{
	struct tide_audit_finding f = AUDIT_FINDING(TIDE_AUDIT_MISUSE, TIDE_AUDIT_ERROR);
	const struct tide_mempool_stats *tide = &pool->tide;

	f.pool = pool->name;
	tidei_audit_figure(&f, "double_free", tide->double_free);
	tidei_audit_figure(&f, "foreign", tide->foreign);
	tidei_audit_figure(&f, "misaligned", tide->misaligned);
	tidei_audit_note(audit, &f,
		tidei_audit_text("mempool %s refused %" PRIu64 " objects that were free already, "
				 "%" PRIu64 " pointers from elsewhere, and %" PRIu64
				 " pointers at which no object begins",
			f.pool, tide->double_free, tide->foreign, tide->misaligned),
		tidei_audit_text(
			"run the program with TIDE_MISUSE=abort and TIDE_CACHE=off: it ends "
			"with a core dump at the faulty free; TIDE_MISUSE=log logs each"));
}

void
tidei_check_misuse(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	TIDEI_LIST_EACH (facts->pools, const struct tidei_audit_pool, pool)
		if (pool->counts && (pool->tide.double_free != 0 || pool->tide.foreign != 0 ||
					    pool->tide.misaligned != 0))
			check(audit, pool);
}
