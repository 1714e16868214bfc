/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads all memory of a layout and looks for values that are addresses in objects. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "locate_peek.h"
#include "locate_scan.h"

#define PAGE    ((uintptr_t)4096)
/* Words that are compared at a time. */
#define STEP    8
/* Of /proc/self/pagemap: the page is in memory, or in swap. */
#define PRESENT (UINT64_C(3) << 62)

void
tidei_scan_note(struct tidei_scan *scan, uint32_t object, uint32_t place)
{
	struct tidei_object *o = &scan->targets.object[object];

	/* An old pointer to a buffer that is free says nothing. */
	if (place == 0 || o->now != TIDEI_NOW_OUT)
		return;
	if (o->refs != UINT16_MAX)
		o->refs++;
	/* A place is one stretch of memory, so its pointers to one object are found one after another. */
	scan->places.place[place].buffers += o->noted != place;
	o->noted = place;
	if (tidei_places_better(&scan->places, place, o->place))
		o->place = place;
}

static void
note_word(struct tidei_scan *scan, uintptr_t value, uintptr_t address)
{
	uint32_t object = tidei_targets_find(&scan->targets, value);

	if (object != TIDEI_NO_OBJECT && scan->targets.object[object].now == TIDEI_NOW_OUT)
		tidei_scan_note(
			scan, object, tidei_layout_place(&scan->layout, &scan->places, address));
}

/* Look at words that were read from an address. */
static void
sweep_words(struct tidei_scan *scan, const uintptr_t *word, size_t n, uintptr_t address)
{
	const uintptr_t lo = scan->targets.lo, span = scan->targets.hi - lo;
	size_t i = 0;

	for (; i + STEP <= n; i += STEP) {
		bool any = false;

		for (size_t j = i; j < i + STEP; j++)
			any |= word[j] - lo < span;
		if (likely(!any))
			continue;
		for (size_t j = i; j < i + STEP; j++)
			if (word[j] - lo < span)
				note_word(scan, word[j], address + j * sizeof(*word));
	}
	for (; i < n; i++)
		if (word[i] - lo < span)
			note_word(scan, word[i], address + i * sizeof(*word));
}

/* Read a range whose pages are there; a page that has gone meanwhile is stepped over. */
static void
sweep_range(struct tidei_scan *scan, uintptr_t from, uintptr_t to)
{
	from = (from + sizeof(uintptr_t) - 1) & ~(sizeof(uintptr_t) - 1);
	while (from < to) {
		size_t len = RTE_MIN(to - from, TIDEI_BLOCK);
		size_t got = tidei_peek(scan->block, from, len);

		scan->bytes += got;
		sweep_words(scan, (const uintptr_t *)scan->block, got / sizeof(uintptr_t), from);
		from = got == len ? from + len : (from + got + PAGE) & ~(PAGE - 1);
	}
}

/*
 * Read the pages of a range that exist. Reading one that was never written would allocate it, in memory that is shared.
 */
static void
sweep_present(struct tidei_scan *scan, int pagemap, uintptr_t from, uintptr_t to)
{
	uint64_t page[512];

	while (from < to) {
		uintptr_t first = from & ~(PAGE - 1);
		size_t n = RTE_MIN((to - first + PAGE - 1) / PAGE, RTE_DIM(page));
		ssize_t got = pread(pagemap, page, n * sizeof(page[0]),
			(off_t)(first / PAGE * sizeof(page[0])));
		uintptr_t end = RTE_MIN(to, first + n * PAGE);

		if (got != (ssize_t)(n * sizeof(page[0]))) {
			sweep_range(scan, from, end);
			from = end;
			continue;
		}
		for (size_t i = 0, j; i < n; i = j) {
			bool present = page[i] & PRESENT;

			for (j = i; j < n && !(page[j] & PRESENT) == !present; j++)
				;
			if (present)
				sweep_range(scan, RTE_MAX(from, first + i * PAGE),
					RTE_MIN(end, first + j * PAGE));
		}
		from = end;
	}
}

void
tidei_scan_sweep(struct tidei_scan *scan)
{
	const struct tidei_span *mapping = scan->layout.layer[TIDEI_LAYER_MAPPING].at;
	const struct tidei_range *hole = scan->layout.holes.at;
	size_t h = 0, holes = scan->layout.holes.nb;
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	for (size_t i = 0; i < scan->layout.layer[TIDEI_LAYER_MAPPING].nb; i++) {
		uintptr_t from = mapping[i].from;

		while (h > 0 && hole[h - 1].to > from)
			h--;
		while (from < mapping[i].to) {
			while (h < holes && hole[h].to <= from)
				h++;
			if (h < holes && hole[h].from <= from) {
				from = hole[h].to;
				continue;
			}
			uintptr_t to =
				h < holes ? RTE_MIN(hole[h].from, mapping[i].to) : mapping[i].to;

			sweep_present(scan, pagemap, from, to);
			from = to;
		}
	}
	if (pagemap >= 0)
		close(pagemap);
}
