/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_BUMP_INTERNAL_H
#define TIDE_BUMP_INTERNAL_H

/*
 * Shared by the sources of lib/bump; only they and their tests include this. None of them needs DPDK.
 *
 * Epoch and offset are one word, so an allocation is in the epoch that the word names at the instant of
 * its compare-and-swap, and no flip can come between. The memory that a successful compare-and-swap hands
 * out follows from the word alone, so a word that is equal again after many flips does no harm.
 *
 * A reader that holds shows the tag of the epoch that was current (its pin). A flip from tag t opens the part
 * of tag t - 1, so it is refused unless each pin is none or t. A reset takes everything, so it first closes
 * the word and gives it a new tag, and is refused unless each pin is none or that tag: a reader that shows
 * the new tag began to hold while nothing could be allocated.
 *
 * Between the store of a pin and the next access of its reader is a full fence; another is between the
 * store of a new tag and the loads of all pins for the next flip. So a flip sees the pin, or the reader sees
 * the tag that this flip found and all that came before. In the second case the reader gets nothing of
 * the part that this flip opens: it allocates in the epoch of that tag or in a later one, and pointers into
 * earlier epochs were withdrawn before.
 *
 * A flip can come between the load of a tag and the store of the pin. Such a pin holds up every flip, so it
 * keeps too much; but tags wrap around, and after 2^23 of them it would be taken for a current one. So the
 * reader looks at the word again and shows what it finds there, until both are equal.
 */

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "tide_bump.h"

/* Two lines, as the prefetcher of many CPUs fetches lines in pairs. */
#define TIDEI_BUMP_PAD 128

/* Every part begins on, and is a multiple of, so many bytes. */
#define TIDEI_BUMP_PART_ALIGN 64

/* The word, from its lowest bit: units used in the open part, whether a reset is under way, the tag. */
#define TIDEI_BUMP_UNIT      8
#define TIDEI_BUMP_USED_BITS 40
#define TIDEI_BUMP_CLOSED    (UINT64_C(1) << TIDEI_BUMP_USED_BITS)
#define TIDEI_BUMP_TAG_SHIFT (TIDEI_BUMP_USED_BITS + 1)
#define TIDEI_BUMP_TAG_ONE   (UINT64_C(1) << TIDEI_BUMP_TAG_SHIFT)

/* Pin of a reader: this bit and the tag it holds; 0: it does not hold. */
#define TIDEI_BUMP_HOLDS (UINT64_C(1) << 63)

struct tide_bump_reader {
	/* The reader's thread writes, flips and resets read. Unregister writes it for a thread that is gone. */
	alignas(TIDEI_BUMP_PAD) _Atomic uint64_t pin;
	struct tide_bump *bump;
	bool registered; /* Under the lock, as is the name. */
	char name[TIDE_BUMP_NAME_MAX + 1];
};

struct tide_bump {
	/* Any thread that allocates moves it; flips and resets give it a new tag. */
	alignas(TIDEI_BUMP_PAD) _Atomic uint64_t word;
	/* Read by every allocation, never written after creation. */
	alignas(TIDEI_BUMP_PAD)
		uintptr_t part[2]; /* First bytes; with one epoch both are the same. */
	uint64_t capacity; /* Bytes of a part. */
	uintptr_t align_mask; /* Least alignment, less one. */
	unsigned int epochs, nb_readers;
	bool fill;
	char name[TIDE_BUMP_NAME_MAX + 1];
	/* Any thread writes, seldom. */
	alignas(TIDEI_BUMP_PAD) _Atomic uint64_t failures;
	_Atomic uint64_t bytes; /* Of epochs that have ended. */
	_Atomic uint64_t flips, resets;
	_Atomic uint64_t when; /* The last flip; microseconds of CLOCK_MONOTONIC. */
	atomic_flag busy; /* A thread flips or resets. */
	pthread_mutex_t lock; /* Of registrations. */
	struct tide_bump_reader reader[];
};

static inline uint64_t
tidei_bump_tag(uint64_t word)
{
	return word >> TIDEI_BUMP_TAG_SHIFT;
}

/* Bytes used of the open part. */
static inline uint64_t
tidei_bump_used(uint64_t word)
{
	return (word & (TIDEI_BUMP_CLOSED - 1)) * TIDEI_BUMP_UNIT;
}

/* First byte of the part that a tag is in. Tags wrap at an even number. */
static inline uintptr_t
tidei_bump_part(const struct tide_bump *bump, uint64_t tag)
{
	return bump->part[tag & 1];
}

/* take.c: allocate like tide_bump_alloc(), without a check of the caller. MT-safe, lock-free. */
void *tidei_bump_take(struct tide_bump *bump, size_t size, size_t align);

/* Guard the bytes of a reclaimed part, and fill them if the conf says so. */
void tidei_bump_seal(const struct tide_bump *bump, uintptr_t part);
/* Remove the guard from a whole part: its pool is freed. */
void tidei_bump_unseal(const struct tide_bump *bump, uintptr_t part);

#endif /* TIDE_BUMP_INTERNAL_H */
