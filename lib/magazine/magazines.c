/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes an allocator: its size, its layout, and its objects. */

#include <errno.h>
#include <string.h>

#include "depot.h"
#include "grow.h"
#include "ledger.h"
#include "put.h"

/* Byte offsets of the arrays after struct tidei_magazines, and of their end. */
struct offsets {
	size_t cell, state, full, empty, caller, number, ledger, end;
};

/*
 * Choose log2 of the numbers in a magazine. Large ones need fewer exchanges with the depot, small ones
 * leave fewer free objects of a small pool in cells.
 */
static uint8_t
log_size_of(uint32_t objects)
{
	if (objects < 2048)
		return 5;
	if (objects < 8192)
		return 6;
	return objects < 65536 ? 7 : 8;
}

static uint32_t
cells_of(uint32_t objects)
{
	if (objects < 2048)
		return 32;
	return objects < 65536 ? 64 : CELLS_MAX;
}

/* Count two magazines per cell and one per M objects: see "Room" in layout.h. */
static uint32_t
magazines_of(uint32_t objects)
{
	return 2 * cells_of(objects) + (objects >> log_size_of(objects));
}
static_assert(2 * CELLS_MAX + TIDEI_OBJECTS_MAX / MAGAZINE_MAX <= NO_MAGAZINE,
	"a pair can name each magazine");

static size_t
ledger_words(const struct tidei_magazines *mags)
{
	if (mags->mode == TIDEI_LEDGER_OFF)
		return 0;
	return mags->mode == TIDEI_LEDGER_FULL ? mags->capacity
	                                       : mags->capacity / TIDEI_LEDGER_SAMPLE + 1;
}

static size_t
round_up(size_t bytes, size_t to)
{
	return (bytes + to - 1) / to * to;
}

/* Set the fields that depend on the arguments alone. Returns false if one is out of range. */
static bool
shape(struct tidei_magazines *mags, uint32_t objects, size_t stride, enum tidei_ledger_mode mode)
{
	uint32_t inverse;

	if (objects == 0 || objects > TIDEI_OBJECTS_MAX || stride == 0 || stride % 8 != 0 ||
		stride > STRIDE_MAX || (unsigned int)mode >= TIDEI_LEDGER_MODES)
		return false;
	*mags = (struct tidei_magazines){
		.layout = LAYOUT,
		.stride = stride,
		.shift = (uint8_t)__builtin_ctzll(stride),
		.mode = (uint8_t)mode,
		.log_size = log_size_of(objects),
		.nb_magazines = magazines_of(objects),
		.nb_words = (magazines_of(objects) + 63) / 64,
		.nb_cells = cells_of(objects),
		.nb_callers =
			cells_of(objects) * 4 < CALLERS_MAX ? cells_of(objects) * 4 : CALLERS_MAX,
		.capacity = objects,
		.low = UINT32_MAX,
	};
	mags->odd = (uint32_t)(stride >> mags->shift);
	/* Newton's iteration doubles the correct bits. An odd number is its own inverse modulo 2^3. */
	inverse = mags->odd;
	for (int bits = 3; bits < 32; bits *= 2)
		inverse *= 2 - mags->odd * inverse;
	mags->inverse = inverse;
	return (uint64_t)objects * mags->odd < NO_NUMBER;
}

static struct offsets
offsets_of(const struct tidei_magazines *mags)
{
	struct offsets o;

	o.cell = round_up(sizeof(*mags), CELL_ALIGN);
	o.full = o.cell + mags->nb_cells * sizeof(struct tidei_cell);
	o.empty = round_up(o.full + mags->nb_words * sizeof(uint64_t), LINE);
	o.state = round_up(o.empty + mags->nb_words * sizeof(uint64_t), LINE);
	o.caller = round_up(o.state + mags->nb_magazines * sizeof(uint32_t), LINE);
	o.number = round_up(o.caller + mags->nb_callers * sizeof(struct tidei_caller), LINE);
	o.ledger = o.number + ((size_t)mags->nb_magazines << mags->log_size) * sizeof(uint32_t);
	o.end = o.ledger + ledger_words(mags) * sizeof(uint32_t);
	return o;
}

size_t
tidei_magazines_size(uint32_t objects, size_t stride, enum tidei_ledger_mode mode)
{
	struct tidei_magazines mags;

	return shape(&mags, objects, stride, mode) ? offsets_of(&mags).end : 0;
}

/* Place two empty magazines into each cell and the others into the depot. */
static void
place_magazines(struct tidei_magazines *mags)
{
	for (uint32_t c = 0; c < mags->nb_cells; c++) {
		atomic_init(&mags->cell[c].pair, make_pair(2 * c, 0, 2 * c + 1, 0));
		atomic_init(&mags->state[2 * c], state_held(c, STATE_EMPTY));
		atomic_init(&mags->state[2 * c + 1], state_held(c, STATE_EMPTY));
		mags->cell[c].full_hint = mags->cell[c].empty_hint = 2 * c;
	}
	for (uint32_t m = 2 * mags->nb_cells; m < mags->nb_magazines; m++) {
		atomic_init(&mags->state[m], STATE_EMPTY | (m - 1) << STATE_BITS);
		tidei_depot_set_bit(mags, m, STATE_EMPTY);
	}
}

struct tidei_magazines *
tidei_magazines_init(void *mem, uint32_t objects, size_t stride, enum tidei_ledger_mode mode)
{
	struct tidei_magazines *mags = mem;
	struct tidei_magazines made;
	struct offsets o;

	if (!shape(&made, objects, stride, mode))
		return NULL;
	o = offsets_of(&made);
	/* The numbers stay as they are: those beyond a count have no meaning. */
	memset(mem, 0, o.number);
	memset((char *)mem + o.ledger, 0, o.end - o.ledger);
	made.cell = (void *)((char *)mem + o.cell);
	made.bits[0] = (void *)((char *)mem + o.full);
	made.bits[1] = (void *)((char *)mem + o.empty);
	made.state = (void *)((char *)mem + o.state);
	made.caller = (void *)((char *)mem + o.caller);
	made.number = (void *)((char *)mem + o.number);
	made.ledger = mode == TIDEI_LEDGER_OFF ? NULL : (void *)((char *)mem + o.ledger);
	made.segments.capacity = SEGMENTS_INLINE;
	made.segments.segment = mags->inline_segment;
	made.segments.order = mags->inline_order;
	/* Spread allocators over the hints of a thread: see self.h. */
	made.hint_index = (uint32_t)((uintptr_t)mem / CELL_ALIGN * UINT32_C(2654435769)) >> 26;
	memcpy(mem, &made, sizeof(made));
	place_magazines(mags);
	return mags;
}

int
tidei_magazines_add(struct tidei_magazines *mags, void *base, uint32_t n)
{
	uint32_t number;
	int ret = tidei_segment_add(mags, base, n, &number);

	if (ret != 0)
		return ret;
	mags->objects += n;
	tidei_put_run(mags, number, n);
	/* Reset the record: the depot had fewer objects before the add. Relaxed: a statistic. */
	atomic_store_explicit(&mags->low, depot_free(mags), memory_order_relaxed);
	return 0;
}

bool
tidei_magazines_valid(const void *mem)
{
	const struct tidei_magazines *mags = mem;

	return mags->layout == LAYOUT;
}
