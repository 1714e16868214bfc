/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Numbers the places that refer to buffers, and ranks them. */

#include <stdio.h>
#include <string.h>

#include <rte_jhash.h>

#include "locate_places.h"

#define TABLE (4 * TIDEI_PLACES_MAX)

bool
tidei_places_init(struct tidei_places *p, struct tidei_scratch *s)
{
	p->place = tidei_scratch_alloc(s, TIDEI_PLACES_MAX * sizeof(*p->place));
	p->table = tidei_scratch_alloc(s, TABLE * sizeof(*p->table));
	p->nb = 1;
	return p->place != NULL && p->table != NULL;
}

static uint32_t
add(struct tidei_places *p, enum tide_locate_kind kind, bool weak, const char *name, uint32_t hash)
{
	struct tidei_place *place;

	if (p->nb == TIDEI_PLACES_MAX - 1) {
		kind = TIDE_LOCATE_MEMORY;
		weak = false;
		name = "other places";
	}
	place = &p->place[p->nb++];
	place->kind = kind;
	place->weak = weak;
	place->hash = hash;
	snprintf(place->name, sizeof(place->name), "%s", name);
	return p->nb - 1;
}

uint32_t
tidei_places_number(struct tidei_places *p, enum tide_locate_kind kind, bool weak, const char *name)
{
	uint32_t hash =
		rte_jhash(name, (uint32_t)strlen(name), (uint32_t)kind | (uint32_t)weak << 8);
	uint32_t i = hash % TABLE;

	for (; p->table[i] != 0; i = (i + 1) % TABLE) {
		const struct tidei_place *place = &p->place[p->table[i]];

		if (place->hash == hash && place->kind == kind && place->weak == weak &&
			strncmp(place->name, name, sizeof(place->name) - 1) == 0)
			return p->table[i];
	}
	if (p->nb == TIDEI_PLACES_MAX)
		return TIDEI_PLACES_MAX - 1;
	p->table[i] = add(p, kind, weak, name, hash);
	return p->table[i];
}

uint32_t
tidei_places_link(struct tidei_places *p, uint32_t place, enum tidei_link link)
{
	static const char *const how[] = {"next segment of a buffer in",
		"data attached to a buffer in", "pointer inside an object in"};
	uint32_t base = p->place[place].base != 0 ? p->place[place].base : place;
	char name[TIDE_LOCATE_NAME_MAX + 32];

	if (p->place[base].linked[link] == 0) {
		snprintf(name, sizeof(name), "%s %s", how[link], p->place[base].name);
		name[TIDE_LOCATE_NAME_MAX - 1] = '\0';
		p->place[base].linked[link] =
			tidei_places_number(p, TIDE_LOCATE_BUFFER, p->place[base].weak, name);
		p->place[p->place[base].linked[link]].base = base;
	}
	return p->place[base].linked[link];
}

void
tidei_places_next_scan(struct tidei_places *p)
{
	for (uint32_t i = 0; i < p->nb; i++) {
		p->place[i].buffers_before = p->place[i].buffers;
		p->place[i].buffers = 0;
	}
}

/* Tell whether a kind has a name for each of its tables of pointers, unlike the C heap. */
static bool
of_table(enum tide_locate_kind kind)
{
	return kind == TIDE_LOCATE_MEMZONE || kind == TIDE_LOCATE_DATA ||
	       kind == TIDE_LOCATE_EAL_HEAP;
}

/*
 * Of two tables, the one that points to more outstanding buffers is better: a table that holds buffers points to all of
 * them, and an array with old values to some.
 */
bool
tidei_places_better(const struct tidei_places *p, uint32_t a, uint32_t b)
{
	const struct tidei_place *pa = &p->place[a], *pb = &p->place[b];

	if (b == 0)
		return true;
	if (pa->weak != pb->weak)
		return pb->weak;
	if (of_table(pa->kind) && of_table(pb->kind) && pa->buffers_before != pb->buffers_before)
		return pa->buffers_before > pb->buffers_before;
	return pa->kind < pb->kind;
}
