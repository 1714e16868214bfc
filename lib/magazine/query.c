/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads counters, free objects and allocation records of an allocator. */

#include <errno.h>
#include <stdlib.h>

#include "depot.h"
#include "ledger.h"
#include "free_map.h"
#include "segment.h"
#include "steal.h"

enum tidei_ledger_mode
tidei_magazines_mode(const struct tidei_magazines *mags)
{
	return (enum tidei_ledger_mode)mags->mode;
}

uint32_t
tidei_magazines_objects(const struct tidei_magazines *mags)
{
	return mags->objects;
}

uint32_t
tidei_magazines_count(const struct tidei_magazines *mags)
{
	uint64_t count = tidei_cells_count(mags);

	for (uint32_t m = 0; m < mags->nb_magazines; m++)
		if (state_in_depot(atomic_load_explicit(&mags->state[m], memory_order_relaxed),
			    STATE_FULL))
			count += magazine_size(mags);
	/* The sum can count a magazine twice that moves between depot and cell. */
	return count < mags->objects ? (uint32_t)count : mags->objects;
}

uint32_t
tidei_magazines_peak(const struct tidei_magazines *mags)
{
	uint32_t peak = atomic_load_explicit(&mags->peak, memory_order_relaxed);
	uint32_t out = mags->objects - tidei_magazines_count(mags);

	return out > peak ? out : peak;
}

struct tidei_counters
tidei_magazines_counters(const struct tidei_magazines *mags)
{
	struct tidei_counters c = {
		.reclaims = atomic_load_explicit(&mags->reclaims, memory_order_relaxed)};
	uint32_t used = cells_used(mags);

	for (uint32_t i = 0; i < used; i++) {
		const struct tidei_cell *cell = &mags->cell[i];

		c.failures += atomic_load_explicit(&cell->failures, memory_order_relaxed);
		c.steals += atomic_load_explicit(&cell->steals, memory_order_relaxed);
	}
	for (unsigned int kind = 0; kind < TIDEI_MISUSE_KINDS; kind++)
		c.misuses[kind] = atomic_load_explicit(&mags->misuse[kind], memory_order_relaxed);
	return c;
}

int
tidei_magazines_slot(const struct tidei_magazines *mags, const void *object, uint32_t *slot)
{
	const struct tidei_segment *s = tidei_segment_at(mags, (uintptr_t)object);
	uint32_t number;

	if (s == NULL)
		return -ENOENT;
	number = segment_number(mags, s, (uintptr_t)object);
	if (number == NO_NUMBER)
		return -EINVAL;
	*slot = segment_slot(mags, s, number);
	return 0;
}

void *
tidei_magazines_object(const struct tidei_magazines *mags, uint32_t slot)
{
	uint32_t number;

	if (slot >= mags->objects)
		return NULL;
	number = tidei_segment_slot_number(mags, slot);
	return segment_object(mags, tidei_segment_of(mags, number), number);
}

struct tidei_record
tidei_magazines_record(const struct tidei_magazines *mags, uint32_t slot)
{
	const _Atomic uint32_t *at = slot < mags->objects ? ledger_at(mags, slot) : NULL;
	uint32_t word = at == NULL ? 0 : atomic_load_explicit(at, memory_order_relaxed);
	uint32_t unit = (UINT32_C(1) << WHEN_LOG_MS) - 1;
	const struct tidei_caller *caller;
	struct tidei_record r = {.known = word != 0};
	uint32_t pid;

	if (word == 0)
		return r;
	caller = &mags->caller[(word & ~LEDGER_OUT) >> CALLER_SHIFT];
	pid = atomic_load_explicit(&caller->pid, memory_order_relaxed);
	r.id = atomic_load_explicit(&caller->id, memory_order_relaxed);
	r.lcore = pid & CALLER_LCORE;
	r.pid = pid & ~CALLER_LCORE;
	r.age_max_ms = ledger_age_ms(word, ledger_now()) + unit;
	r.age_min_ms = r.age_max_ms > 2 * unit ? r.age_max_ms - 2 * unit : 0;
	return r;
}

/* Walk by the words of a full ledger. */
static int
walk_ledger(const struct tidei_magazines *mags,
	int (*cb)(const struct tidei_magazines *mags, uint32_t slot, void *arg), void *arg)
{
	uint32_t bound = mags->objects;
	int ret = 0;

	for (uint32_t slot = 0; slot < bound && ret == 0; slot++)
		if (atomic_load_explicit(&mags->ledger[slot], memory_order_relaxed) & LEDGER_OUT)
			ret = cb(mags, slot, arg);
	return ret;
}

/* Walk the objects that are in no magazine. */
static int
walk_magazines(const struct tidei_magazines *mags,
	int (*cb)(const struct tidei_magazines *mags, uint32_t slot, void *arg), void *arg)
{
	uint32_t bound = mags->objects;
	struct free_map map;
	int ret = 0;

	if (!tidei_free_map_make(mags, &map))
		return -ENOMEM;
	for (uint32_t slot = 0; slot < bound && ret == 0; slot++)
		if (!free_map_has(&map, slot))
			ret = cb(mags, slot, arg);
	free(map.bits);
	return ret;
}

int
tidei_magazines_walk(const struct tidei_magazines *mags,
	int (*cb)(const struct tidei_magazines *mags, uint32_t slot, void *arg), void *arg)
{
	return mags->mode == TIDEI_LEDGER_FULL ? walk_ledger(mags, cb, arg)
	                                       : walk_magazines(mags, cb, arg);
}
