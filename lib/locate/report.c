/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes a report of the scans: places with counts, clusters, leaked buffers, the oldest with their content. */

#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "locate_report.h"

/* Places behind those of the scan. */
enum {
	PLACE_UNKNOWN,
	PLACE_LEAKED,
	PLACES_MORE,
};

/* Return the index of the place of an outstanding object. */
static uint32_t
place_of(const struct tidei_scan *scan, const struct tide_locate_summary *sum, uint32_t object)
{
	const struct tidei_object *o = &scan->targets.object[object];
	bool hidden = target_pool_of(&scan->targets, object)->uncertain || sum->shared ||
	              sum->restless || sum->scans < TIDE_LOCATE_SCANS;

	if (o->place != 0)
		return o->place;
	return scan->places.nb +
	       (!hidden && (o->life & TIDEI_LIFE_SUSPECT) != 0 ? PLACE_LEAKED : PLACE_UNKNOWN);
}

static bool
allocate_lists(struct tide_locate *r, uint32_t objects, unsigned int oldest)
{
	const uint32_t most[] = {
		[TIDE_LOCATE_LIST_CLUSTERS] = TIDEI_CLUSTERS_MAX,
		[TIDE_LOCATE_LIST_LEAKED] = TIDEI_LEAKED_MAX,
		[TIDE_LOCATE_LIST_OLDEST] = oldest,
	};
	bool ok = true;

	for (unsigned int i = 0; i < RTE_DIM(r->list); i++) {
		r->list[i].at = calloc(RTE_MIN(most[i], objects) + 1, sizeof(*r->list[i].at));
		ok = ok && r->list[i].at != NULL;
	}
	return ok;
}

static struct tide_locate *
allocate(const struct tidei_scan *scan, unsigned int oldest)
{
	struct tide_locate *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->places = scan->places.nb + PLACES_MORE;
	r->pools = (uint32_t)scan->targets.pools.nb;
	r->place = calloc(r->places, sizeof(*r->place));
	r->place_buffers = calloc(r->places, sizeof(*r->place_buffers));
	r->place_order = calloc(r->places, sizeof(*r->place_order));
	r->pool = calloc(r->pools + (size_t)1, sizeof(*r->pool));
	if (allocate_lists(r, scan->targets.nb, oldest) && r->place != NULL &&
		r->place_buffers != NULL && r->place_order != NULL && r->pool != NULL)
		return r;
	tide_locate_free(r);
	return NULL;
}

static void
copy_names(struct tide_locate *r, const struct tidei_scan *scan)
{
	struct tidei_place *more = &r->place[scan->places.nb];

	memcpy(r->place, scan->places.place, scan->places.nb * sizeof(*r->place));
	for (uint32_t i = 0; i < r->pools; i++) {
		const struct tidei_target_pool *p = target_pool(&scan->targets, i);

		r->pool[i] = (struct tidei_report_pool){.objects = p->objects,
			.requested = p->requested,
			.uncertain = p->uncertain};
		memcpy(r->pool[i].name, p->name, sizeof(p->name));
		memcpy(r->pool[i].ops, p->ops, sizeof(p->ops));
	}
	more[PLACE_UNKNOWN] = (struct tidei_place){.kind = TIDE_LOCATE_UNKNOWN,
		.name = "no reference found, but not known to be leaked"};
	more[PLACE_LEAKED] = (struct tidei_place){
		.kind = TIDE_LOCATE_LEAKED, .name = "leaked: no reference in any scan"};
}

static void
describe(struct tidei_entry *e, const struct tidei_scan *scan, uint32_t object, uint32_t place)
{
	const struct tidei_object *o = &scan->targets.object[object];
	bool lcore = (o->owner & TIDEI_OWNER_LCORE) != 0;

	memset(e, 0, sizeof(*e));
	e->inverted = ~target_address(&scan->targets, object);
	e->pool = tidei_targets_chunk(&scan->targets, object)->pool;
	e->place = place;
	e->buffer.buffers = 1;
	e->buffer.lcore_id = lcore ? o->owner & ~TIDEI_OWNER_LCORE : TIDE_LOCATE_NONE;
	e->buffer.tid = lcore ? 0 : o->owner;
	e->buffer.age_min_ms = o->age_min;
	e->buffer.age_max_ms = o->age_max;
	e->buffer.references = o->refs;
	tidei_content_read(scan, object, &e->buffer);
}

