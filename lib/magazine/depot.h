/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_DEPOT_H
#define TIDEI_MAGAZINE_DEPOT_H

/*
 * Exchanges magazines between cells and depot. Private to lib/magazine. The caller is inside the cell.
 *
 * A cell can have magazines that are not in its pair: detached ones. Their state words name the cell.
 */

#include "layout.h"

/* Get a full or an empty magazine (`as`), detached; NO_MAGAZINE: there is none. */
uint32_t tidei_depot_get(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as);

/*
 * Get an empty magazine, detached, for a cell whose pair is one short. Always succeeds: if undetected
 * double frees have filled all magazines, it empties a full one and counts what it drops.
 */
uint32_t tidei_depot_get_empty(struct tidei_magazines *mags, struct tidei_cell *cell);

/* Put a detached magazine into the depot; as: STATE_FULL or STATE_EMPTY. */
void tidei_depot_put(
	struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t magazine, uint32_t as);

/*
 * Put the previous magazine of a cell into the depot, as full or as empty, and load one of the other
 * kind. Returns false, with nothing changed, if the depot has no full one. An empty one is always there.
 */
bool tidei_depot_exchange(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t as);

/* Set the bit of a magazine that is in the depot, so that searches find it sooner. */
void tidei_depot_set_bit(struct tidei_magazines *mags, uint32_t magazine, uint32_t as);

/* Compose the state of a magazine that a cell has. */
static inline uint32_t
state_held(uint32_t cell, uint32_t as)
{
	return STATE_HELD | as | cell << STATE_BITS;
}

/* Return the free objects in full magazines of the depot. Relaxed: a statistic. */
static inline uint32_t
depot_free(const struct tidei_magazines *mags)
{
	return (uint32_t)atomic_load_explicit(&mags->depot, memory_order_relaxed);
}

#endif /* TIDEI_MAGAZINE_DEPOT_H */
