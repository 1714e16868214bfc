/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds mempools with the tide ops that were empty, or nearly so. */

#include <inttypes.h>

#include "audit_internal.h"

/* A reserve of less than one in so many objects is too small. */
#define RESERVE 16

/* Most objects that programs get at once. */
#define BURST 64

/* Return the objects that were free at the peak. */
static uint32_t
left(const struct tidei_audit_pool *pool)
{
	return pool->objects - RTE_MIN(pool->objects, pool->tide.peak);
}

static bool
is_close(const struct tidei_audit_pool *pool)
{
	return (uint64_t)left(pool) * RESERVE < pool->objects;
}

/*
 * Tell whether a get of the program failed. DPDK first asks for as many as fill the cache; if there are too few, it asks
 * for fewer, and the get succeeds.
 */
static bool
has_failed(const struct tidei_audit_pool *pool)
{
	return pool->tide.failures != 0 && (pool->cache_size == 0 || left(pool) < BURST);
}

/* The advice keeps a fifth of the objects free at the peak. */
static char *
remedy(const struct tidei_audit_pool *pool)
{
	uint64_t size = (uint64_t)pool->tide.peak + pool->tide.peak / 4;

	/* Of few objects a quarter is none. */
	size += size == pool->objects;

	return tidei_audit_text(
		"create it with at least %" PRIu64 " objects, or find out who has them: "
		"tide_mempool_owners(), tide_locate_create(), /tide/owners,%s, /tide/scan,%s",
		size, pool->name, pool->name);
}

static char *
fact(const struct tidei_audit_pool *pool)
{
	if (pool->tide.failures != 0)
		return tidei_audit_text("%" PRIu64
					" gets%s of mempool %s failed, because too few of its %u "
					"objects were free; at most %u were out at once",
			pool->tide.failures, pool->cache_size == 0 ? "" : " or refills of caches",
			pool->name, pool->objects, pool->tide.peak);
	return tidei_audit_text("of the %u objects of mempool %s up to %u were out at once: it was "
				"%sempty",
		pool->objects, pool->name, pool->tide.peak, left(pool) == 0 ? "" : "nearly ");
}

static void
check(struct tide_audit *audit, const struct tidei_audit_pool *pool)
{
	struct tide_audit_finding f = AUDIT_FINDING(TIDE_AUDIT_NEAR_PEAK, TIDE_AUDIT_WARNING);

	f.pool = pool->name;
	if (has_failed(pool))
		f.severity = TIDE_AUDIT_ERROR;
	tidei_audit_figure(&f, "peak", pool->tide.peak);
	tidei_audit_figure(&f, "size", pool->objects);
	tidei_audit_figure(&f, "failures", pool->tide.failures);
	tidei_audit_note(audit, &f, fact(pool), remedy(pool));
}

void
tidei_check_peaks(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	TIDEI_LIST_EACH (facts->pools, const struct tidei_audit_pool, pool)
		if (pool->counts && (pool->tide.failures != 0 || is_close(pool)))
			check(audit, pool);
}
