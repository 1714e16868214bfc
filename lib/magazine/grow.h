/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_GROW_H
#define TIDEI_MAGAZINE_GROW_H

/* Adding a run of objects to the segments. Private to lib/magazine. */

#include "layout.h"

/*
 * Add a run of objects to the segments. *number: that of the first object; the numbers of the run are
 * `odd` units apart. Returns the codes of tidei_magazines_add().
 */
int tidei_segment_add(struct tidei_magazines *mags, void *base, uint32_t n, uint32_t *number);

#endif /* TIDEI_MAGAZINE_GROW_H */
