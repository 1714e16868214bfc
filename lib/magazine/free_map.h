/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_FREE_MAP_H
#define TIDEI_MAGAZINE_FREE_MAP_H

/* A bitmap by slot of the objects that are in magazines. Private to lib/magazine. */

#include "layout.h"

struct free_map {
	uint64_t *bits; /* From malloc; the caller frees it. */
	uint32_t nb; /* Numbers found in magazines. */
	const char *wrong; /* A sentence about a wrong number; NULL: all are right. */
};

static inline bool
free_map_has(const struct free_map *map, uint32_t slot)
{
	return map->bits[slot / 64] >> slot % 64 & 1;
}

/* Make the map. Returns false if malloc fails. */
bool tidei_free_map_make(const struct tidei_magazines *mags, struct free_map *map);

#endif /* TIDEI_MAGAZINE_FREE_MAP_H */
