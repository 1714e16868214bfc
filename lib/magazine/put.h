/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_PUT_H
#define TIDEI_MAGAZINE_PUT_H

/* What get and add give back. Private to lib/magazine. */

#include "layout.h"

/* Give back numbers that the caller, inside a cell, has taken. */
void tidei_put_numbers(struct tidei_magazines *mags, struct tidei_cell *cell,
	const uint32_t *number, unsigned int n);

/* Put n objects of a new run, the first `number` and each further one `odd` units on. */
void tidei_put_run(struct tidei_magazines *mags, uint32_t number, uint32_t n);

#endif /* TIDEI_MAGAZINE_PUT_H */
