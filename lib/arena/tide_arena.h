/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_ARENA_H
#define TIDE_ARENA_H

/**
 * @file
 * Memory of any size on a node, bump-allocated, and freed an epoch at a time.
 *
 * **Placement.** Chunks come from one mempool per node, each on measured memory of that node.
 *
 * **Life of an allocation.** An lcore allocates in a chunk of its own, without atomics; threads
 * without an lcore id share one, lock-free. Nothing is freed individually. tide_arena_flip() closes
 * the epoch. After every registered reader has passed a quiescent state, tide_arena_reclaim()
 * returns all chunks of that epoch at once.
 *
 * An allocation belongs to one epoch, the one that was open at some instant of the call. It stays
 * valid until the grace period of that epoch is over: until every reader that was online at the
 * flip has reported a quiescent state, gone offline or unregistered.
 *
 * **Readers.** A thread that allocates from a flipped arena must be a registered, online reader. So
 * must a thread that reads what others allocated. Each may use an address until its own next
 * quiescent state after the flip. An arena that is never flipped needs no readers. A thread that is
 * not an online reader can still allocate from a flipped arena, but its memory can be allocated
 * again while it is in use. The arena notices such a thread once per chunk
 * (tide_arena_stats.unregistered) and logs the first one.
 *
 * **Chunks.** Until its epoch is reclaimed, a chunk serves one lcore, or all threads without an
 * lcore id together. So an arena needs, on each node and for each epoch that is not reclaimed, at
 * least as many chunks as users. tide_bump.h has one stretch of memory that all threads share,
 * without EAL.
 *
 * **Threads.** tide_arena_alloc(), tide_arena_alloc_on() and the reader calls that say so are for
 * the data path. Creating, freeing, flipping and reclaiming are for control threads. Primary
 * process only.
 *
 * An example:
 * @include arena.c
 */

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_branch_prediction.h>
#include <rte_config.h>
#include <rte_lcore.h>
#include <rte_rcu_qsbr.h>

#include "tide_region.h"
#include "tide_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Longest name of an arena, characters. */
#define TIDE_ARENA_NAME_MAX 14

/** Largest alignment of an allocation, bytes: a base page. */
#define TIDE_ARENA_ALIGN_MAX 4096

/** Smallest chunk, bytes. */
#define TIDE_ARENA_CHUNK_MIN 1024

/** Largest chunk, bytes. */
#define TIDE_ARENA_CHUNK_MAX (UINT32_C(1) << 30)

/** Most chunks on one node. */
#define TIDE_ARENA_CHUNKS_MAX ((UINT32_C(1) << 25) - 1)

/** Least value of tide_arena_conf.epochs. */
#define TIDE_ARENA_EPOCHS_MIN 2

/** Greatest value of tide_arena_conf.epochs. */
#define TIDE_ARENA_EPOCHS_MAX 1024

/** Value of tide_arena_conf.epochs that 0 means. */
#define TIDE_ARENA_EPOCHS_DEFAULT 8

/** Most readers without an lcore id; each lcore has a place of its own. */
#define TIDE_ARENA_THREADS_MAX 64

/** Longest name of a reader, characters. */
#define TIDE_ARENA_READER_NAME_MAX 23

/**
 * The requested arena. Zero is a good default in every field except name, chunk_size and chunks.
 */