/* Keep the oldest buffers, the oldest first. */
static void
keep_oldest(struct tidei_entries *list, unsigned int most, const struct tidei_entry *e)
{
	uint32_t i = list->nb < most ? list->nb++ : list->nb;

	for (; i > 0 && list->at[i - 1].buffer.age_max_ms < e->buffer.age_max_ms; i--)
		if (i < list->nb)
			list->at[i] = list->at[i - 1];
	if (i < list->nb)
		list->at[i] = *e;
}

static void
count_pools(struct tide_locate *r, const struct tidei_targets *t)
{
	for (uint32_t i = 0; i < r->pools; i++) {
		r->summary.pools += r->pool[i].requested;
		r->summary.objects += r->pool[i].requested ? r->pool[i].objects : 0;
	}
	for (uint32_t i = 0; i < t->nb; i++)
		if (t->object[i].now == TIDEI_NOW_CACHED && target_pool_of(t, i)->requested)
			r->summary.cached++;
}

static void
add_object(struct tide_locate *r, struct tidei_cluster_table *table, const struct tidei_entry *e,
	unsigned int oldest)
{
	struct tidei_entries *leaked = &r->list[TIDE_LOCATE_LIST_LEAKED];
	struct tide_locate_summary *sum = &r->summary;

	r->place_buffers[e->place]++;
	sum->outstanding++;
	switch (r->place[e->place].kind) {
	case TIDE_LOCATE_LEAKED:
		sum->leaked++;
		if (leaked->nb < TIDEI_LEAKED_MAX)
			leaked->at[leaked->nb++] = *e;
		break;
	case TIDE_LOCATE_UNKNOWN:
		sum->unknown++;
		break;
	default:
		sum->located++;
	}
	if (!tidei_clusters_add(&r->list[TIDE_LOCATE_LIST_CLUSTERS], table, e))
		sum->unclustered++;
	keep_oldest(&r->list[TIDE_LOCATE_LIST_OLDEST], oldest, e);
}

/* Order the places by falling numbers of buffers. */
static void
sort_places(struct tide_locate *r)
{
	for (uint32_t i = 0; i < r->places; i++) {
		uint32_t j = i;

		for (; j > 0 && r->place_buffers[r->place_order[j - 1]] < r->place_buffers[i]; j--)
			r->place_order[j] = r->place_order[j - 1];
		r->place_order[j] = i;
	}
}

struct tide_locate *
tidei_report_make(
	struct tidei_scan *scan, const struct tide_locate_summary *sum, unsigned int oldest)
{
	struct tidei_cluster_table *table = tidei_scratch_alloc(&scan->scratch, sizeof(*table));
	struct tide_locate *r = table != NULL ? allocate(scan, oldest) : NULL;
	const struct tidei_targets *t = &scan->targets;
	struct tidei_entry e;

	if (r == NULL)
		return NULL;
	r->summary = *sum;
	copy_names(r, scan);
	count_pools(r, t);
	for (uint32_t i = 0; i < t->nb; i++) {
		if (t->object[i].now != TIDEI_NOW_OUT || !target_pool_of(t, i)->requested)
			continue;
		describe(&e, scan, i, place_of(scan, sum, i));
		add_object(r, table, &e, oldest);
	}
	sort_places(r);
	tidei_clusters_sort(&r->list[TIDE_LOCATE_LIST_CLUSTERS]);
	return r;
}

void
tide_locate_free(struct tide_locate *r)
{
	if (r == NULL)
		return;
	for (unsigned int i = 0; i < RTE_DIM(r->list); i++)
		free(r->list[i].at);
	free(r->place);
	free(r->place_buffers);
	free(r->place_order);
	free(r->pool);
	free(r);
}
