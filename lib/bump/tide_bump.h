/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_BUMP_H
#define TIDE_BUMP_H

/**
 * @file
 * One stretch of memory that all threads allocate from by moving one offset, without DPDK.
 *
 * This is the smallest pool of the library: an offset that a compare-and-swap moves, a reset, and a flip
 * between two halves with readers. It calls the C library alone: no EAL needs to run, and the library
 * libtidebump (pkg-config tidebump) has it without DPDK. Where every lcore allocates often, an arena
 * (tide_arena.h) is faster: its lcores have chunks of their own, while here all threads write one word.
 *
 * **Placement.** A pool has its bytes where the caller has them, and moves nothing: give it a region
 * (tide_region_addr(), tide_region_len()), which is measured, or memory of numa_alloc_onnode(3). The
 * table of readers and the offset are heap memory of the thread that creates the pool.
 *
 * **Life of an allocation.** Nothing is freed by itself. With one epoch (tide_bump_conf.epochs) a pool is one
 * part, and tide_bump_reset() takes all of it back. With two epochs a pool is two halves: threads allocate in
 * one of them, and tide_bump_flip() opens the other, whose bytes are of the epoch before and are
 * overwritten from then on. So what is allocated in an epoch lives through that epoch and the next one.
 *
 * **Readers.** A reader is a handle, used by one thread at a time; it is not bound to a thread, so no
 * thread id can be mistaken for another. A reader that holds (tide_bump_hold()) keeps every byte that is
 * allocated, by any thread, in the epoch current at that call or later: no flip and no reset takes such
 * bytes back before the reader holds again or lets go (tide_bump_release()). A pointer that other threads
 * publish is among them if the application withdraws all pointers into an epoch before the flip or reset
 * that ends this epoch; that is the rule of tide_arena.h too.
 *
 * **What is refused and what is not noticed.** With two epochs only a reader that holds can allocate; others
 * get EPERM. That is stricter than an arena, which serves such a thread and counts it. With one epoch any
 * thread can allocate (tide_bump_alloc()), and the pool does not know who uses what: a reset is refused while
 * a reader holds, but not because of a thread that is no reader. A write to memory after its epoch is not
 * noticed, as no time passes between the end of one life of a byte and the begin of the next; `fill`
 * lets a reader of stale memory see TIDE_BUMP_FILL, and under AddressSanitizer every byte that is not
 * allocated is poisoned. One process only: nothing here is for memory shared between processes.
 *
 * **Errors.** Functions that return a pointer set errno, as malloc(3) does, not rte_errno; the others
 * return a negative errno and leave errno alone. Nothing is logged or printed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Longest name of a pool and of a reader, characters. */
#define TIDE_BUMP_NAME_MAX 31

/** Largest alignment of an allocation, bytes: the base page. */
#define TIDE_BUMP_ALIGN_MAX 4096

/** Smallest and largest part, bytes: all of the memory with one epoch, half of it with two. */
#define TIDE_BUMP_PART_MIN 1024
#define TIDE_BUMP_PART_MAX (UINT64_C(1) << 42)

/** Readers of a pool: the most, and what 0 in the conf means. */
#define TIDE_BUMP_READERS_MAX     1024
#define TIDE_BUMP_READERS_DEFAULT 64

/** Bytes for a sentence that says why a pool cannot be made. */
#define TIDE_BUMP_WHY_MAX 160

/** Byte that fills memory taken back, see tide_bump_conf.fill. */
#define TIDE_BUMP_FILL 0xd2

/** What to make. Zero is a good default in every field but name, addr and len. */
struct tide_bump_conf {
	const char *name; /**< For people; 1 to TIDE_BUMP_NAME_MAX characters. Copied. */
	void *addr; /**< Memory of the caller; it must outlive the pool. */
	size_t len; /**< Its bytes. Up to 63 at its start and 127 at its end are left unused. */
	unsigned int epochs; /**< 1: reset only; 2: two halves and flips; 0: 1. */
	unsigned int readers; /**< Places for readers; 0: TIDE_BUMP_READERS_DEFAULT. */
	uint32_t align; /**< Least alignment of every allocation, a power of two; 0: 8. */
	bool fill; /**< Fill what a flip or a reset takes back with TIDE_BUMP_FILL. */
};

/** A pool; opaque. */
struct tide_bump;

