/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_RECLAIM_H
#define TIDEI_MAGAZINE_RECLAIM_H

/* Putting in order what the dead left. Private to lib/magazine. */

#include "layout.h"

/*
 * Put in order the cells of dead owners that left something undone and, if that makes n objects or n is 0,
 * those that left objects; and cells whose borrower is dead. cell: the caller is inside it; where it
 * only borrowed it, the cells of dead owners stay as they are. Returns how many cells were put in order.
 */
unsigned int tidei_reclaim(struct tidei_magazines *mags, struct tidei_cell *cell, unsigned int n);

/*
 * Make the cell of a dead owner the calling thread's, which has none. Returns the cell, put in order
 * and not entered; NULL: no owner is known to be dead.
 */
struct tidei_cell *tidei_reclaim_cell(struct tidei_magazines *mags);

#endif /* TIDEI_MAGAZINE_RECLAIM_H */
