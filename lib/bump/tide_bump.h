/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_BUMP_H
#define TIDE_BUMP_H

/**
 * @file
 * One stretch of memory that all threads allocate from by moving one offset, without DPDK.
 *
 * This is the smallest pool of the library: an offset that a compare-and-swap moves, a reset, and a
 * flip between two halves with readers. It calls only the C library and needs no EAL; libtidebump
 * (pkg-config tidebump) has it without DPDK. If every lcore allocates often, an arena
 * (tide_arena.h) is faster: its lcores have chunks of their own, while here all threads write one
 * word.
 *
 * **Placement.** The pool uses the memory of the caller and moves nothing. Give it a region
 * (tide_region_addr(), tide_region_len()), which is measured, or memory of numa_alloc_onnode(3).
 * The table of readers and the offset are heap memory of the thread that creates the pool.
 *
 * **Life of an allocation.** Nothing is freed individually. With one epoch (tide_bump_conf.epochs)
 * the pool is one part, and tide_bump_reset() frees all of it. With two epochs the pool is two
 * halves. Threads allocate in one of them. tide_bump_flip() opens the other, whose bytes are of the
 * epoch before and are overwritten from then on. So an allocation lives through its own epoch and
 * the next one.
 *
 * **Readers.** A reader is a handle that one thread uses at a time. It is not bound to a thread, so
 * no thread id can be mistaken for another. tide_bump_hold() keeps every byte that any thread
 * allocates in the current epoch or later. No flip and no reset frees such bytes before the reader
 * calls tide_bump_hold() again or tide_bump_release(). A pointer that other threads publish is
 * covered on one condition: the application withdraws all pointers into an epoch before the flip or
 * reset that ends this epoch. tide_arena.h has the same rule.
 *
 * **Refused or unnoticed misuse.** With two epochs only a reader that holds can allocate; other
 * threads get EPERM. This is stricter than an arena, which serves such a thread and counts it. With
 * one epoch any thread can allocate (tide_bump_alloc()), and the pool does not know its users. A
 * reset is refused while a reader holds, but not because of a thread that is no reader. The pool
 * does not notice a write to memory after its epoch, because the next life of a byte begins at
 * once. With `fill` a reader of stale memory sees TIDE_BUMP_FILL, and AddressSanitizer finds every
 * access to bytes that are not allocated.
 *
 * **Threads.** Each function states its rule. The pool is for one process only: its memory must not
 * be shared between processes.
 *
 * **Errors.** Functions that return a pointer set errno, as malloc(3) does, not rte_errno. The
 * others return a negative errno and do not change errno. Nothing is logged or printed.
 *
 * An example:
 * @include bump.c
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

/** Largest alignment of an allocation, bytes: a base page. */
#define TIDE_BUMP_ALIGN_MAX 4096

/** Smallest part, bytes. A part is all of the memory with one epoch, half of it with two. */
#define TIDE_BUMP_PART_MIN 1024

/** Largest part, bytes. */
#define TIDE_BUMP_PART_MAX (UINT64_C(1) << 42)

/** Most readers of a pool. */
#define TIDE_BUMP_READERS_MAX 1024

/** Value of tide_bump_conf.readers that 0 means. */
#define TIDE_BUMP_READERS_DEFAULT 64

/** Bytes of a sentence that gives the reason of a failure. */
#define TIDE_BUMP_REASON_MAX 160

/** Byte that fills freed memory, see tide_bump_conf.fill. */
#define TIDE_BUMP_FILL 0xd2

/** The requested pool. Zero is a good default in every field except name, addr and len. */
struct tide_bump_conf {
	const char *name; /**< For reports; 1 to TIDE_BUMP_NAME_MAX characters; copied. */
	void *addr; /**< Memory of the caller; it must outlive the pool. */
	size_t len; /**< Its bytes. Up to 63 at its start and 127 at its end stay unused. */
	unsigned int epochs; /**< 1: reset only; 2: two halves and flips; 0: 1. */
	unsigned int readers; /**< Places for readers; 0: TIDE_BUMP_READERS_DEFAULT. */
	uint32_t align; /**< Least alignment of every allocation, a power of two; 0: 8. */
	bool fill; /**< Fill memory that a flip or a reset frees with TIDE_BUMP_FILL. */
};

/** A pool; opaque. */
struct tide_bump;

/** A reader of one pool; opaque. */
struct tide_bump_reader;

/** A stalled reader: it keeps a flip or a reset from freeing memory. */
struct tide_bump_stalled {
	char name[TIDE_BUMP_NAME_MAX + 1]; /**< As registered. */
	unsigned int reader; /**< Its place, from 0. */
	/**
	 * Microseconds since the flip after which it has not held again; 0: it holds the current
	 * epoch.
	 */
	uint64_t stalled_us;
};

