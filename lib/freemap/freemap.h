/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_FREEMAP_H
#define TIDEI_FREEMAP_H

/*
 * Lock-free map of the free slots of a pool: the allocator.
 *
 * A slot is a place for one object of `stride` bytes. Slots come in spans (runs of memory) and are
 * grouped in blocks of 64; a bit set in a block's word is a free slot. Threads hold only a hint,
 * which block they took from last, never slots: every free slot can be had by every thread, and the
 * count is exact. The map is one piece of caller's memory without function pointers; processes that
 * map it, and the spans, at the same address share it.
 *
 * Knows nothing of DPDK or NUMA. How it works, and why it is right, stands in layout.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Slots a map can have. */
#define TIDEI_FREEMAP_SLOTS_MAX (UINT32_C(1) << 30)

/*
 * Who calls: an lcore id below this flag, or the flag and a kernel thread id. Picks the hint used and
 * is kept in the stamp of each block opened. Two threads that give the same name are slower, not
 * wrong.
 */
#define TIDEI_WHO_TID (UINT32_C(1) << 31)

struct tidei_freemap;

/* What put refuses. The map is unharmed by any of it. */
enum tidei_misuse {
	TIDEI_MISUSE_DOUBLE_FREE, /* The slot is free already. */
	TIDEI_MISUSE_FOREIGN, /* The pointer lies in no span of the map. */
	TIDEI_MISUSE_MISALIGNED, /* The pointer lies in a span, but not at the start of a slot. */
	TIDEI_MISUSE_KINDS,
};

/* One object that put refused. */
struct tidei_refusal {
	enum tidei_misuse kind;
	const void *object;
	uint32_t slot; /* Double frees only. */
	uint64_t nth; /* Of this kind since the map was made, from 1. */
};

/*
 * Where a slot that is out comes from, as far as one stamp for 64 slots can tell: it was taken
 * between `from` and `to`, most likely by `who`. Racy while threads work.
 *
 * Each opening of a block is stamped. A slot that was in the block at the last opening was taken
 * since then; one that was out already was taken before, but not before the opening at which all
 * others that were out with it were in.
 */
struct tidei_origin {
	uint32_t who; /* As given to get, by who opened the block at `from`. */
	uint32_t from_ms; /* CLOCK_MONOTONIC_COARSE in milliseconds, modulo 2^32. */
	uint32_t to_ms; /* The same; now for a slot that was in at the last opening. */
	uint32_t epoch; /* Times the block was opened, modulo 2^32; 0: never. */
};

/*
 * Bytes of memory a map of so many slots needs; 0 when slots is 0 or above the maximum.
 */
size_t tidei_freemap_size(uint32_t slots);

/*
 * Choose how many bits of a vector register get and put use in this process: at most max_bits, and
 * what the CPU has. Until it is called they use none. MT-safe.
 *
 * Returns the bits chosen: 64 (none), 128 (NEON), 256 (AVX2) or 512 (AVX-512).
 */
unsigned int tidei_freemap_choose_width(unsigned int max_bits);

/*
 * Make a map without spans in caller's memory. Not MT-safe.
 *
 * mem: tidei_freemap_size(slots) bytes, aligned to 64. stride: bytes from slot to slot, 8 to 2^31.
 * Returns the map (at mem); NULL when slots or stride is out of range.
 */
struct tidei_freemap *tidei_freemap_init(void *mem, uint32_t slots, size_t stride);

/*
 * Add n slots that start at base; they are free at once. Not MT-safe.
 *
 * Returns 0, or with nothing changed:
 *   -EINVAL: n is 0, base is NULL, or the span wraps around or overlaps another.
 *   -ENOSPC: the map would have more slots than it was made for.
 *   -ENOBUFS: the table of spans is full: see tidei_freemap_grow_spans().
 */
int tidei_freemap_add_span(struct tidei_freemap *map, void *base, uint32_t n);

/* Spans the table has room for now. */
uint32_t tidei_freemap_spans_capacity(const struct tidei_freemap *map);

/* Bytes a table of so many spans takes. */
size_t tidei_freemap_spans_size(uint32_t capacity);

