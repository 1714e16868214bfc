/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Puts objects back: checks each one and appends its number to the loaded magazine. */

#include <string.h>

#include "cell.h"
#include "depot.h"
#include "get.h"
#include "ledger.h"
#include "put.h"
#include "refuse.h"
#include "segment.h"
#include "wide.h"

/* Load a magazine with room when the loaded one is full. */
static __attribute__((noinline)) void
make_room(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint64_t pair = cell_pair(cell);

	if (previous_count(pair) < magazine_size(mags))
		cell_set_pair(cell, swap_pair(pair));
	else
		tidei_depot_exchange(mags, cell, STATE_FULL);
}

/* Return the place for the next numbers in the loaded magazine. *room: at least 1, at most n. */
static inline uint32_t *
places(struct tidei_magazines *mags, struct tidei_cell *cell, unsigned int n, unsigned int *room)
{
	uint32_t size = magazine_size(mags), count = loaded_count(cell_pair(cell));

	if (__builtin_expect(count == size, 0)) {
		make_room(mags, cell);
		count = loaded_count(cell_pair(cell));
	}
	*room = n < size - count ? n : size - count;
	return magazine_numbers(mags, loaded(cell_pair(cell))) + count;
}

/* Count n numbers that were written behind those of the loaded magazine. */
static inline void
append(struct tidei_cell *cell, unsigned int n)
{
	cell_set_pair(cell, cell_pair(cell) + n);
}

/*
 * Write the numbers of n objects and record their put in the ledger. Returns how many it accepted from
 * the start of the table; no word of the others changed.
 */
static unsigned int
put_numbers(struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table,
	uint32_t *number, unsigned int n)
{
	uint32_t word = ledger_record(cell);

	if (mags->segments.nb == 1)
		return wide()->compress_put(mags, cell, table, number, n, word);
	return tidei_compress_many(mags, table, number, n) &&
	                       tidei_ledger_update(mags, number, n, LEDGER_OUT, word)
	               ? n
	               : 0;
}

/* A put accepted the object. */
#define NO_MISUSE TIDEI_MISUSE_KINDS

/* Put one object that may be misused. Returns the kind of misuse, or NO_MISUSE. */
static enum tidei_misuse_kind
put_checked(struct tidei_magazines *mags, struct tidei_cell *cell, void *object)
{
	const struct tidei_segment *s = tidei_segment_at(mags, (uintptr_t)object);
	unsigned int one;
	uint32_t *place = places(mags, cell, 1, &one);

	if (s == NULL)
		return TIDEI_MISUSE_FOREIGN;
	*place = segment_number(mags, s, (uintptr_t)object);
	if (*place == NO_NUMBER)
		return TIDEI_MISUSE_MISALIGNED;
	if (!ledger_update_one(mags, s, *place, LEDGER_OUT, ledger_record(cell)))
		return TIDEI_MISUSE_DOUBLE_FREE;
	append(cell, 1);
	return NO_MISUSE;
}

/* Put objects one by one after a burst with misuse. Returns the number of refused objects. */
static __attribute__((cold, noinline)) unsigned int
put_one_by_one(struct tidei_magazines *mags, struct tidei_entry *entry, void *const *table,
	unsigned int n, const struct tidei_listener *l)
{
	unsigned int refused = 0;

	for (unsigned int i = 0; i < n; i++) {
		enum tidei_misuse_kind kind = put_checked(mags, entry->cell, table[i]);

		if (kind == NO_MISUSE)
			continue;
		refused++;
		if (l == NULL) {
			refuse(mags, l, kind, table[i]);
			continue;
		}
		/* Outside the cell, because a listener that blocks or never returns would keep its free objects. */
		cell_end(*entry);
		refuse(mags, l, kind, table[i]);
		*entry = cell_begin(mags);
	}
	return refused;
}

/* Put objects piece by piece from inside a cell. Returns the number of refused objects. */
static unsigned int
put_pieces(struct tidei_magazines *mags, struct tidei_entry *entry, void *const *table,
	unsigned int n, const struct tidei_listener *l)
{
	unsigned int refused = 0, room, given;

	for (; n > 0; table += given, n -= given) {
		uint32_t *number = places(mags, entry->cell, n, &room);

		given = put_numbers(mags, entry->cell, table, number, room);
		/* After the ledger: others can get the objects as soon as the magazine has them. */
		append(entry->cell, given);
		if (__builtin_expect(given < room, 0)) {
			unsigned int doubtful =
				room - given < LEDGER_CHUNK ? room - given : LEDGER_CHUNK;

			refused += put_one_by_one(mags, entry, table + given, doubtful, l);
			given += doubtful;
		}
	}
	return refused;
}

unsigned int
tidei_put_slowly(struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table,
	unsigned int n, const struct tidei_listener *l)
{
	struct tidei_entry entry = {cell, HOLD_OWN, 0};
	unsigned int refused;

	if (cell == NULL)
		entry = tidei_cell_find(mags);
	refused = put_pieces(mags, &entry, table, n, l);
	cell_end(entry);
	return refused;
}

unsigned int
tidei_magazines_put(struct tidei_magazines *mags, void *const *table, unsigned int n,
	const struct tidei_listener *l)
{
	return wide()->put(mags, table, n, l);
}

void
tidei_put_back(
	struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table, unsigned int n)
{
	put_pieces(mags, &(struct tidei_entry){cell, HOLD_OWN, 0}, table, n, NULL);
}

/*
 * Empty the loaded magazine into the previous one and the depot. The next get of the owner then takes
 * the slow path, where it measures the peak: gets from this cell do not lower the depot's count.
 */
static void
put_aside(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	cell_set_pair(cell, swap_pair(cell_pair(cell)));
	tidei_merge_pair(mags, cell);
	cell_set_pair(cell, swap_pair(cell_pair(cell)));
	if (loaded_count(cell_pair(cell)) != 0)
		tidei_depot_exchange(mags, cell, STATE_FULL);
	cell->peak_due = true;
}

void
tidei_put_run(struct tidei_magazines *mags, uint32_t number, uint32_t n)
{
	struct tidei_entry entry = cell_begin(mags);
	unsigned int piece;

	for (; n > 0; n -= piece) {
		uint32_t *place = places(mags, entry.cell, n, &piece);

		for (unsigned int i = 0; i < piece; i++, number += mags->odd)
			place[i] = number;
		append(entry.cell, piece);
	}
	put_aside(mags, entry.cell);
	cell_end(entry);
}
