/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads and writes what is known about a mempool without a scan. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_common.h>

#include "locate_friend.h"
#include "shortage_internal.h"

/* Owners in a line of the log. */
#define OWNERS_IN_LINE 3

void
tidei_shortage_facts_read(struct rte_mempool *mp, struct tidei_shortage_facts *facts)
{
	struct tide_mempool_stats stats;

	memset(facts, 0, sizeof(*facts));
	snprintf(facts->name, sizeof(facts->name), "%s", mp->name);
	snprintf(facts->ops, sizeof(facts->ops), "%s", rte_mempool_get_ops(mp->ops_index)->name);
	facts->size = mp->size;
	facts->free = rte_mempool_avail_count(mp);
	facts->cache_size = mp->cache_size;
	for (unsigned int i = 0; mp->cache_size != 0 && i < RTE_MAX_LCORE; i++)
		facts->cached[i] = mp->local_cache[i].len;
	facts->counts = tide_mempool_stats(mp, &stats) == 0;
	facts->failures = facts->counts ? stats.failures : 0;
	facts->nb_owners = tide_mempool_owners(mp, facts->owners, RTE_DIM(facts->owners));
}

struct search {
	const char *name;
	struct tidei_shortage_facts *facts;
	bool found;
};

static void
read_if_named(struct rte_mempool *mp, void *arg)
{
	struct search *search = arg;

	if (search->found || strcmp(mp->name, search->name) != 0 ||
		(mp->flags & RTE_MEMPOOL_F_POOL_CREATED) == 0)
		return;
	search->found = true;
	tidei_shortage_facts_read(mp, search->facts);
}

int
tidei_shortage_facts_find(const char *name, struct tidei_shortage_facts *facts)
{
	struct search search = {.name = name, .facts = facts};

	if (tidei_mempools_walk(read_if_named, &search) < 0)
		return -ECANCELED;
	return search.found ? 0 : -ENOENT;
}

static uint32_t
in_caches(const struct tidei_shortage_facts *facts)
{
	uint32_t sum = 0;

	for (unsigned int i = 0; i < RTE_MAX_LCORE; i++)
		sum += facts->cached[i];
	return sum;
}

static void
write_counts(const struct tidei_shortage_facts *facts, FILE *out)
{
	fprintf(out, "%" PRIu32 " of %" PRIu32 " buffers are free", facts->free, facts->size);
	if (facts->cache_size != 0)
		fprintf(out, ", %" PRIu32 " of them in caches of lcores", in_caches(facts));
}

void
tidei_shortage_facts_line(const struct tidei_shortage_facts *facts, uint64_t since, FILE *out)
{
	fprintf(out, "mempool %s ran dry: ", facts->name);
	if (since != 0)
		fprintf(out, "%" PRIu64 " gets%s failed; now ", since,
			facts->cache_size != 0 ? " or refills of caches" : "");
	write_counts(facts, out);
	for (int i = 0; i < RTE_MIN(facts->nb_owners, OWNERS_IN_LINE); i++) {
		fprintf(out, "; ");
		tide_mempool_owner_dump(&facts->owners[i], out);
	}
}

static void
write_caches(const struct tidei_shortage_facts *facts, FILE *out)
{
	const char *separator = "caches: ";

	for (unsigned int i = 0; i < RTE_MAX_LCORE; i++) {
		if (facts->cached[i] == 0)
			continue;
		fprintf(out, "%slcore %u has %" PRIu32, separator, i, facts->cached[i]);
		separator = ", ";
	}
	if (in_caches(facts) != 0)
		fprintf(out, "\n");
}

void
tidei_shortage_facts_dump(const struct tidei_shortage_facts *facts, FILE *out)
{
	fprintf(out, "mempool ops %s; ", facts->ops);
	write_counts(facts, out);
	if (facts->counts)
		fprintf(out, "; %" PRIu64 " gets%s failed in all", facts->failures,
			facts->cache_size != 0 ? " or refills of caches" : "");
	fprintf(out, "\n");
	write_caches(facts, out);
	for (int i = 0; i < facts->nb_owners; i++) {
		fprintf(out, "%s  ", i == 0 ? "owners:\n" : "");
		tide_mempool_owner_dump(&facts->owners[i], out);
		fprintf(out, "\n");
	}
	if (facts->nb_owners == -ENOTSUP)
		fprintf(out, "owners: mempool ops other than tide keep none\n");
	else if (facts->nb_owners < 0)
		fprintf(out, "owners: unknown: %s\n", strerror(-facts->nb_owners));
}