struct tide_arena_conf {
	const char *name; /**< Name; the mempools are called NAME_node<id>. */
	const struct tide_topology *topo; /**< Machine; must outlive the arena; NULL: read once. */
	const int *nodes; /**< Nodes that get chunks; NULL: those of the lcores of EAL. */
	unsigned int nb_nodes; /**< Entries in nodes. */
	uint32_t chunk_size; /**< Usable bytes of a chunk, a multiple of 64. */
	uint32_t chunks; /**< Chunks per node; each serves one lcore, see above. */
	uint32_t epochs; /**< Most epochs that are not reclaimed; 0: TIDE_ARENA_EPOCHS_DEFAULT. */
	uint32_t align; /**< Least alignment of every allocation, a power of two; 0: 8. */
	const char *ops; /**< Mempool ops by name; NULL: tide. */
	enum tide_page page; /**< As in tide_region_conf. */
	enum tide_backing backing; /**< As in tide_region_conf. */
	enum tide_enforce enforce; /**< As in tide_region_conf. */
	/**
	 * Fill chunks that are reclaimed with TIDE_ARENA_FILL, and check the fill when they are
	 * taken again. A thread that reads after the grace period sees the fill; a write is counted
	 * and logged. Under AddressSanitizer the arena always poisons such chunks instead.
	 */
	bool fill;
	/**
	 * Devices read the chunks: each chunk has contiguous IO addresses, which costs memory if
	 * IOVA is PA. Without it the IO addresses do not matter, and a chunk can be larger than any
	 * page.
	 */
	bool dma;
};

/** Byte that fills reclaimed chunks, see tide_arena_conf.fill. */
#define TIDE_ARENA_FILL 0xd1

/**
 * Cell: the state of one lcore on one node. Only the lcore writes; others read the statistics.
 *
 * The types are plain and the accesses are __atomic builtins, because C++ has no _Atomic.
 */
struct tide_arena_cell {
	alignas(128) uint64_t epoch; /**< Epoch of its chunk; 0: it has no chunk yet. */
	uintptr_t at; /**< Next free byte of its chunk. */
	uintptr_t end; /**< First byte after its chunk. */
	uint64_t allocs; /**< Allocations. */
	uintptr_t start; /**< First byte of its chunk. */
	uint64_t bytes; /**< Bytes allocated in chunks that were given up, with alignment. */
	uint64_t waste; /**< Bytes left at the end of chunks that were given up. */
	uint64_t refills; /**< Chunks taken. */
	uint64_t failures; /**< Allocations that found no chunk. */
};

/** The part of an arena that the data path reads. */
struct tide_arena {
	uint64_t epoch; /**< Current epoch, from 1. Written by flip and reset. */
	struct rte_rcu_qsbr *readers; /**< Quiescent states of the readers. */
	struct tidei_arena *more; /**< Fields that only the library reads. */
	uint32_t align_mask; /**< Least alignment minus one. */
	/** Cell of each lcore on its own node; the lcore writes it when it learns its node. */
	struct tide_arena_cell *local[RTE_MAX_LCORE];
};

/**
 * Counters of one node of an arena, approximate while other threads allocate: not an atomic
 * snapshot.
 */
struct tide_arena_stats {
	int node; /**< Node id. */
	uint64_t capacity; /**< Bytes in all chunks. */
	/**
	 * Unallocated bytes: in free chunks, and behind the last allocation of chunks in use. A
	 * caller gets those of free chunks and of its own chunk. If chunks_out equals chunks, a
	 * caller without a chunk gets none of them.
	 */
	uint64_t remaining;
	uint64_t allocs; /**< Allocations since creation. */
	uint64_t bytes; /**< Bytes allocated since creation, with alignment. */
	uint64_t waste; /**< Bytes left at the end of chunks that were given up or closed. */
	uint64_t refills; /**< Chunks taken since creation. */
	uint64_t failures; /**< Allocations that found no chunk. */
	uint64_t stale_writes; /**< Chunks written after the grace period; with fill only. */
	/**
	 * Chunks in which a thread that was not an online reader allocated after a flip. A chunk
	 * that threads share counts once for each such thread.
	 */
	uint64_t unregistered;
	uint32_t chunks; /**< Chunks. */
	uint32_t chunks_out; /**< Chunks taken now, including those of closed epochs. */
	uint32_t chunks_high; /**< Most chunks taken at a time. */
};

/** A stalled reader: it has not passed the quiescent state that a closed epoch waits for. */
struct tide_arena_stalled {
	char name[TIDE_ARENA_READER_NAME_MAX + 1]; /**< As registered. */
	unsigned int reader; /**< Its reader id. */
	unsigned int lcore_id; /**< Its lcore, or LCORE_ID_ANY. */
	uint32_t tid; /**< Kernel thread id of the thread that registered it. */
	uint64_t epoch; /**< Oldest closed epoch that waits for it; on reset the current one. */
	uint64_t stalled_us; /**< Microseconds since that epoch was closed; 0 if it is current. */
};