/** Counters of a pool: approximate while others work, not an atomic snapshot. */
struct tide_bump_stats {
	uint64_t capacity; /**< Bytes in a part. */
	uint64_t remaining; /**< Bytes left in the open part. */
	uint64_t bytes; /**< Bytes allocated since creation, with alignment. */
	uint64_t failures; /**< Allocations that found too few bytes left (ENOMEM). */
	uint64_t flips; /**< Successful flips since creation. */
	uint64_t resets; /**< Successful resets since creation. */
	unsigned int readers; /**< Readers registered now. */
	unsigned int active; /**< Those of them that hold now. */
};

/**
 * Create a pool on memory of the caller. MT-safe; not for the data path.
 *
 * With two epochs each half gets half of the bytes, rounded down to a multiple of 64. Without
 * `fill` the content of the memory does not change.
 *
 * @param conf    Request; not NULL.
 * @param reason  Where to store one sentence on failure: what was requested, what was found and
 *                what to do. TIDE_BUMP_REASON_MAX bytes; may be NULL.
 * @return
 *   The pool, which the caller frees with tide_bump_free(); NULL with errno set, nothing left
 *   behind and the memory unchanged:
 *   - EINVAL: no name or one that is too long; addr is NULL; addr and len wrap around; a part would
 *     be smaller than TIDE_BUMP_PART_MIN or larger than TIDE_BUMP_PART_MAX; more than 2 epochs; too
 *     many readers; align is not a power of two up to TIDE_BUMP_ALIGN_MAX.
 *   - ENOMEM: no heap memory for the pool.
 */
struct tide_bump *tide_bump_create(const struct tide_bump_conf *conf, char *reason);

/**
 * Free a pool. Not MT-safe: no other thread may be in a call for this pool.
 *
 * The memory stays with the caller, and its content does not change.
 *
 * @param bump  Pool; NULL does nothing and returns 0.
 * @return
 *   - 0: freed; no call may use the pool or its readers any more.
 *   - -EBUSY: readers are registered; nothing was freed.
 */
int tide_bump_free(struct tide_bump *bump);

/**
 * Allocate from a pool of one epoch. MT-safe, lock-free; it makes no system call.
 *
 * The bytes are not cleared. A request that fails does not move the offset, so a smaller one can
 * still succeed.
 *
 * @param bump   Pool; not NULL.
 * @param size   Bytes, 1 to the size of a part.
 * @param align  A power of two up to TIDE_BUMP_ALIGN_MAX; 0: the least alignment of the pool.
 * @return
 *   size bytes, valid until a reset; NULL with errno set and nothing taken:
 *   - EINVAL: size is 0, or align is not a power of two up to TIDE_BUMP_ALIGN_MAX.
 *   - EMSGSIZE: not every part of the pool, if it were empty, has size bytes at that alignment. A
 *     request that happens to fit is still served.
 *   - ENOMEM: fewer bytes are left at that alignment; reset the pool.
 *   - EPERM: the pool has two epochs; use tide_bump_reader_alloc().
 *   - EAGAIN: another thread resets the pool at the moment.
 */
void *tide_bump_alloc(struct tide_bump *bump, size_t size, size_t align);

/**
 * Allocate from a pool as a reader. MT-safe with other readers, lock-free; it makes no system call.
 *
 * Only the thread that uses the reader may call it.
 *
 * @param reader  Reader that holds; not NULL.
 * @param size    As in tide_bump_alloc().
 * @param align   As in tide_bump_alloc().
 * @return
 *   size bytes, valid until the reader holds again or releases, and in any case until the second
 *   flip after the allocation or a reset; NULL with errno set and nothing taken:
 *   - EPERM: the reader does not hold.
 *   - EINVAL, EMSGSIZE, EAGAIN: as tide_bump_alloc().
 *   - ENOMEM: fewer bytes are left at that alignment; flip or reset the pool.
 */
void *tide_bump_reader_alloc(struct tide_bump_reader *reader, size_t size, size_t align);

/**
 * Read the size of a part: the bytes that an empty pool has remaining. MT-safe.
 *
 * @param bump  Pool; not NULL.
 * @return  Bytes.
 */
uint64_t tide_bump_capacity(const struct tide_bump *bump);

/**
 * Count the bytes left in the open part. MT-safe; approximate while others allocate.
 *
 * Any thread can get all of them in one allocation at the least alignment of the pool, because all
 * threads share one stretch. (tide_arena_remaining() does not promise that.)
 *
 * @param bump  Pool; not NULL.
 * @return  Bytes.
 */
uint64_t tide_bump_remaining(const struct tide_bump *bump);

