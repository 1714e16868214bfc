/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_STEAL_H
#define TIDEI_MAGAZINE_STEAL_H

/* Stealing numbers from the cells of other threads. Private to lib/magazine. */

#include "layout.h"

/*
 * Steal numbers until the loaded magazine has n, at most a magazine. The caller is inside `cell`, whose
 * previous magazine is empty. Returns whether it has n; the pair can have more numbers in either case.
 */
bool tidei_steal(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t n);

/* Finish or drop the theft that the dead owner of a cell had begun. */
void tidei_steal_finish(struct tidei_magazines *mags, struct tidei_cell *dead);

/* Count the free objects in all cells. Approximate while threads work. */
uint64_t tidei_cells_count(const struct tidei_magazines *mags);

#endif /* TIDEI_MAGAZINE_STEAL_H */
