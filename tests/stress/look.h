/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_LOOK_H
#define TEST_LOOK_H

/*
 * Looks at an allocator between two steps of its threads, without a get: where each magazine and each
 * free object is. What a get or put under way will find is not changed by it.
 */

#include "layout.h"

struct look {
	uint8_t *times; /* By slot: how often the object is free. The caller's, a byte per slot. */
	uint32_t free; /* Objects that are free, with those in hands and in a theft under way. */
	uint32_t full; /* Magazines that are full in the depot. */
	uint32_t hands; /* Magazines held for a cell and in no pair. */
	uint32_t unshown; /* Magazines in the depot that no bit speaks of: found by their states. */
	uint32_t locked; /* Cells that are busy or revoked. */
};

/* Returns NULL, or what can never be, wherever threads pause, stop or die. */
const char *look(const struct tidei_magazines *mags, struct look *l);

#endif /* TEST_LOOK_H */
