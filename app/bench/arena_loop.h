/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_ARENA_LOOP_H
#define BENCH_ARENA_LOOP_H

/*
 * The loop of scenario arena: a thread allocates a burst of objects, and when the last is there, all are
 * given back, each candidate in its own way.
 */

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "error.h"
#include "heap.h"
#include "tide_arena.h"
#include "tide_bump.h"

/* Objects of a burst: those of 64 bytes fill half of a second level cache of 1 MB. */
#define ARENA_BURST 8192

/* Bytes of an object where all have the same. */
#define ARENA_SIZE 64

enum way {
	WAY_FLOOR, /* An address in a register goes on: what the loop costs without an allocator. */
	WAY_ARENA, /* tide_arena_alloc(); the leader flips and reclaims after each of its bursts. */
	/*
	 * One offset that all threads add to atomically; the leader sets it back after each of its
	 * bursts, as does whoever finds the end.
	 */
	WAY_BUMP,
	/*
	 * tide_bump_reader_alloc() on two halves; each thread holds again after each of its bursts, and the
	 * leader flips. A flip that a reader is in the way of is left out.
	 */
	WAY_POOL,
	WAY_HEAP, /* As malloc() and free(), one by one. */
};

/* Where all threads of a turn allocate. */
struct ground {
	enum way way;
	struct tide_arena *arena;
	struct tide_bump *pool;
	struct heap heap;
	char *base; /* Floor, bump and pool. */
	uint64_t len;
	alignas(2 * RTE_CACHE_LINE_SIZE) _Atomic uint64_t offset; /* Bump: bytes given out. */
	alignas(2 * RTE_CACHE_LINE_SIZE) const uint16_t *sizes; /* Of a burst; NULL: ARENA_SIZE. */
	bool write; /* The first 8 bytes of each object. */
};

/* One thread. */
struct hand {
	struct ground *ground;
	bool leader;
	unsigned int reader; /* In the arena. */
	struct tide_bump_reader *holder; /* In the pool. */
	void *got[ARENA_BURST]; /* What must be given back one by one, or is looked at. */
};

/* Allocate a burst and give it back; how many objects it got before there was no memory. */
uint32_t arena_burst(struct hand *hand);

/* Of an arena and of a pool: close the epoch, take back what is not waited for. */
void arena_turn_over(struct ground *ground);

/*
 * Allocate a burst, write every object's first and last bytes, and look whether they stand: nothing was
 * handed out twice. Then gives it back. 0, or -1 with *err filled. For one thread.
 */
int arena_prove(struct hand *hand, const char *name, struct app_error *err);

#endif /* BENCH_ARENA_LOOP_H */
