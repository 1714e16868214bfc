/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The segments of an allocator: adds runs to them, and finds one by number or by address. */

#include <errno.h>
#include <string.h>

#include "grow.h"
#include "segment.h"

static uintptr_t
segment_end(const struct tidei_magazines *mags, const struct tidei_segment *s)
{
	return s->base + ((uint64_t)(s->units - 1) << mags->shift) + mags->stride;
}

/* Count the segments that begin at or below an address. */
static uint32_t
segments_below(const struct tidei_segments *segments, uintptr_t address)
{
	uint32_t low = 0, high = segments->nb;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (segments->segment[segments->order[middle]].base <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct tidei_segment *
tidei_segment_at(const struct tidei_magazines *mags, uintptr_t address)
{
	const struct tidei_segments *segments = &mags->segments;
	uint32_t below = segments_below(segments, address);
	const struct tidei_segment *s;

	if (below == 0)
		return NULL;
	s = &segments->segment[segments->order[below - 1]];
	return address < segment_end(mags, s) ? s : NULL;
}

const struct tidei_segment *
tidei_segment_of(const struct tidei_magazines *mags, uint32_t number)
{
	const struct tidei_segment *segment = mags->segments.segment;
	uint32_t low = 0, high = mags->segments.nb;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (segment[middle].first <= number)
			low = middle;
		else
			high = middle;
	}
	return &segment[low];
}

void
tidei_expand_many(
	const struct tidei_magazines *mags, const uint32_t *number, void **table, unsigned int n)
{
	const struct tidei_segment *s = mags->segments.segment;

	for (unsigned int i = 0; i < n; i++) {
		if (number[i] - s->first >= s->units)
			s = tidei_segment_of(mags, number[i]);
		table[i] = segment_object(mags, s, number[i]);
	}
}

bool
tidei_compress_few(const struct tidei_magazines *mags, const struct tidei_segment *s,
	void *const *table, uint32_t *number, uint32_t *slot, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		number[i] = segment_number(mags, s, (uintptr_t)table[i]);
		if (number[i] == NO_NUMBER)
			return false;
		if (slot != NULL)
			slot[i] = segment_slot(mags, s, number[i]);
	}
	return true;
}

bool
tidei_compress_many(
	const struct tidei_magazines *mags, void *const *table, uint32_t *number, unsigned int n)
{
	const struct tidei_segment *s = mags->segments.segment;

	for (unsigned int i = 0; i < n; i++) {
		if (((uintptr_t)table[i] - s->base) >> mags->shift >= s->units)
			s = tidei_segment_at(mags, (uintptr_t)table[i]);
		if (s == NULL)
			return false;
		number[i] = segment_number(mags, s, (uintptr_t)table[i]);
		if (number[i] == NO_NUMBER)
			return false;
	}
	return true;
}

void
tidei_slots_many(
	const struct tidei_magazines *mags, const uint32_t *number, uint32_t *slot, unsigned int n)
{
	const struct tidei_segment *s = mags->segments.segment;

	for (unsigned int i = 0; i < n; i++) {
		if (number[i] - s->first >= s->units)
			s = tidei_segment_of(mags, number[i]);
		slot[i] = segment_slot(mags, s, number[i]);
	}
}

uint32_t
tidei_segment_slot_number(const struct tidei_magazines *mags, uint32_t slot)
{
	const struct tidei_segment *segment = mags->segments.segment, *s;
	uint32_t low = 0, high = mags->segments.nb, run, in_run;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (segment[middle].first_slot <= slot)
			low = middle;
		else
			high = middle;
	}
	s = &segment[low];
	run = (slot - s->first_slot) / s->per;
	in_run = (slot - s->first_slot) % s->per;
	return s->first + (s->run_slots == 0 ? 0 : run << s->run_shift) + in_run * mags->odd;
}

/* Tell whether a new run wraps around or overlaps a segment. */
static bool
collides(const struct tidei_magazines *mags, uintptr_t base, uint32_t n)
{
	const struct tidei_segments *segments = &mags->segments;
	uint32_t below = segments_below(segments, base);

	if (n > (UINTPTR_MAX - base) / mags->stride)
		return true;
	if (below > 0 && segment_end(mags, &segments->segment[segments->order[below - 1]]) > base)
		return true;
	return below < segments->nb &&
	       segments->segment[segments->order[below]].base < base + n * mags->stride;
}

/*
 * Extend a segment by a run of n objects, x units from its base. Returns false if the run does not
 * continue the pattern of the segment. A gap is shorter than a stride, on which units_after() relies.
 */
