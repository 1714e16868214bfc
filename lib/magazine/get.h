/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_GET_H
#define TIDEI_MAGAZINE_GET_H

/* The slow path of gets, and a helper that puts share. Private to lib/magazine. */

#include "layout.h"

/*
 * Get n objects after the fast path gave up. cell: NULL if it could not enter the cell used last. Else
 * the caller is inside the cell, and the function leaves it: the burst is large, the loaded magazine
 * has too few numbers, there are several segments, or an object is there twice.
 */
int tidei_get_slowly(struct tidei_magazines *mags, struct tidei_cell *cell, void **table,
	unsigned int n, const struct tidei_listener *listener);

/* Move numbers from the end of the previous magazine to the loaded one, as many as fit. */
void tidei_merge_pair(struct tidei_magazines *mags, struct tidei_cell *cell);

#endif /* TIDEI_MAGAZINE_GET_H */