/**
 * Create an arena: a mempool of chunks on each node. For a control thread.
 *
 * @param conf  Request; not NULL.
 * @return
 *   The arena, which the caller frees with tide_arena_free(); NULL with rte_errno set and nothing
 *   left behind:
 *   - EINVAL: no name or one that is too long; chunk_size out of bounds or not a multiple of 64; no
 *     chunks or more than TIDE_ARENA_CHUNKS_MAX; epochs out of bounds; align not a power of two or
 *     above TIDE_ARENA_ALIGN_MAX; a node that is named twice or does not exist, or no node at all;
 *     an unknown ops name.
 *   - EEXIST: a mempool of that name exists.
 *   - E_RTE_SECONDARY: this is not the primary process.
 *   - ENOTSUP: EAL is not initialised.
 *   - ENOMEM, EPERM, EXDEV: as tide_region_create(), or (ENOMEM) no memory for the tables of the
 *     arena; the log names the node or the heap, and says what to do.
 *   - ENOSPC: EAL has no memzone left; the log says what to do.
 *   - EIO: conf->topo is NULL and the machine could not be read.
 */
struct tide_arena *tide_arena_create(const struct tide_arena_conf *conf);

/**
 * Free an arena and all that was allocated from it. For a control thread; not MT-safe.
 *
 * @param arena  Arena that no thread allocates from any more; NULL does nothing and returns 0.
 * @return
 *   - 0: freed.
 *   - -EBUSY: readers are registered; nothing was freed; the log names one of them and its lcore.
 */
int tide_arena_free(struct tide_arena *arena);

/**
 * Allocate like tide_arena_alloc(), which calls it when the chunk of its lcore does not suffice.
 *
 * Do not call it directly; the contract is that of tide_arena_alloc().
 *
 * @param arena  As in tide_arena_alloc().
 * @param size   As in tide_arena_alloc().
 * @param align  As in tide_arena_alloc().
 * @return  As tide_arena_alloc().
 */
void *tide_arena_alloc_slow(struct tide_arena *arena, size_t size, size_t align);

/*
 * Allocate in the chunk of a cell by moving its offset. Only the lcore of the cell may call it.
 * `mask` is an alignment minus one. Returns NULL if the chunk is not of the current epoch, if the
 * rest of it is too small, or if size is 0, which wraps around.
 */
static inline void *
tidei_arena_bump(
	struct tide_arena *arena, struct tide_arena_cell *cell, size_t size, uintptr_t mask)
{
	uintptr_t start = (cell->at + mask) & ~mask, end = cell->end;

	/*
	 * Relaxed: a reader that reported a quiescent state after a flip has acquired the flip's
	 * token, and with it the new epoch; until then it may use the old chunk.
	 */
	if (unlikely(cell->epoch != __atomic_load_n(&arena->epoch, __ATOMIC_RELAXED) ||
		     start > end || size - 1 >= end - start))
		return NULL;
	/* Relaxed, and no read-modify-write: only this lcore writes, statistics read. */
	__atomic_store_n(&cell->at, start + size, __ATOMIC_RELAXED);
	__atomic_store_n(&cell->allocs, cell->allocs + 1, __ATOMIC_RELAXED);
	return (void *)start;
}

