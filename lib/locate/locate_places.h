/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_PLACES_H
#define LOCATE_PLACES_H

/* Places that refer to buffers: each has a number, a kind and a name, the same in all scans. */

#include <stdbool.h>
#include <stdint.h>

#include "locate_scratch.h"
#include "tide_locate.h"

/* The most places that a report tells apart; further ones share the last. */
#define TIDEI_PLACES_MAX 2048

/* How a buffer refers to another one. */
enum tidei_link {
	TIDEI_LINK_SEGMENT,
	TIDEI_LINK_ATTACHED,
	TIDEI_LINK_CONTENT,
	TIDEI_LINKS,
};

struct tidei_place {
	enum tide_locate_kind kind;
	bool weak; /* The memory can keep pointers that are no longer used. */
	uint32_t base; /* Of a place in buffers: the place of the first buffer; 0: none. */
	uint32_t linked
		[TIDEI_LINKS]; /* Place of buffers that a buffer here refers to; 0: none yet. */
	uint32_t buffers,
		buffers_before; /* That it points to, in this scan and in the one before. */
	uint32_t hash;
	char name[TIDE_LOCATE_NAME_MAX];
};

struct tidei_places {
	struct tidei_place *place; /* Number 0 is no place. */
	uint32_t nb;
	uint32_t *table; /* Of numbers, by hash. */
};

bool tidei_places_init(struct tidei_places *p, struct tidei_scratch *s);

/* Return the number of the place of that kind and name, which is never 0. */
uint32_t tidei_places_number(
	struct tidei_places *p, enum tide_locate_kind kind, bool weak, const char *name);

/* Return the place of a buffer to which a buffer at `place` refers. */
uint32_t tidei_places_link(struct tidei_places *p, uint32_t place, enum tidei_link link);

/* Begin a scan: what was counted belongs to the scan before. */
void tidei_places_next_scan(struct tidei_places *p);

/* Tell whether place a says more about the owner of a buffer than place b, which can be 0. */
bool tidei_places_better(const struct tidei_places *p, uint32_t a, uint32_t b);

#endif /* LOCATE_PLACES_H */
