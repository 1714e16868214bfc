/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Finds the descriptors of threads in memory.
 *
 * glibc has no public call that returns the stack of any thread. On x86-64 a descriptor is recognised by its content:
 * words that point to itself, the thread id, and an address with a size that enclose the descriptor. Other C
 * libraries and machines have none that is known here; the stack is then memory without a name.
 */

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>

#include "locate_descriptor.h"
#include "locate_peek.h"

/* The descriptor is in so many bytes at the end of a mapping, and has so many bytes. */
#define TOP  ((size_t)64 << 10)
#define SIZE 2304

/* Thread id and bounds are behind this. */
#define FIRST 512

/* Return where the id is in a descriptor, by that of the calling thread; 0: it is not found. */
static size_t
id_offset(void)
{
	uint32_t word[SIZE / sizeof(uint32_t)];
	size_t got = tidei_peek(word, (uintptr_t)pthread_self(), sizeof(word));

	for (size_t i = FIRST / sizeof(word[0]); i < got / sizeof(word[0]); i++)
		if (word[i] == (uint32_t)gettid())
			return i * sizeof(word[0]);
	return 0;
}

/* Return the lowest usable address of the stack that a descriptor names; 0: it names none. */
static uintptr_t
stack_of(const char *descriptor, uintptr_t at)
{
	for (size_t i = FIRST; i + 3 * sizeof(uintptr_t) <= SIZE; i += sizeof(uintptr_t)) {
		uintptr_t word[3]; /* Address, size, size of the guard. */

		memcpy(word, descriptor + i, sizeof(word));
		if (word[0] != 0 && word[0] % 4096 == 0 && word[0] < at && word[1] > at - word[0] &&
			word[1] - (at - word[0]) < TOP && word[2] < word[1])
			return word[0] + word[2];
	}
	return 0;
}

static bool
is_descriptor(struct tidei_descriptor *d, const char *bytes, uintptr_t at, uintptr_t from)
{
	uintptr_t word[3];
	size_t offset;

	memcpy(word, bytes, sizeof(word));
	if (word[0] != at || word[2] != at)
		return false;
	offset = id_offset();
	if (offset == 0)
		return false;
	d->at = at;
	d->stack = stack_of(bytes, at);
	memcpy(&d->tid, bytes + offset, sizeof(d->tid));
	/* The kernel writes 0 when the thread ends, pthread_join(3) writes -1. */
	d->ended = d->tid == 0 || d->tid == UINT32_MAX;
	return d->stack >= from;
}

bool
tidei_descriptor_find(struct tidei_descriptor *d, uintptr_t from, uintptr_t to)
{
#ifdef __x86_64__
	char page[4096 + SIZE];

	/* Page by page, so that the pages of an unused mapping are hardly touched. */
	for (uintptr_t at = to - RTE_MIN(TOP, to - from); at + SIZE <= to; at += 4096) {
		size_t len = tidei_peek(page, at, RTE_MIN(sizeof(page), to - at));

		for (size_t i = 0; i + SIZE <= len && i < 4096; i += 64)
			if (is_descriptor(d, page + i, at + i, from))
				return true;
	}
#endif
	return false;
}
