/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_STEAL_H
#define TIDEI_MAGAZINE_STEAL_H

/* Taking numbers out of the cells of others. Private to lib/magazine. */

#include "layout.h"

/*
 * Bring numbers from other cells into the loaded magazine of the caller's cell, whose previous one is
 * empty, until it has n, at most a magazine. True: it has. The pair can have more numbers than before
 * in either case.
 */
bool tidei_steal(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t n);

/* Finish, or drop, the theft that the dead owner of a cell had begun, and let its victim go. */
void tidei_steal_finish(struct tidei_magazines *mags, struct tidei_cell *dead);

/* Free objects in all cells, as far as a look can tell. */
uint64_t tidei_cells_count(const struct tidei_magazines *mags);

#endif /* TIDEI_MAGAZINE_STEAL_H */
