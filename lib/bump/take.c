/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Allocation: one compare-and-swap of the word that holds epoch and offset. */

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "bump_internal.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BUMP_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define BUMP_ASAN 1
#endif
#ifdef BUMP_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(addr, size)   ((void)(addr), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(addr, size) ((void)(addr), (void)(size))
#endif

static_assert(TIDE_BUMP_PART_MAX / TIDEI_BUMP_UNIT < TIDEI_BUMP_CLOSED, "all of a part counts");
static_assert(TIDEI_BUMP_PART_ALIGN % TIDEI_BUMP_UNIT == 0, "a part is whole units");

void
tidei_bump_seal(const struct tide_bump *bump, uintptr_t part)
{
	ASAN_UNPOISON_MEMORY_REGION((void *)part, bump->capacity);
	if (bump->fill)
		memset((void *)part, TIDE_BUMP_FILL, bump->capacity);
	ASAN_POISON_MEMORY_REGION((void *)part, bump->capacity);
}

void
tidei_bump_unseal(const struct tide_bump *bump, uintptr_t part)
{
	ASAN_UNPOISON_MEMORY_REGION((void *)part, bump->capacity);
}

/* Where size bytes fit behind those used; 0: they do not. */
static uintptr_t
fit(const struct tide_bump *bump, uintptr_t part, uint64_t used, size_t size, uintptr_t mask)
{
	uintptr_t start = (part + used + mask) & ~mask, end = part + bump->capacity;

	/* A difference, as a sum could wrap around. */
	return start <= end && size <= end - start ? start : 0;
}

static void *
refuse(int err)
{
	errno = err;
	return NULL;
}

static void *
refuse_full(struct tide_bump *bump, size_t size, uintptr_t mask)
{
	if (fit(bump, bump->part[0], 0, size, mask) == 0 ||
		fit(bump, bump->part[1], 0, size, mask) == 0)
		return refuse(EMSGSIZE);
	/* Relaxed: a counter orders nothing. */
	atomic_fetch_add_explicit(&bump->failures, 1, memory_order_relaxed);
	return refuse(ENOMEM);
}

void *
tidei_bump_take(struct tide_bump *bump, size_t size, size_t align)
{
	uintptr_t mask = (align == 0 ? 0 : align - 1) | bump->align_mask, part, start;
	uint64_t word, units;

	if (size == 0 || align > TIDE_BUMP_ALIGN_MAX || (align & (align - 1)) != 0)
		return refuse(EINVAL);
	/* Relaxed, as where the swap fails: nothing of the part is touched before the swap. */
	word = atomic_load_explicit(&bump->word, memory_order_relaxed);
	do {
		if (word & TIDEI_BUMP_CLOSED)
			return refuse(EAGAIN);
		part = tidei_bump_part(bump, tidei_bump_tag(word));
		start = fit(bump, part, tidei_bump_used(word), size, mask);
		if (start == 0)
			return refuse_full(bump, size, mask);
		units = (start - part + size + TIDEI_BUMP_UNIT - 1) / TIDEI_BUMP_UNIT;
		/*
		 * Acquire: pairs with the release of the flip or reset that opened this part. No release
		 * is needed: a read-modify-write goes on with that of the flip.
		 */
	} while (!atomic_compare_exchange_weak_explicit(&bump->word, &word,
		(word & ~(TIDEI_BUMP_CLOSED - 1)) | units, memory_order_acquire,
		memory_order_relaxed));
	ASAN_UNPOISON_MEMORY_REGION((void *)start, size);
	return (void *)start;
}

void *
tide_bump_alloc(struct tide_bump *bump, size_t size, size_t align)
{
	if (bump->epochs != 1)
		return refuse(EPERM);
	return tidei_bump_take(bump, size, align);
}

void *
tide_bump_reader_alloc(struct tide_bump_reader *reader, size_t size, size_t align)
{
	/* Relaxed: the thread that asks has written it. */
	if (atomic_load_explicit(&reader->pin, memory_order_relaxed) == 0)
		return refuse(EPERM);
	return tidei_bump_take(reader->bump, size, align);
}
