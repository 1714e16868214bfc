/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_ARENA_SHARED_H
#define BENCH_ARENA_SHARED_H

/* The allocator that the threads of one sample of scenario arena share, and the threads that use it. */

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "frame/scenario.h"
#include "scenarios/heap.h"
#include "tide_arena.h"
#include "tide_bump.h"
#include "tide_region.h"

#define ARENA_SUBJECT    "tide_arena"
#define ARENA_CHUNKS     1000
#define ARENA_CHUNK_SIZE 65536

/* Objects of a burst: those of 64 bytes fill half of a second level cache of 1 MB. */
#define ARENA_BURST 8192

/* Bytes of an object where all have the same size. */
#define ARENA_SIZE 64

/* How a candidate allocates, and how it frees a whole burst. */
enum arena_method {
	/* An address in a register is increased: the cost of the loop without an allocator. */
	ARENA_METHOD_BASELINE,
	/* tide_arena_alloc(). After each of its bursts, the leader flips and reclaims. */
	ARENA_METHOD_ARENA,
	/*
	 * All threads add to one offset atomically. It is reset by the leader after each of its bursts,
	 * and by a thread that reaches the end.
	 */
	ARENA_METHOD_SHARED_BUMP,
	/*
	 * tide_bump_reader_alloc() on two halves. After each burst a thread holds again, and the leader
	 * flips. A flip that a reader blocks is left out.
	 */
	ARENA_METHOD_TIDE_BUMP,
	/* Calls like malloc() and free(), one per object. */
	ARENA_METHOD_HEAP,
};

/* The scenario's own data on a candidate. */
struct arena_candidate {
	enum arena_method method;
	struct heap heap;
};

/* What all threads of a sample share. */
struct arena_shared {
	enum arena_method method;
	struct tide_arena *arena;
	struct tide_bump *bump;
	struct heap heap;
	char *base; /* Baseline, shared bump and tide_bump. */
	uint64_t len;
	/* Shared bump: bytes handed out. */
	alignas(2 * RTE_CACHE_LINE_SIZE) _Atomic uint64_t offset;
	/* Sizes of the objects of a burst; NULL: ARENA_SIZE. */
	alignas(2 * RTE_CACHE_LINE_SIZE) const uint16_t *sizes;
	bool write; /* The first 8 bytes of each object are written. */
	/* Memory of the baseline, the shared bump and tide_bump: as large as the arena. */
	struct tide_region *region;
};

/* One thread. */
struct arena_thread {
	struct arena_shared *shared;
	bool leader;
	unsigned int reader; /* Of the arena. */
	struct tide_bump_reader *bump_reader;
	void *got[ARENA_BURST]; /* Objects that are freed one by one, or verified. */
};

/*
 * Make the allocator of shared->method. Returns 0, or -1 with sample->err filled; the caller calls
 * arena_shared_fini() in both cases.
 */
int arena_shared_init(struct arena_shared *shared, struct sample *sample);

/* Verify that everything was freed and free the allocator. Fills sample->err when the check fails. */
void arena_shared_fini(struct arena_shared *shared, struct sample *sample);

/* Register the calling thread with the allocator. Returns 0, or -1 with *err filled. */
int arena_thread_join(struct arena_thread *thread, struct app_error *err);

/* Unregister the calling thread. */
void arena_thread_leave(struct arena_thread *thread);

/* Make an arena on the node of the main lcore. Returns NULL with *err filled on failure. */
struct tide_arena *arena_create(struct app_error *err);

/* Verify that all chunks of an arena are free, and free it. Fills *err when the check fails. */
void arena_destroy(struct tide_arena *arena, struct app_error *err);

/* Compute the bytes of an arena that are not free. */
uint64_t arena_missing(const struct tide_arena *arena);

#endif /* BENCH_ARENA_SHARED_H */
