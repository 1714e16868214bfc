/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_GROW_H
#define TIDEI_MAGAZINE_GROW_H

/* Adding memory to an allocator, below the public calls. Private to lib/magazine. */

#include "layout.h"

/* Ledger words that an allocator begins with. Its stride and capacity are set. */
uint64_t tidei_ledger_words_first(const struct tidei_magazines *mags);

/*
 * Add a run of objects to the segments; *number is that of the first, and each further one is `odd`
 * units on. Returns as tidei_magazines_add().
 */
int tidei_segment_add(struct tidei_magazines *mags, void *base, uint32_t n, uint32_t *number);

#endif /* TIDEI_MAGAZINE_GROW_H */
