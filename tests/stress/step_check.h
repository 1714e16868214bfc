/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_STEP_CHECK_H
#define TEST_STEP_CHECK_H

/*
 * Checks an allocator between two steps of its threads: finds where each magazine and each free object
 * is. It makes no get, so it changes nothing for gets and puts under way.
 */

#include "layout.h"

struct step_counts {
	uint8_t *
		times; /* By slot: how often the object is free. Memory of the caller, a byte per slot. */
	uint32_t
		free; /* Free objects, with those in detached magazines and in a theft under way. */
	uint32_t full; /* Magazines that are full in the depot. */
	uint32_t detached; /* Magazines that a cell has and no pair. */
	uint32_t
		unset; /* Magazines in the depot whose bit is clear: searches find them by their states. */
	uint32_t locked; /* Cells that are busy or revoked. */
};

/* Return NULL, or a sentence about a state that must not occur, at any step where threads pause or die. */
const char *step_check(const struct tidei_magazines *mags, struct step_counts *counts);

#endif /* TEST_STEP_CHECK_H */
