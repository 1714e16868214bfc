/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Claims, fills and checks the allocations of stress tests. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "pieces.h"

_Atomic bool failed;

static const unsigned char *base;
static _Atomic unsigned char *claimed_by; /* By unit: 1 + number of the owner; 0: none. */

void
fail(const char *format, ...)
{
	va_list args;

	flockfile(stderr);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	funlockfile(stderr);
	atomic_store(&failed, true);
}

void
pieces_init(const void *memory, _Atomic unsigned char *claims)
{
	base = memory;
	claimed_by = claims;
}

unsigned int
dice(struct pieces *p, unsigned int sides)
{
	return (unsigned int)rand_r(&p->seed) % sides;
}

size_t
draw_size(struct pieces *p)
{
	return 1 + dice(p, dice(p, 16) == 0 ? 1500 : 120);
}

size_t
draw_align(struct pieces *p)
{
	return dice(p, 8) == 0 ? (size_t)1 << dice(p, 10) : 0;
}

/* Replace one owner by another for every unit of a piece. */
static void
claim(const struct piece *piece, unsigned char from, unsigned char to)
{
	size_t first = (size_t)(piece->at - base) / UNIT;

	for (size_t i = 0; i < (piece->size + UNIT - 1) / UNIT; i++) {
		/* Relaxed: the code under test must order the accesses of two owners. */
		unsigned char was =
			atomic_exchange_explicit(&claimed_by[first + i], to, memory_order_relaxed);

		if (was != from)
			fail("byte %zu of an allocation at %p is thread %d's, not %d's", i * UNIT,
				(void *)piece->at, was - 1, from - 1);
	}
}

static void
check(struct pieces *p, const struct piece *piece, const char *whose)
{
	p->checks++;
	for (size_t i = 0; i < piece->size; i++) {
		if (piece->at[i] == (unsigned char)(piece->mark + i))
			continue;
		fail("thread %u finds byte %zu of %s allocation at %p changed", p->number, i, whose,
			(void *)piece->at);
		return;
	}
}

const struct piece *
pieces_add(struct pieces *p, void *at, size_t size, size_t align)
{
	struct piece *piece = &p->own[p->nb_own++];

	*piece = (struct piece){at, size, (unsigned char)dice(p, 256)};
	if (align != 0 && (uintptr_t)at % align != 0)
		fail("an allocation at %p, requested alignment %zu", at, align);
	claim(piece, 0, (unsigned char)(p->number + 1));
	for (size_t i = 0; i < size; i++)
		piece->at[i] = (unsigned char)(piece->mark + i);
	return piece;
}

void
pieces_show(struct pieces *p, uint64_t word)
{
	atomic_store_explicit(&p->shown, word, memory_order_release);
}

void
pieces_see(struct pieces *p, void *at)
{
	struct piece *piece = &p->seen[p->nb_seen++];

	*piece = (struct piece){at, UNIT, *(unsigned char *)at};
	check(p, piece, "a neighbour's");
}

void
pieces_end(struct pieces *p)
{
	/* Relaxed: a thread that still reads the word checks that the epoch of the piece is not over. */
	atomic_store_explicit(&p->shown, 0, memory_order_relaxed);
	while (p->nb_seen > 0)
		check(p, &p->seen[--p->nb_seen], "a neighbour's");
	while (p->nb_own > 0) {
		check(p, &p->own[--p->nb_own], "its own");
		claim(&p->own[p->nb_own], (unsigned char)(p->number + 1), 0);
	}
}
