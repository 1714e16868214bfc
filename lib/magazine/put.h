/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_PUT_H
#define TIDEI_MAGAZINE_PUT_H

/* The slow path of puts, and puts on behalf of get and add. Private to lib/magazine. */

#include "layout.h"

/*
 * Put n objects after the fast path gave up. cell: NULL if it could not enter the cell used last. Else
 * the caller is inside the cell, and the function leaves it: the loaded magazine has too little room,
 * there are several segments, or an object may be misused. Returns the number of refused objects.
 */
unsigned int tidei_put_slowly(struct tidei_magazines *mags, struct tidei_cell *cell,
	void *const *table, unsigned int n, const struct tidei_listener *listener);

/* Put back objects that the caller, inside the cell, has just taken. */
void tidei_put_back(
	struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table, unsigned int n);

/* Put n objects of a new run, whose numbers begin with `number` and are `odd` units apart. */
void tidei_put_run(struct tidei_magazines *mags, uint32_t number, uint32_t n);

#endif /* TIDEI_MAGAZINE_PUT_H */
