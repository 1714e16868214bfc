/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Says which slots are out, since when, and through whom. */

#include <time.h>

#include "layout.h"
#include "origin.h"

uint32_t
tidei_freemap_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}

struct tidei_origin
tidei_freemap_origin(const struct tidei_freemap *map, uint32_t slot)
{
	const struct tidei_block *b = &map->block[slot / BLOCK_SLOTS];
	/* Relaxed throughout: the answer is racy and says so. */
	uint64_t older = atomic_load_explicit(&b->older, memory_order_relaxed);
	uint32_t when_ms = atomic_load_explicit(&b->when_ms, memory_order_relaxed);
	uint32_t epoch = atomic_load_explicit(&b->epoch, memory_order_relaxed);

	if (older >> slot % BLOCK_SLOTS & 1)
		return (struct tidei_origin){
			atomic_load_explicit(&b->older_who, memory_order_relaxed),
			atomic_load_explicit(&b->older_when_ms, memory_order_relaxed), when_ms,
			epoch};
	return (struct tidei_origin){atomic_load_explicit(&b->who, memory_order_relaxed), when_ms,
		tidei_freemap_now_ms(), epoch};
}

int
tidei_freemap_walk(const struct tidei_freemap *map,
	int (*cb)(const struct tidei_freemap *map, uint32_t slot, void *arg), void *arg)
{
	for (uint32_t first = 0; first < map->bound; first += BLOCK_SLOTS) {
		const struct tidei_block *b = &map->block[first / BLOCK_SLOTS];
		/* Relaxed: racy and said so. */
		uint64_t out = b->slots & ~atomic_load_explicit(&b->free, memory_order_relaxed);

		for (; out != 0; out &= out - 1) {
			int ret = cb(map, first + (uint32_t)__builtin_ctzll(out), arg);

			if (ret != 0)
				return ret;
		}
	}
	return 0;
}