/**
 * Free all allocations of a pool at once. For a control thread; it never waits.
 *
 * The pool knows only readers. With one epoch the caller makes sure that no thread uses bytes from
 * tide_bump_alloc() any more. During a reset, allocations of other threads fail with EAGAIN.
 *
 * @param bump     Pool; not NULL.
 * @param stalled  Where to store a reader that holds, on -EBUSY; may be NULL.
 * @return
 *   - 0: the pool is empty; all that was allocated is gone.
 *   - -EBUSY: a reader holds, maybe that of the caller; no allocation was freed. If that reader
 *     began to hold during the call, a flip is refused too until it holds again or releases.
 *   - -EAGAIN: another thread flips or resets; nothing was changed.
 */
int tide_bump_reset(struct tide_bump *bump, struct tide_bump_stalled *stalled);

/**
 * End the current epoch: free the other half, where the next allocations are made. For a control
 * thread.
 *
 * It never waits, and other threads go on allocating. Allocations of the epoch that ends stay until
 * the next flip.
 *
 * @param bump     Pool; not NULL.
 * @param stalled  Where to store the stalled reader, on -EBUSY; may be NULL.
 * @return
 *   - 0: flipped.
 *   - -EBUSY: a reader has not held again since the flip before, so it may use the other half.
 *     Nothing was changed. The reader of the caller counts too.
 *   - -EAGAIN: another thread flips or resets; nothing was changed.
 *   - -ENOTSUP: the pool has one epoch.
 */
int tide_bump_flip(struct tide_bump *bump, struct tide_bump_stalled *stalled);

/**
 * Register a reader, which does not hold yet. MT-safe; not for the data path.
 *
 * @param bump  Pool; not NULL.
 * @param name  For reports; at most TIDE_BUMP_NAME_MAX characters; NULL: generated. Copied.
 * @return
 *   The reader, valid until it is unregistered; NULL with errno set:
 *   - EINVAL: name is too long.
 *   - ENOSPC: all tide_bump_conf.readers places are taken.
 */
struct tide_bump_reader *tide_bump_reader_register(struct tide_bump *bump, const char *name);

/**
 * Unregister a reader; one that holds releases first. MT-safe; not for the data path.
 *
 * Any thread may call it, for instance after the thread that used the reader has ended.
 *
 * @param reader  Reader that no thread uses any more; NULL does nothing.
 */
void tide_bump_reader_unregister(struct tide_bump_reader *reader);

/**
 * Hold the current epoch, and release what the reader held before. MT-safe, lock-free.
 *
 * For the data path, once per burst or per loop; it costs a full fence. Only the thread that uses
 * the reader may call it. It always succeeds, and retries only if a flip or a reset happens during
 * the call.
 *
 * From then on the reader may use what any thread allocates in this epoch and in later ones. Of
 * what it got before the call, it may only use what was allocated in the epoch that is current now.
 *
 * @param reader  Reader; not NULL.
 */
void tide_bump_hold(struct tide_bump_reader *reader);

/**
 * Release: the reader uses nothing of the pool until it holds again. MT-safe, wait-free.
 *
 * For the data path, before the thread sleeps or blocks. Only the thread that uses the reader may
 * call it. It always succeeds; for a reader that does not hold it does nothing.
 *
 * @param reader  Reader; not NULL.
 */
void tide_bump_release(struct tide_bump_reader *reader);

/**
 * Read the counters of a pool. MT-safe; it always succeeds.
 *
 * @param bump   Pool; not NULL.
 * @param stats  Where to store them; not NULL.
 */
void tide_bump_stats(const struct tide_bump *bump, struct tide_bump_stats *stats);

/**
 * Check the invariants of a pool at rest. Not MT-safe: no thread may use the pool meanwhile.
 *
 * No offset is beyond its part, no reset is under way, and only registered readers hold.
 *
 * @param bump    Pool; not NULL.
 * @param reason  Where to store what is wrong: TIDE_BUMP_REASON_MAX bytes; may be NULL.
 * @return
 *   - 0: sound.
 *   - -EINVAL: not sound; *reason has the reason.
 */
int tide_bump_check(struct tide_bump *bump, char *reason);

/**
 * Write a pool for people, one line with a newline at its end. MT-safe.
 *
 * @param bump  Pool; not NULL.
 * @param out   Stream to write to.
 */
void tide_bump_dump(const struct tide_bump *bump, FILE *out);

/**
 * Write a stalled reader for people, without a newline. MT-safe.
 *
 * @param stalled  Stalled reader; not NULL.
 * @param out      Stream to write to.
 */
void tide_bump_stalled_dump(const struct tide_bump_stalled *stalled, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_BUMP_H */
