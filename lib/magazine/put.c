/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Gives objects back: each is checked and its number appended to the loaded magazine. */

#include <string.h>

#include "cell.h"
#include "depot.h"
#include "ledger.h"
#include "put.h"
#include "refuse.h"
#include "segment.h"
#include "wide.h"

/* See to it that the loaded magazine has room for a number. */
static __attribute__((noinline)) void
make_room(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	uint64_t pair = cell_pair(cell);

	if (previous_count(pair) < magazine_size(mags))
		cell_set_pair(cell, swap_pair(pair));
	else
		tidei_depot_exchange(mags, cell, STATE_FULL);
}

/* Up to n places behind the numbers of the loaded magazine, one at least; *room: how many. */
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

/* The numbers written behind the loaded ones, n of them, belong to the magazine now. */
static inline void
append(struct tidei_cell *cell, unsigned int n)
{
	cell_set_pair(cell, cell_pair(cell) + n);
}

static inline bool
compress(const struct tidei_magazines *mags, void *const *table, uint32_t *number, unsigned int n)
{
	const struct tidei_segment *s = mags->segments.segment;

	if (__builtin_expect(mags->segments.nb != 1, 0))
		return tidei_compress_many(mags, table, number, n);
	if (n == 1) {
		*number = segment_number(mags, s, (uintptr_t)*table);
		return *number != NO_NUMBER;
	}
	return wide()->compress(mags, s, table, number, n);
}

/* Put one object that may be no object, or free already. How many were refused. */
static unsigned int
put_checked(struct tidei_magazines *mags, struct tidei_cell *cell, void *object,
	const struct tidei_listener *l)
{
	const struct tidei_segment *s = tidei_segment_at(mags, (uintptr_t)object);
	unsigned int one;
	uint32_t *place = places(mags, cell, 1, &one);

	if (s == NULL) {
		refuse(mags, l, TIDEI_MISUSE_FOREIGN, object);
		return 1;
	}
	*place = segment_number(mags, s, (uintptr_t)object);
	if (*place == NO_NUMBER) {
		refuse(mags, l, TIDEI_MISUSE_MISALIGNED, object);
		return 1;
	}
	if (ledger_turn(mags, place, 1, LEDGER_OUT, ledger_word(cell)) == 0) {
		refuse(mags, l, TIDEI_MISUSE_DOUBLE_FREE, object);
		return 1;
	}
	append(cell, 1);
	return 0;
}

/* Put objects one by one, because one of them is not what it should be. */
static __attribute__((cold, noinline)) unsigned int
put_slowly(struct tidei_magazines *mags, struct tidei_cell *cell, void *const *table,
	unsigned int n, const struct tidei_listener *l)
{
	unsigned int refused = 0;

	for (unsigned int i = 0; i < n; i++)
		refused += put_checked(mags, cell, table[i], l);
	return refused;
}

unsigned int
tidei_magazines_put(struct tidei_magazines *mags, void *const *table, unsigned int n,
	const struct tidei_listener *l)
{
	unsigned int refused = 0, piece, turned;
	struct tidei_entry entry;
	struct tidei_cell *cell;

	if (n == 0)
		return 0;
	entry = cell_begin(mags);
	cell = entry.cell;
	if (mags->mode != TIDEI_LEDGER_OFF)
		ledger_tick(cell, 1);
	for (; n > 0; table += piece, n -= piece) {
		uint32_t *number = places(mags, cell, n, &piece);

		turned = 0;
		if (__builtin_expect(compress(mags, table, number, piece), 1)) {
			turned = ledger_turn(mags, number, piece, LEDGER_OUT, ledger_word(cell));
			/* The ledger first: the objects can be had as soon as the magazine has them. */
			append(cell, turned);
		}
		if (__builtin_expect(turned != piece, 0))
			refused += put_slowly(mags, cell, table + turned, piece - turned, l);
	}
	cell_end(entry);
	return refused;
}

/* Give back one number, unless a faulty caller has freed its object meanwhile. */
static __attribute__((cold, noinline)) void
put_number(struct tidei_magazines *mags, struct tidei_cell *cell, uint32_t number)
{
	unsigned int one;
	uint32_t *place = places(mags, cell, 1, &one);

	*place = number;
	if (ledger_turn(mags, place, 1, LEDGER_OUT, ledger_word(cell)) == 1)
		append(cell, 1);
	else
		refuse(mags, NULL, TIDEI_MISUSE_DOUBLE_FREE,
			segment_object(mags, tidei_segment_of(mags, number), number));
}

void
tidei_put_numbers(struct tidei_magazines *mags, struct tidei_cell *cell, const uint32_t *number,
	unsigned int n)
{
	unsigned int piece, turned;

	for (; n > 0; number += piece, n -= piece) {
		uint32_t *place = places(mags, cell, n, &piece);

		memcpy(place, number, piece * sizeof(*place));
		turned = ledger_turn(mags, place, piece, LEDGER_OUT, ledger_word(cell));
		append(cell, turned);
		for (; turned < piece; turned++)
			put_number(mags, cell, number[turned]);
	}
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
	cell_end(entry);
}
