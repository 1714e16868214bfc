/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_DEPOT_H
#define TIDEI_MAGAZINE_DEPOT_H

/* Magazines between cells and depot. Private to lib/magazine. The caller is inside a cell. */

#include "layout.h"

/* Take a full or an empty magazine (`as`) into the hands of a cell; NO_MAGAZINE: there is none. */
uint32_t tidei_depot_take(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as);

/*
 * Take an empty magazine into the hands of a cell, whose pair is one short. Where unnoticed double frees have
 * filled them all, a full one is emptied and what is dropped counted.
 */
uint32_t tidei_depot_take_empty(struct tidei_magazines *mags, struct tidei_cell *cell);

/* Give away a magazine that is in the hands of a cell: full or empty, as `as` says. */
void tidei_depot_give(
	struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t magazine, uint32_t as);

/*
 * Give the previous magazine of a cell away, full or empty, and take the other kind in its place. A
 * full one is always given for an empty one. False: no full one is there; nothing changed.
 */
bool tidei_depot_exchange(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as);

/* Make a magazine that is in the depot by its state word known to searches. */
void tidei_depot_show(struct tidei_magazines *mags, uint32_t magazine, uint32_t as);

/* The state of a magazine that a cell holds. */
static inline uint32_t
state_held(uint32_t cell, uint32_t as)
{
	return STATE_HELD | as | cell << STATE_BITS;
}

/* Free objects in full magazines of the depot. Relaxed: a figure. */
static inline uint32_t
depot_free(const struct tidei_magazines *mags)
{
	return (uint32_t)atomic_load_explicit(&mags->depot, memory_order_relaxed);
}

#endif /* TIDEI_MAGAZINE_DEPOT_H */