/**
 * Allocate on the node of the calling thread. MT-safe; for the data path.
 *
 * It is wait-free for an lcore while its chunk suffices, else lock-free if the mempool ops are. A
 * caller whose node has no chunks gets memory of the nearest node that has. The bytes are not
 * cleared. If an allocation does not fit into the rest of a chunk, the rest is given up (waste).
 *
 * The call makes no system call, except getcpu(2) to learn the node of the thread:
 *   - each time on a thread without an lcore id;
 *   - once on an lcore that had no known node when the arena was created;
 *   - whenever a thread that registered for an lcore id leaves a chunk. Such a thread inherits the
 *     chunk of the thread that had the id before it, on any node.
 *
 * @param arena  Arena; not NULL.
 * @param size   Bytes, 1 to chunk_size.
 * @param align  A power of two up to TIDE_ARENA_ALIGN_MAX; 0: the least alignment of the arena.
 * @return
 *   size bytes, valid until the grace period of the epoch is over; NULL with rte_errno set and
 *   nothing taken:
 *   - EINVAL: size is 0, or align is not a power of two up to TIDE_ARENA_ALIGN_MAX.
 *   - EMSGSIZE: not every chunk has size bytes at that alignment. A chunk begins on 64 bytes. Up to
 *     that alignment size may be chunk_size, beyond it chunk_size + 64 - align. A request that
 *     happens to fit into the rest of the current chunk may still be served.
 *   - ENOMEM: the node has no chunk left, even if chunks of other threads have room (see
 *     tide_arena_remaining()). Or another thread without an lcore id has just taken the last chunk
 *     and not used it. Reclaim epochs, or give the arena more chunks.
 */
static inline void *
tide_arena_alloc(struct tide_arena *arena, size_t size, size_t align)
{
	unsigned int lcore = rte_lcore_id();
	uintptr_t mask = align == 0 ? 0 : align - 1;
	void *found;

	if (unlikely(lcore >= RTE_MAX_LCORE || (mask & align) != 0 || align > TIDE_ARENA_ALIGN_MAX))
		return tide_arena_alloc_slow(arena, size, align);
	found = tidei_arena_bump(arena, arena->local[lcore], size, mask | arena->align_mask);
	return likely(found != NULL) ? found : tide_arena_alloc_slow(arena, size, align);
}

/**
 * Allocate on a given node. MT-safe; for the data path.
 *
 * It is like tide_arena_alloc(), but slower on another node than that of the caller. Lcores need no
 * atomics there either.
 *
 * @param arena  Arena; not NULL.
 * @param node   Node id as the kernel numbers it.
 * @param size   As in tide_arena_alloc().
 * @param align  As in tide_arena_alloc().
 * @return  As tide_arena_alloc(), and NULL with rte_errno ENOENT: the arena has no chunks there.
 */
void *tide_arena_alloc_on(struct tide_arena *arena, int node, size_t size, size_t align);

/**
 * Count the nodes of an arena. MT-safe.
 *
 * @param arena  Arena; not NULL.
 * @return  Number of nodes, at least 1.
 */
unsigned int tide_arena_nb_nodes(const struct tide_arena *arena);

/**
 * Read the id of the i-th node of an arena, in ascending order. MT-safe.
 *
 * @param arena  Arena; not NULL.
 * @param i      Index, 0 to tide_arena_nb_nodes() - 1.
 * @return  Node id as the kernel numbers it; TIDE_NODE_UNKNOWN if i is out of range.
 */
int tide_arena_node_id(const struct tide_arena *arena, unsigned int i);

/**
 * Read the number of bytes in all chunks of a node. MT-safe.
 *
 * @param arena  Arena; not NULL.
 * @param node   Node id as the kernel numbers it.
 * @return  Bytes; 0 if the arena has no chunks there.
 */
uint64_t tide_arena_capacity(const struct tide_arena *arena, int node);

/**
 * Count the unallocated bytes of a node. MT-safe; approximate while others allocate.
 *
 * It counts free chunks, and the rest of each chunk of the current epoch. This is not what one
 * caller can allocate, because a chunk serves one lcore, or the threads without an lcore id. In an
 * arena of one chunk of 1 MB the first lcore has all of it and the next gets ENOMEM, while some of
 * it remains. Give an arena more and smaller chunks, or use tide_bump.h: all threads share its
 * memory, and any of them can allocate what tide_bump_remaining() returns.
 *
 * @param arena  Arena; not NULL.
 * @param node   Node id as the kernel numbers it.
 * @return  Bytes; 0 if the arena has no chunks there.
 */