/** A reader of one pool; opaque. */
struct tide_bump_reader;

/** A reader that keeps memory from being taken back. */
struct tide_bump_late {
	char name[TIDE_BUMP_NAME_MAX + 1]; /**< As registered. */
	unsigned int reader; /**< Its place, from 0. */
	/** Microseconds since the flip after which it has not held again; 0: it holds the current epoch. */
	uint64_t late_us;
};

/** Counters of a pool. Read while others work, each is approximate, not an atomic snapshot. */
struct tide_bump_stats {
	uint64_t capacity; /**< Bytes in a part. */
	uint64_t remaining; /**< Bytes left in the part that is open. */
	uint64_t bytes; /**< Bytes handed out, ever, alignment included. */
	uint64_t failures; /**< Allocations that found too few bytes left (ENOMEM), ever. */
	uint64_t flips; /**< Flips that were done, ever. */
	uint64_t resets; /**< Resets that were done, ever. */
	unsigned int readers; /**< Readers registered now. */
	unsigned int holding; /**< Those of them that hold now. */
};

/**
 * Make a pool on memory of the caller. Any thread; not for the data path.
 *
 * With two epochs each half gets half of the bytes, rounded down to a multiple of 64. The memory's content
 * is left as it is, but under `fill`.
 *
 * @param conf  What to make; not NULL.
 * @param why   Where to store, on failure, one sentence that says what was wanted, what was found and what
 *              to do: TIDE_BUMP_WHY_MAX bytes; NULL: not wanted.
 * @return
 *   The pool; NULL with errno set, nothing left behind and the memory untouched:
 *   - EINVAL: no name or one too long, addr is NULL, addr and len wrap around, a part would be smaller than
 *     TIDE_BUMP_PART_MIN or larger than TIDE_BUMP_PART_MAX, more than 2 epochs, too many readers, or align
 *     is not a power of two up to TIDE_BUMP_ALIGN_MAX.
 *   - ENOMEM: no heap memory for the pool.
 */
struct tide_bump *tide_bump_create(const struct tide_bump_conf *conf, char *why);

/**
 * Free a pool. Its memory stays with the caller, and what it holds stays as it is. NULL does nothing and
 * is 0.
 *
 * No other thread may be in a call for this pool.
 *
 * @return
 *   - 0: gone; no call for it and none of its readers may be used any more.
 *   - -EBUSY: readers are registered; nothing was freed.
 */
int tide_bump_free(struct tide_bump *bump);

/**
 * Allocate from a pool of one epoch. MT-safe, lock-free; any thread. Makes no system call.
 *
 * The bytes are not cleared. A request that fails moves nothing, so a smaller one can still succeed.
 *
 * @param size   Bytes, 1 to what a part holds.
 * @param align  A power of two up to TIDE_BUMP_ALIGN_MAX; 0: the pool's least alignment.
 * @return
 *   size bytes, valid until a reset; NULL with errno set and nothing taken:
 *   - EINVAL: size is 0, or align is not a power of two up to TIDE_BUMP_ALIGN_MAX.
 *   - EMSGSIZE: not every part of the pool, were it empty, could hold size bytes at that alignment. A
 *     request that happens to fit is served all the same.
 *   - ENOMEM: fewer bytes are left at that alignment; reset the pool.
 *   - EPERM: the pool has two epochs; use tide_bump_reader_alloc().
 *   - EAGAIN: a reset is under way in another thread.
 */
void *tide_bump_alloc(struct tide_bump *bump, size_t size, size_t align);

/**
 * Allocate from a pool as a reader. MT-safe with other readers, lock-free; only by the thread that uses the
 * reader. Makes no system call.
 *
 * @param size   As tide_bump_alloc().
 * @param align  As tide_bump_alloc().
 * @return
 *   size bytes, valid until the reader holds again or lets go; beyond that, until the second flip after the
 *   allocation or a reset; NULL with errno set and nothing taken:
 *   - EPERM: the reader does not hold.
 *   - EINVAL, EMSGSIZE, EAGAIN: as tide_bump_alloc().
 *   - ENOMEM: fewer bytes are left at that alignment; flip or reset the pool.
 */
void *tide_bump_reader_alloc(struct tide_bump_reader *reader, size_t size, size_t align);

/** Bytes in a part: what a pool that is empty has remaining. Any thread. */
uint64_t tide_bump_capacity(const struct tide_bump *bump);

