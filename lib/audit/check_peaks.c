/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds mempools with the tide ops that were empty, or nearly so. */

#include <inttypes.h>

#include "audit_internal.h"

/* A reserve of less than one in so many objects is too small. */
#define RESERVE 16

static bool
is_close(const struct tidei_audit_pool *pool)
{
	return pool->tide.peak > pool->size || pool->size - pool->tide.peak < pool->size / RESERVE;
}

/* The advice keeps a fifth of the objects free at the peak. */
static char *
remedy(const struct tidei_audit_pool *pool)
{
	uint64_t size = (uint64_t)pool->tide.peak + pool->tide.peak / 4;

	return tidei_audit_text(
		"create it with at least %" PRIu64 " objects, or find out who has them: "
		"tide_mempool_owners(), tide_locate_create(), /tide/owners,%s, /tide/scan,%s",
		size, pool->name, pool->name);
}

static void
check(struct tide_audit *audit, const struct tidei_audit_pool *pool)
{
	struct tide_audit_finding f = AUDIT_FINDING(TIDE_AUDIT_NEAR_PEAK, TIDE_AUDIT_WARNING);
	char *fact;

	f.pool = pool->name;
	tidei_audit_figure(&f, "peak", pool->tide.peak);
	tidei_audit_figure(&f, "size", pool->size);
	tidei_audit_figure(&f, "failures", pool->tide.failures);
	if (pool->tide.failures != 0) {
		f.severity = TIDE_AUDIT_ERROR;
		fact = tidei_audit_text("%" PRIu64 " gets of mempool %s failed, because too few of "
					"its %u objects were free; at most %u were out at once",
			pool->tide.failures, f.pool, pool->size, pool->tide.peak);
	} else {
		fact = tidei_audit_text(
			"of the %u objects of mempool %s up to %u were out at once: "
			"it was nearly empty",
			pool->size, f.pool, pool->tide.peak);
	}
	tidei_audit_note(audit, &f, fact, remedy(pool));
}

void
tidei_check_peaks(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	TIDEI_LIST_EACH (facts->pools, const struct tidei_audit_pool, pool)
		if (pool->counts && (pool->tide.failures != 0 || is_close(pool)))
			check(audit, pool);
}