/*
 * Move the table of spans to larger memory of the caller's. Not MT-safe.
 *
 * mem: tidei_freemap_spans_size(capacity) bytes, aligned to 8; capacity above the present one.
 * Returns the table used before if it came from an earlier call, for the caller to free; else NULL.
 */
void *tidei_freemap_grow_spans(struct tidei_freemap *map, void *mem, uint32_t capacity);

/* The table given last to tidei_freemap_grow_spans(), for the caller to free; NULL: none. */
void *tidei_freemap_spans_table(const struct tidei_freemap *map);

/*
 * Largest get that leaves the table alone when it fails. A mempool cache, whose own array the table
 * can be, asks for 1,024 at most: twice RTE_MEMPOOL_CACHE_MAX_SIZE.
 */
#define TIDEI_FREEMAP_EXACT 1024

/*
 * Take n slots. MT-safe, lock-free: a stopped thread stops nobody.
 *
 * All or nothing: up to TIDEI_FREEMAP_EXACT slots, table is written only on success; above, what it
 * holds after a failure is undefined. Slots that another thread is just giving back,
 * or has taken and will give back because it found too few, can be missed.
 * Returns 0, or -ENOBUFS: fewer than n were free; counted.
 */
int tidei_freemap_get(struct tidei_freemap *map, uint32_t who, void **table, unsigned int n);

/* Told of each object that put refuses, before it goes on with the rest. */
typedef void (*tidei_refused_cb)(const struct tidei_refusal *refusal, void *arg);

/*
 * Give n slots back. MT-safe, lock-free.
 *
 * Each object is checked; what is misuse is refused, counted and told to the callback (if any), the
 * rest goes back. Returns how many were refused.
 */
unsigned int tidei_freemap_put(struct tidei_freemap *map, uint32_t who, void *const *table,
	unsigned int n, tidei_refused_cb refused, void *arg);

/* Whether memory holds a map as this build lays it out; at least two lines of it can be read. */
bool tidei_freemap_is_map(const void *mem);

/* Slots in all spans. */
uint32_t tidei_freemap_slots(const struct tidei_freemap *map);

/*
 * One above the highest slot number. Slot numbers can have gaps, so it can be above the count: up to
 * an eighth above what the map was made for.
 */
uint32_t tidei_freemap_bound(const struct tidei_freemap *map);

/* Free slots: exact at rest, near while threads work. Walks all blocks. MT-safe. */
uint32_t tidei_freemap_count(const struct tidei_freemap *map);

/* Gets that failed. MT-safe. */
uint64_t tidei_freemap_failures(const struct tidei_freemap *map);

/* Objects refused, by kind. MT-safe. */
uint64_t tidei_freemap_misuses(const struct tidei_freemap *map, enum tidei_misuse kind);

/*
 * The slot of an object. MT-safe.
 *
 * Returns 0 with *slot set; -ENOENT: in no span; -EINVAL: in a span, not at the start of a slot.
 */
int tidei_freemap_slot_of(const struct tidei_freemap *map, const void *object, uint32_t *slot);

/* Whether a slot that exists is free just now. MT-safe. */
bool tidei_freemap_is_free(const struct tidei_freemap *map, uint32_t slot);

/* The object at a slot that exists. MT-safe. */
void *tidei_freemap_object(const struct tidei_freemap *map, uint32_t slot);

/* The clock of origins: CLOCK_MONOTONIC_COARSE in milliseconds, modulo 2^32. MT-safe. */
uint32_t tidei_freemap_now_ms(void);

/* The origin of a slot that is out. MT-safe. */
struct tidei_origin tidei_freemap_origin(const struct tidei_freemap *map, uint32_t slot);

/*
 * Call back for each slot that is out, in ascending order. MT-safe, racy: a slot taken or given back
 * meanwhile can be seen or missed. A callback that returns other than 0 ends the walk.
 *
 * Returns what the last callback returned, or 0.
 */
int tidei_freemap_walk(const struct tidei_freemap *map,
	int (*cb)(const struct tidei_freemap *map, uint32_t slot, void *arg), void *arg);

/*
 * Whether the map is sound. Only at rest: no get or put running.
 *
 * Returns NULL, or a sentence that says what is wrong.
 */
const char *tidei_freemap_check(const struct tidei_freemap *map);

#endif /* TIDEI_FREEMAP_H */