/**
 * Bytes left in the open part. Any thread; approximate while others allocate.
 *
 * Any thread can get all of them in one allocation at the pool's least alignment, as there is one stretch
 * for all threads. (tide_arena_remaining() does not promise that.)
 */
uint64_t tide_bump_remaining(const struct tide_bump *bump);

/**
 * Take all bytes of a pool back at once. For control threads. Never waits.
 *
 * The pool knows readers alone. With one epoch the caller makes sure that no thread uses bytes it got from
 * tide_bump_alloc(). While it runs, allocations of other threads fail with EAGAIN.
 *
 * @param late  Where to store a reader that holds, on -EBUSY; may be NULL.
 * @return
 *   - 0: the pool is empty; all that was allocated is gone.
 *   - -EBUSY: a reader holds, the caller's own included; nothing that was allocated was taken back. If that
 *     reader began to hold during the call, a flip is refused too until it holds again or lets go.
 *   - -EAGAIN: another thread flips or resets; nothing was changed.
 */
int tide_bump_reset(struct tide_bump *bump, struct tide_bump_late *late);

/**
 * End the current epoch: the next allocations are in the other half, whose bytes are taken back. For control
 * threads. Never waits; allocations go on meanwhile.
 *
 * What was allocated in the epoch that ends stays until the next flip.
 *
 * @param late  Where to store the reader that is in the way, on -EBUSY; may be NULL.
 * @return
 *   - 0: done.
 *   - -EBUSY: a reader has not held again since the flip before, so it may use the other half; nothing was
 *     changed. The caller's own reader counts too.
 *   - -EAGAIN: another thread flips or resets; nothing was changed.
 *   - -ENOTSUP: the pool has one epoch.
 */
int tide_bump_flip(struct tide_bump *bump, struct tide_bump_late *late);

/**
 * Register a reader, which does not hold yet. Any thread; not for the data path.
 *
 * @param name  For reports; at most TIDE_BUMP_NAME_MAX characters; NULL: made up. Copied.
 * @return
 *   The reader, valid until it is unregistered; NULL with errno set:
 *   - EINVAL: name is too long.
 *   - ENOSPC: all tide_bump_conf.readers places are taken.
 */
struct tide_bump_reader *tide_bump_reader_register(struct tide_bump *bump, const char *name);

/**
 * End a registration; a reader that holds lets go. NULL does nothing. Any thread, on behalf of one that is
 * gone for instance; no thread may use the reader any more.
 */
void tide_bump_reader_unregister(struct tide_bump_reader *reader);

/**
 * Hold the current epoch, and let go of what the reader held before. MT-safe, lock-free; only by the
 * thread that uses the reader. For the data path: once per burst or per loop. It costs a full fence.
 *
 * From here on the reader may use what is allocated, by any thread, in this epoch and in later ones. It
 * may no longer use what it got before this call, save what was allocated in the epoch that is current
 * now. It always succeeds; it tries again only when a flip or a reset came during the call.
 */
void tide_bump_hold(struct tide_bump_reader *reader);

/**
 * Let go: the reader uses nothing of the pool until it holds again. MT-safe, wait-free; only by the
 * thread that uses the reader. For the data path: before it sleeps or blocks. It always succeeds; a reader that
 * does not hold is left as it is.
 */
void tide_bump_release(struct tide_bump_reader *reader);

/**
 * Read the counters of a pool. Any thread. It always succeeds.
 *
 * @param stats  Where to store them; not NULL.
 */
void tide_bump_stats(const struct tide_bump *bump, struct tide_bump_stats *stats);

/**
 * Check what must always hold of a pool at rest: no offset lies beyond its part, no reset is under way,
 * and only registered readers hold. For a pool that no thread uses at the moment.
 *
 * @param why  Where to store what is wrong: TIDE_BUMP_WHY_MAX bytes; NULL: not wanted.
 * @return
 *   - 0: all of it holds.
 *   - -EINVAL: something is wrong; *why says what.
 */
int tide_bump_check(struct tide_bump *bump, char *why);

/** Write a pool for people, one line with a newline at its end. Any thread. */
void tide_bump_dump(const struct tide_bump *bump, FILE *out);

/** Write a late reader for people, without a newline. Any thread. */
void tide_bump_late_dump(const struct tide_bump_late *late, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_BUMP_H */
