/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_RECLAIM_H
#define TIDEI_MAGAZINE_RECLAIM_H

/* Recovering the cells of dead threads. Private to lib/magazine. */

#include "layout.h"

/*
 * Recover the cells that a dead borrower or owner left in use. If depot and cells have n objects, also
 * recover the idle cells of dead owners that have objects.
 *
 * cell: the caller is inside it. If it only borrowed it, the cells of dead owners stay as they are.
 * Returns the number of recovered cells.
 */
unsigned int tidei_reclaim(struct tidei_magazines *mags, struct tidei_cell *cell, unsigned int n);

/*
 * Claim the cell of a dead owner for the calling thread. Returns the cell, recovered and not entered;
 * NULL: no owner is known to be dead.
 */
struct tidei_cell *tidei_reclaim_cell(struct tidei_magazines *mags);

#endif /* TIDEI_MAGAZINE_RECLAIM_H */
