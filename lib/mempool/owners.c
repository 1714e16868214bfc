/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Adds up, by lcore and thread, the objects of a mempool that are out. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_lcore.h>

#include "tide_mempool.h"

/* Lcores have a place each; threads without one share what is left. */
#define PLACES (RTE_MAX_LCORE + 64)

struct tally {
	unsigned int used;
	struct tide_mempool_owner place[PLACES];
};

static bool
same(const struct tide_mempool_owner *place, const struct tide_mempool_outstanding *h)
{
	if (h->lcore_id == TIDE_MEMPOOL_NO_LCORE)
		return place->tid == h->tid;
	return place->lcore_id == h->lcore_id;
}

/* Returns the place of an owner; once all are taken, several share the last. */
static struct tide_mempool_owner *
find(struct tally *tally, const struct tide_mempool_outstanding *h)
{
	struct tide_mempool_owner *last = &tally->place[PLACES - 1];

	for (unsigned int i = 0; i < tally->used; i++)
		if (same(&tally->place[i], h))
			return &tally->place[i];
	if (tally->used == PLACES) {
		last->lcore_id = LCORE_ID_ANY;
		last->tid = 0;
		return last;
	}
	tally->place[tally->used].lcore_id =
		h->lcore_id == TIDE_MEMPOOL_NO_LCORE ? LCORE_ID_ANY : h->lcore_id;
	tally->place[tally->used].tid = h->tid;
	return &tally->place[tally->used++];
}

static void
add_age(struct tide_mempool_owner *place, uint32_t min_ms, uint32_t max_ms)
{
	if (max_ms < place->age_max_ms)
		return;
	place->age_max_ms = max_ms;
	place->age_min_ms = min_ms;
}

static int
add(const struct tide_mempool_outstanding *h, void *arg)
{
	struct tide_mempool_owner *place;

	if (h->cached_by != TIDE_MEMPOOL_NO_LCORE)
		return 0;
	place = find(arg, h);
	place->buffers++;
	add_age(place, h->age_min_ms, h->age_max_ms);
	return 0;
}

static int
most_first(const void *a, const void *b)
{
	uint32_t x = ((const struct tide_mempool_owner *)a)->buffers;
	uint32_t y = ((const struct tide_mempool_owner *)b)->buffers;

	return (x < y) - (x > y);
}

/* Add the places from `max` on to the last that is shown. */
static void
fold_rest(struct tally *tally, unsigned int max)
{
	struct tide_mempool_owner *last = &tally->place[max - 1];

	for (unsigned int i = max; i < tally->used; i++) {
		last->buffers += tally->place[i].buffers;
		add_age(last, tally->place[i].age_min_ms, tally->place[i].age_max_ms);
		last->lcore_id = LCORE_ID_ANY;
		last->tid = 0;
	}
	tally->used = RTE_MIN(tally->used, max);
}

int
tide_mempool_owners(
	const struct rte_mempool *mp, struct tide_mempool_owner *owners, unsigned int max)
{
	struct tally *tally;
	int ret;

	if (max == 0 || max > TIDE_MEMPOOL_OWNERS_MAX)
		return -EINVAL;
	tally = calloc(1, sizeof(*tally));
	if (tally == NULL)
		return -ENOMEM;
	ret = tide_mempool_walk(mp, add, tally);
	if (ret == 0) {
		qsort(tally->place, tally->used, sizeof(tally->place[0]), most_first);
		fold_rest(tally, max);
		memcpy(owners, tally->place, tally->used * sizeof(*owners));
		ret = (int)tally->used;
	}
	free(tally);
	return ret;
}

void
tide_mempool_owner_dump(const struct tide_mempool_owner *owner, FILE *out)
{
	if (owner->lcore_id != LCORE_ID_ANY)
		fprintf(out, "lcore %u has ", owner->lcore_id);
	else if (owner->tid != 0)
		fprintf(out, "thread %" PRIu32 " has ", owner->tid);
	else
		fprintf(out, "others have ");
	fprintf(out, "%" PRIu32, owner->buffers);
	/* An age is at least one tick of the ledger's clock: 0 means that there is none. */
	if (owner->age_max_ms == 0)
		fprintf(out, ", age unknown");
	else
		fprintf(out, ", the oldest for %.1f to %.1f s", owner->age_min_ms / 1000.0,
			owner->age_max_ms / 1000.0);
}
