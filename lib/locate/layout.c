/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Sorts the memory of this process into layers of spans, and names the place that has an address. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "locate_layout.h"
#include "locate_symbol.h"

struct tidei_span *
tidei_layout_add(struct tidei_layout *l, enum tidei_layer layer, uintptr_t from, uintptr_t to,
	enum tide_locate_kind kind, const char *name)
{
	struct tidei_span *span = tidei_vector_add(l->scratch, &l->layer[layer], sizeof(*span));
	size_t len = name == NULL ? 0 : strnlen(name, TIDE_LOCATE_NAME_MAX - 1) + 1;
	char *copy = len == 0 || span == NULL ? NULL : tidei_scratch_alloc(l->scratch, len);

	if (span == NULL || (len != 0 && copy == NULL)) {
		l->failed = true;
		return NULL;
	}
	if (copy != NULL)
		snprintf(copy, len, "%s", name);
	*span = (struct tidei_span){.from = from, .to = to, .name = copy, .kind = (uint8_t)kind};
	return span;
}

void
tidei_layout_leave_out(struct tidei_layout *l, uintptr_t from, uintptr_t to)
{
	struct tidei_range *hole;

	if (from >= to)
		return;
	hole = tidei_vector_add(l->scratch, &l->holes, sizeof(*hole));
	if (hole == NULL)
		l->failed = true;
	else
		*hole = (struct tidei_range){from, to};
}

void
tidei_layout_clear(struct tidei_layout *l)
{
	for (unsigned int i = 0; i < TIDEI_LAYERS; i++)
		l->layer[i].nb = 0;
	l->holes.nb = 0;
	l->threads = l->asleep = 0;
}

void
tidei_layout_sort(struct tidei_layout *l, enum tidei_layer layer)
{
	struct tidei_vector *v = &l->layer[layer];

	if (!tidei_scratch_sort(l->scratch, v->at, v->nb, sizeof(struct tidei_span)))
		l->failed = true;
}

void
tidei_layout_sort_holes(struct tidei_layout *l)
{
	struct tidei_range *hole = l->holes.at;
	size_t last = 0;

	if (!tidei_scratch_sort(l->scratch, hole, l->holes.nb, sizeof(*hole)))
		l->failed = true;
	for (size_t i = 1; i < l->holes.nb; i++) {
		if (hole[i].from > hole[last].to)
			hole[++last] = hole[i];
		else if (hole[i].to > hole[last].to)
			hole[last].to = hole[i].to;
	}
	if (l->holes.nb != 0)
		l->holes.nb = last + 1;
}

struct tidei_span *
tidei_layout_find(const struct tidei_layout *l, enum tidei_layer layer, uintptr_t address)
{
	struct tidei_span *span = l->layer[layer].at;
	size_t low = 0, high = l->layer[layer].nb;

	while (high > low) {
		size_t middle = (low + high) / 2;

		if (span[middle].to <= address)
			low = middle + 1;
		else if (span[middle].from > address)
			high = middle;
		else
			return &span[middle];
	}
	return NULL;
}

struct tidei_span *
tidei_layout_block(const struct tidei_layout *l, uintptr_t address)
{
	struct tidei_span *span = tidei_layout_find(l, TIDEI_LAYER_MEMZONE, address);

	return span != NULL ? span : tidei_layout_find(l, TIDEI_LAYER_HEAP, address);
}

static uint32_t
heap_place(struct tidei_places *p, const struct tidei_span *span)
{
	char name[TIDE_LOCATE_NAME_MAX];

	snprintf(name, sizeof(name), "EAL heap %s, a block of %zu bytes",
		span->name == NULL ? "" : span->name, (size_t)(span->to - span->from));
	return tidei_places_number(p, TIDE_LOCATE_EAL_HEAP, false, name);
}

uint32_t
tidei_layout_place(struct tidei_layout *l, struct tidei_places *p, uintptr_t address)
{
	struct tidei_span *span = NULL;

	for (unsigned int i = 0; i < TIDEI_LAYERS && span == NULL; i++)
		span = tidei_layout_find(l, (enum tidei_layer)i, address);
	if (span == NULL)
		return 0;
	/* A data segment has many symbols, so its place is not kept in the span. */
	if (span->kind == TIDE_LOCATE_DATA)
		return tidei_symbol_place(p, span, address);
	if (span->place == 0 && span->kind == TIDE_LOCATE_EAL_HEAP)
		span->place = heap_place(p, span);
	else if (span->place == 0)
		span->place = tidei_places_number(p, (enum tide_locate_kind)span->kind, span->weak,
			span->name == NULL ? "memory" : span->name);
	return span->place;
}