static bool
extend(const struct tidei_magazines *mags, struct tidei_segment *s, uint64_t x, uint32_t n)
{
	uint64_t run = (uint64_t)s->per * mags->odd, period = (uint64_t)s->mask + 1;

	if (s->runs == 1 && x == run) {
		s->per += n;
		s->last += n;
	} else if (s->runs == 1 && n <= s->per && x > run && x < run + mags->odd &&
		   (x & (x - 1)) == 0) {
		s->mask = (uint32_t)x - 1;
		s->run_shift = (uint32_t)__builtin_ctzll(x);
		s->run_slots = s->per;
		s->runs = 2;
		s->last = n;
	} else if (s->runs > 1 && n <= s->per && s->last == s->per && x == s->runs * period) {
		s->runs++;
		s->last = n;
	} else if (s->runs > 1 && n <= s->per - s->last &&
		   x == (s->runs - 1) * period + (uint64_t)s->last * mags->odd) {
		s->last += n;
	} else {
		return false;
	}
	s->units = (uint32_t)(x + (uint64_t)(n - 1) * mags->odd + 1);
	return true;
}

/* Return the segment added last, which a run can extend; NULL: there is none. */
static struct tidei_segment *
last_segment(const struct tidei_magazines *mags)
{
	const struct tidei_segments *segments = &mags->segments;

	return segments->nb == 0 ? NULL : &segments->segment[segments->nb - 1];
}

/* Return the first unit after the last object of all segments. */
static uint64_t
units_end(const struct tidei_magazines *mags)
{
	const struct tidei_segment *last = last_segment(mags);

	return last == NULL ? 0 : (uint64_t)last->first + last->units - 1 + mags->odd;
}

/* Compute an upper bound of units_end() after a run of n more objects. */
static uint64_t
units_after(const struct tidei_magazines *mags, uint32_t n)
{
	/* A run that extends a segment begins less than a stride after its end: see extend(). */
	uint64_t gap = last_segment(mags) == NULL ? 0 : mags->odd;

	return units_end(mags) + gap + (uint64_t)n * mags->odd;
}

static size_t
round_to_line(size_t bytes)
{
	return (bytes + LINE - 1) / LINE * LINE;
}

static size_t
segments_size(uint32_t capacity)
{
	return round_to_line(capacity * (sizeof(struct tidei_segment) + sizeof(uint32_t)));
}

size_t
tidei_magazines_grow_size(const struct tidei_magazines *mags)
{
	const struct tidei_segments *segments = &mags->segments;

	return segments->nb < segments->capacity ? 0 : segments_size(2 * segments->capacity);
}

void *
tidei_magazines_grow(struct tidei_magazines *mags, void *mem)
{
	struct tidei_segments *segments = &mags->segments;
	uint32_t capacity = 2 * segments->capacity;
	struct tidei_segment *segment = mem;
	uint32_t *order = (uint32_t *)(segment + capacity);
	void *before = mags->grown;

	/* Searches read the first segment even if there are no objects. */
	memset(segment, 0, sizeof(*segment));
	memcpy(segment, segments->segment, segments->nb * sizeof(*segment));
	memcpy(order, segments->order, segments->nb * sizeof(*order));
	*segments = (struct tidei_segments){capacity, segments->nb, segment, order};
	mags->grown = mem;
	return before;
}

void *
tidei_magazines_grown(const struct tidei_magazines *mags)
{
	return mags->grown;
}

static void
insert(struct tidei_segments *segments, const struct tidei_segment *new)
{
	uint32_t below = segments_below(segments, new->base);

	memmove(&segments->order[below + 1], &segments->order[below],
		(segments->nb - below) * sizeof(segments->order[0]));
	segments->order[below] = segments->nb;
	segments->segment[segments->nb++] = *new;
}

int
tidei_segment_add(struct tidei_magazines *mags, void *base, uint32_t n, uint32_t *number)
{
	struct tidei_segments *segments = &mags->segments;
	struct tidei_segment new = {
		.base = (uintptr_t)base, .mask = UINT32_MAX, .per = n, .run_shift = 31, .runs = 1};
	struct tidei_segment *last = last_segment(mags);
	uint64_t offset;

	if (n == 0 || base == NULL || new.base % 8 != 0 || collides(mags, new.base, n))
		return -EINVAL;
	if (n > mags->capacity - mags->objects)
		return -ENOSPC;
	if (tidei_magazines_grow_size(mags) != 0)
		return -ENOBUFS;
	if (units_after(mags, n) > NO_NUMBER)
		return -E2BIG;
	offset = last == NULL ? 0 : new.base - last->base;
	if (last != NULL && new.base > last->base &&
		(offset & ((UINT64_C(1) << mags->shift) - 1)) == 0 &&
		extend(mags, last, offset >> mags->shift, n)) {
		*number = last->first + (uint32_t)(offset >> mags->shift);
		return 0;
	}
	new.first = (uint32_t)units_end(mags);
	new.first_slot = mags->objects;
	new.units = (n - 1) * mags->odd + 1;
	new.last = n;
	insert(segments, &new);
	*number = new.first;
	return 0;
}