uint64_t tide_arena_remaining(const struct tide_arena *arena, int node);

/**
 * Reclaim every chunk of every epoch at once, in an arena that no thread uses. For a control
 * thread.
 *
 * @param arena    Arena; not NULL.
 * @param stalled  Where to store a reader that is online, on -EBUSY; may be NULL.
 * @return
 *   - 0: the arena is as if new; all that was allocated is gone. Counters and epochs go on.
 *   - -EBUSY: a reader other than the caller is online. Nothing was changed, unless that reader
 *     came online during the call. Then epochs may be closed and some reclaimed, but none that it
 *     can have seen.
 *   - -EAGAIN: another thread flips, reclaims or resets; nothing was changed.
 */
int tide_arena_reset(struct tide_arena *arena, struct tide_arena_stalled *stalled);

/**
 * Read the counters of a node, summed over its lcores. MT-safe.
 *
 * @param arena  Arena; not NULL.
 * @param node   Node id as the kernel numbers it.
 * @param stats  Where to store them; written only on success.
 * @return
 *   - 0: stored.
 *   - -ENOENT: the arena has no chunks there.
 */
int tide_arena_stats(const struct tide_arena *arena, int node, struct tide_arena_stats *stats);

/**
 * Close the current epoch and open the next one. For a control thread.
 *
 * It never waits, and other threads go on allocating. If conf.epochs epochs are not reclaimed, it
 * first reclaims those whose grace period is over.
 *
 * @param arena   Arena; not NULL.
 * @param closed  Where to store the closed epoch; written only on success; may be NULL.
 * @return
 *   - 0: closed; its chunks can be reclaimed when its grace period is over.
 *   - -ENOBUFS: conf.epochs epochs are not reclaimed, and the oldest waits for a reader, see
 *     tide_arena_stalled(). Nothing was changed.
 *   - -EAGAIN: another thread flips, reclaims or resets; nothing was changed.
 */
int tide_arena_flip(struct tide_arena *arena, uint64_t *closed);

/**
 * Read the current epoch. MT-safe; for the data path.
 *
 * @param arena  Arena; not NULL.
 * @return  The epoch; the first is 1.
 */
static inline uint64_t
tide_arena_epoch(const struct tide_arena *arena)
{
	/* Relaxed: it orders nothing for the caller. */
	return __atomic_load_n(&arena->epoch, __ATOMIC_RELAXED);
}

/**
 * Return the chunks of every closed epoch whose grace period is over to their mempools, oldest
 * first.
 *
 * For a control thread. It never waits.
 *
 * @param arena  Arena; not NULL.
 * @return
 *   - 0 or more: reclaimed epochs.
 *   - -EAGAIN: another thread flips, reclaims or resets; nothing was changed.
 */
int tide_arena_reclaim(struct tide_arena *arena);

/**
 * Reclaim until no closed epoch is left or the time is up. For a control thread; it sleeps
 * meanwhile.
 *
 * A caller that is a registered reader goes offline meanwhile, so it must not use memory of the
 * arena.
 *
 * @param arena       Arena; not NULL.
 * @param timeout_us  Longest time to wait, microseconds.
 * @param stalled     Where to store the stalled reader, on -ETIMEDOUT; may be NULL.
 * @return
 *   - 0: no closed epoch is left.
 *   - -ETIMEDOUT: a reader has not passed a quiescent state; *stalled and the log name it. The epochs
 *     before the one that waits for it were reclaimed.
 *   - -EAGAIN: another thread flipped, reclaimed or reset until the time was up.
 */
int tide_arena_reclaim_wait(
	struct tide_arena *arena, uint64_t timeout_us, struct tide_arena_stalled *stalled);

/**
 * Find the reader that has stalled a closed epoch the longest. MT-safe.
 *
 * @param arena    Arena; not NULL.
 * @param stalled  Where to store the stalled reader; written only on success; not NULL.
 * @return
 *   - 0: stored.
 *   - -ENOENT: no closed epoch waits for a reader.
 */
