/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_MARKS_H
#define TIDEI_MAGAZINE_MARKS_H

/* A bit per slot: which objects are in magazines. Private to lib/magazine. */

#include "layout.h"

struct marks {
	uint64_t *bits; /* malloc; the caller frees it. */
	uint32_t nb; /* Numbers seen in magazines. */
	const char *wrong; /* What is wrong with one of them; NULL: nothing. */
};

static inline bool
marks_get(const struct marks *marks, uint32_t slot)
{
	return marks->bits[slot / 64] >> slot % 64 & 1;
}

/* Mark the objects that are free. False: no memory. */
bool tidei_marks_free(const struct tidei_magazines *mags, struct marks *marks);

#endif /* TIDEI_MAGAZINE_MARKS_H */
