/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_PUT_H
#define TIDEI_MAGAZINE_PUT_H

/* What get and add give back, and puts that wide_kernel.h leaves to put.c. Private to lib/magazine. */

#include "layout.h"

/*
 * Put n objects when the cell used last cannot be entered (NULL), else from inside that cell, which is
 * left: when the burst is large, the loaded magazine is full, or something is wrong with an object.
 */
unsigned int tidei_put_slowly(struct tidei_magazines *mags, struct tidei_cell *cell,
	void *const *table, unsigned int n, const struct tidei_listener *listener);

/* Give back objects that the caller, inside a cell, has just taken. */
void tidei_put_back(
	struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table, unsigned int n);

/* Put n objects of a new run, the first `number` and each further one `odd` units on. */
void tidei_put_run(struct tidei_magazines *mags, uint32_t number, uint32_t n);

#endif /* TIDEI_MAGAZINE_PUT_H */
