/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The memory of one scan: a bump allocator, arrays that grow, and a sort, in a mapping that scans skip. */

#include <string.h>
#include <sys/mman.h>

#include "locate_scratch.h"

#define RESERVE_MOST  ((size_t)64 << 30)
#define RESERVE_LEAST ((size_t)64 << 20)
#define COMMIT_STEP   ((size_t)4 << 20)
#define ALIGN         ((size_t)64)

bool
tidei_scratch_init(struct tidei_scratch *s)
{
	memset(s, 0, sizeof(*s));
	/* Inaccessible memory costs nothing, except of the limits of address space and of locked memory. */
	for (size_t size = RESERVE_MOST; size >= RESERVE_LEAST; size /= 2) {
		void *at = mmap(
			NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (at == MAP_FAILED)
			continue;
		s->base = at;
		s->reserved = size;
		return true;
	}
	return false;
}

void
tidei_scratch_fini(struct tidei_scratch *s)
{
	if (s->base != NULL)
		munmap(s->base, s->reserved);
	memset(s, 0, sizeof(*s));
}

static bool
commit(struct tidei_scratch *s, size_t end)
{
	size_t to = (end + COMMIT_STEP - 1) & ~(COMMIT_STEP - 1);

	if (end <= s->committed)
		return true;
	if (to > s->reserved || mprotect(s->base, to, PROT_READ | PROT_WRITE) != 0)
		return false;
	s->committed = to;
	return true;
}

void *
tidei_scratch_alloc(struct tidei_scratch *s, size_t size)
{
	char *at = s->base + s->used;

	if (size > s->reserved - s->used || !commit(s, s->used + size))
		return NULL;
	s->used = (s->used + size + ALIGN - 1) & ~(ALIGN - 1);
	if (s->used > s->reserved)
		s->used = s->reserved;
	return at;
}

void *
tidei_vector_add(struct tidei_scratch *s, struct tidei_vector *v, size_t each)
{
	if (v->nb == v->room) {
		size_t room = v->room == 0 ? 256 : v->room * 2;
		void *at = tidei_scratch_alloc(s, room * each);

		if (at == NULL)
			return NULL;
		if (v->nb != 0)
			memcpy(at, v->at, v->nb * each);
		v->at = at;
		v->room = room;
	}
	return memset((char *)v->at + v->nb++ * each, 0, each);
}

static uint64_t
key(const char *at, size_t i, size_t each)
{
	uint64_t value;

	memcpy(&value, at + i * each, sizeof(value));
	return value;
}

/* Return the end of the ascending run that begins at i. */
static size_t
run_end(const char *at, size_t i, size_t nb, size_t each)
{
	while (i + 1 < nb && key(at, i, each) <= key(at, i + 1, each))
		i++;
	return i + 1;
}

/* Merge the runs [from, middle) and [middle, to) of one array into another. */
static void
merge(char *out, const char *in, size_t from, size_t middle, size_t to, size_t each)
{
	size_t a = from, b = middle;

	for (size_t i = from; i < to; i++) {
		bool first = a < middle && (b == to || key(in, a, each) <= key(in, b, each));

		memcpy(out + i * each, in + (first ? a++ : b++) * each, each);
	}
}

/* The tables are nearly in order, so this merges the runs that they already have. */
bool
tidei_scratch_sort(struct tidei_scratch *s, void *at, size_t nb, size_t each)
{
	size_t before = s->used;
	char *in = at, *out;

	if (nb < 2 || run_end(in, 0, nb, each) == nb)
		return true;
	out = tidei_scratch_alloc(s, nb * each);
	if (out == NULL)
		return false;
	while (run_end(in, 0, nb, each) < nb) {
		char *swap = in;

		for (size_t from = 0; from < nb;) {
			size_t middle = run_end(in, from, nb, each);
			size_t to = middle < nb ? run_end(in, middle, nb, each) : nb;

			merge(out, in, from, middle, to, each);
			from = to;
		}
		in = out;
		out = swap;
	}
	if (in != at)
		memcpy(at, in, nb * each);
	/* The next user expects zeroes. */
	memset(s->base + before, 0, s->used - before);
	s->used = before;
	return true;
}
