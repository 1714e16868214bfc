/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_GET_H
#define TIDEI_MAGAZINE_GET_H

/* Gets that wide_kernel.h leaves to get.c, and what they share with puts. Private to lib/magazine. */

#include "layout.h"

/*
 * Take n objects when the cell used last cannot be entered (NULL), else from inside that cell, which is
 * left: when the burst is large, the loaded magazine is short, or an object is there twice.
 */
int tidei_get_slowly(struct tidei_magazines *mags, struct tidei_cell *cell, void **table,
	unsigned int n, const struct tidei_listener *listener);

/* Move numbers from the end of the previous magazine to the loaded one, as many as fit. */
void tidei_gather(struct tidei_magazines *mags, struct tidei_cell *cell);

#endif /* TIDEI_MAGAZINE_GET_H */