int tide_arena_stalled(const struct tide_arena *arena, struct tide_arena_stalled *stalled);

/**
 * Write a stalled reader for people, without a newline.
 *
 * @param stalled  Stalled reader; not NULL.
 * @param out      Stream to write to.
 */
void tide_arena_stalled_dump(const struct tide_arena_stalled *stalled, FILE *out);

/**
 * Register the calling thread as a reader, online. MT-safe; not for the data path.
 *
 * A thread with an lcore id takes the place of that id. The place stays taken until it is
 * unregistered, even after the thread has ended. Then the next thread with that lcore id is registered
 * like a thread without one, and epochs wait for both.
 *
 * @param arena  Arena; not NULL.
 * @param name   For reports; at most TIDE_ARENA_READER_NAME_MAX characters; NULL: generated.
 * @return
 *   - 0 or more: reader id, for the calls below.
 *   - -EEXIST: this thread is registered. A new thread that got the kernel thread id of one that has
 *     ended is another thread.
 *   - -EINVAL: name is too long.
 *   - -ENOSPC: TIDE_ARENA_THREADS_MAX threads are registered without the place of an lcore id.
 */
int tide_arena_reader_register(struct tide_arena *arena, const char *name);

/**
 * Unregister a reader, so that no epoch waits for it any more. MT-safe; not for the data path.
 *
 * Any thread may call it, for instance after the reader's thread has ended.
 *
 * @param arena   Arena; not NULL.
 * @param reader  Reader id.
 * @return
 *   - 0: unregistered.
 *   - -ENOENT: no such reader is registered.
 */
int tide_arena_reader_unregister(struct tide_arena *arena, unsigned int reader);

/**
 * Report a quiescent state: the reader no longer uses any address it got before. For the data path.
 *
 * Only the thread of the reader may call it; once per burst or per loop is enough.
 *
 * @param arena   Arena; not NULL.
 * @param reader  Its reader id.
 */
static inline void
tide_arena_quiescent(struct tide_arena *arena, unsigned int reader)
{
	rte_rcu_qsbr_quiescent(arena->readers, reader);
}

/**
 * Take a reader offline before it sleeps or blocks. For the data path.
 *
 * Only the thread of the reader may call it. No epoch waits for an offline reader, which must not
 * allocate and must not use memory of the arena.
 *
 * @param arena   Arena; not NULL.
 * @param reader  Its reader id.
 */
static inline void
tide_arena_offline(struct tide_arena *arena, unsigned int reader)
{
	rte_rcu_qsbr_thread_offline(arena->readers, reader);
}

/**
 * Take a reader online again. For the data path; only the thread of the reader may call it.
 *
 * @param arena   Arena; not NULL.
 * @param reader  Its reader id.
 */
static inline void
tide_arena_online(struct tide_arena *arena, unsigned int reader)
{
	rte_rcu_qsbr_thread_online(arena->readers, reader);
}

/**
 * Read where the chunks of a node are, as measured when the arena was created. MT-safe.
 *
 * @param arena  Arena; not NULL.
 * @param node   Node id as the kernel numbers it.
 * @return  The placement, valid as long as the arena; NULL if it has no chunks there.
 */
const struct tide_placement *tide_arena_placement(const struct tide_arena *arena, int node);

/**
 * Check the invariants of an arena at rest. Not MT-safe.
 *
 * On each node the free and the taken chunks are all chunks, and each taken chunk is in one epoch
 * of one cell.
 *
 * @param arena  Arena that no thread uses at the moment; not NULL.
 * @return
 *   - 0: sound.
 *   - -EINVAL: not sound; the log says what is wrong.
 *   - -ENOMEM: out of memory for the check.
 */
int tide_arena_check(const struct tide_arena *arena);

/**
 * Write an arena for people: a line per node, then open epochs and stalled readers. MT-safe.
 *
 * @param arena  Arena; not NULL.
 * @param out    Stream to write to.
 */
void tide_arena_dump(const struct tide_arena *arena, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_ARENA_H */
