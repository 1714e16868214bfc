/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_ARENA_H
#define TIDE_ARENA_H

/**
 * @file
 * Memory of any size on a node, bump-allocated, given back an epoch at a time.
 *
 * Chunks come from one mempool per node, each on memory of that node, measured. An lcore bumps in a
 * chunk of its own, without atomics; threads without an lcore id share one, lock-free. Nothing is
 * freed by itself: tide_arena_flip() closes the epoch, and when every registered reader has passed a
 * quiescent state since, tide_arena_reclaim() gives all chunks of that epoch back at once.
 *
 * What is allocated belongs to one epoch, the one that was open at some instant of the call, and
 * stays valid until that epoch's grace is over: until every reader that was online at the flip has
 * reported a quiescent state, gone offline or unregistered. So a thread that allocates from an arena
 * that is flipped must be a registered, online reader, as must whoever reads what others allocated:
 * each may use an address until its own next quiescent state after the flip. An arena that is never
 * flipped needs no readers. A thread that allocates from a flipped arena without being an online reader
 * is served all the same; its memory can be handed out again while it is in use. The arena notices such
 * a thread in each chunk (tide_arena_stats.strangers) and logs the first one.
 *
 * A chunk serves one lcore, or all threads without an lcore id together, and nobody else until its epoch
 * is given back. So an arena needs, on each node and for each epoch that is not given back, at least as many
 * chunks as users. For one stretch of memory that all threads share, and without EAL, see tide_bump.h.
 *
 * tide_arena_alloc(), tide_arena_alloc_on() and the reader calls marked so are for the data path;
 * creating, freeing, flipping and reclaiming are for control threads. Primary process only.
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

/** Longest name of an arena. */
#define TIDE_ARENA_NAME_MAX 14

/** Largest alignment of an allocation, bytes: the base page. */
#define TIDE_ARENA_ALIGN_MAX 4096

/** Smallest and largest chunk, bytes. */
#define TIDE_ARENA_CHUNK_MIN 1024
#define TIDE_ARENA_CHUNK_MAX (UINT32_C(1) << 30)

/** Most chunks on one node. */
#define TIDE_ARENA_CHUNKS_MAX ((UINT32_C(1) << 25) - 1)

/** Epochs not given back yet, the current one included: bounds, and what 0 in the conf means. */
#define TIDE_ARENA_EPOCHS_MIN     2
#define TIDE_ARENA_EPOCHS_MAX     1024
#define TIDE_ARENA_EPOCHS_DEFAULT 8

/** Readers without an lcore id an arena can have; lcores have a place each. */
#define TIDE_ARENA_THREADS_MAX 64

/** Longest name of a reader. */
#define TIDE_ARENA_READER_NAME_MAX 23

/** What to make. Zero is a good default in every field but name, chunk_size and chunks. */
struct tide_arena_conf {
	const char *name; /**< The mempools are called NAME_node<id>. */
	const struct tide_topology *topo; /**< Machine; must outlive the arena; NULL: read once. */
	const int *nodes; /**< Nodes to have chunks on; NULL: those of the lcores EAL runs. */
	unsigned int nb_nodes;
	uint32_t chunk_size; /**< Bytes to allocate from in a chunk, a multiple of 64. */
	uint32_t chunks; /**< Chunks per node; each serves one lcore, see above. */
	uint32_t epochs; /**< Epochs not given back at once; 0: TIDE_ARENA_EPOCHS_DEFAULT. */
	uint32_t align; /**< Least alignment of every allocation, a power of two; 0: 8. */
	const char *ops; /**< Mempool ops by name; NULL: tide. */
	enum tide_page page;
	enum tide_backing backing;
	enum tide_enforce enforce;
	/**
	 * Fill chunks that are given back with TIDE_ARENA_FILL and look whether that is intact when
	 * they are taken again: a read after the grace sees it, a write is counted and logged. Under
	 * AddressSanitizer chunks are poisoned instead, always.
	 */
	bool fill;
	/**
	 * Devices will read the chunks: each lies on contiguous IO addresses, which costs memory where
	 * IOVA is PA. Else no IO address is looked at, and a chunk can be larger than any page.
	 */
	bool dma;
};

/** Byte that fills chunks given back, see tide_arena_conf.fill. */
#define TIDE_ARENA_FILL 0xd1

/**
 * Where one lcore allocates on one node. One writer, the lcore; others read the statistics. Plain
 * types, read and written by __atomic builtins: C++ has no _Atomic.
 */
struct tide_arena_cell {
	alignas(128) uint64_t epoch; /**< Epoch its chunk belongs to; 0: it has none yet. */
	uintptr_t at; /**< Next free byte of its chunk. */
	uintptr_t end; /**< Byte behind its chunk. */
	uint64_t allocs; /**< Allocations. */
	uintptr_t start; /**< First byte of its chunk. */
	uint64_t bytes; /**< Bytes handed out of chunks given up, alignment included. */
	uint64_t waste; /**< Bytes left at the end of chunks given up. */
	uint64_t refills; /**< Chunks taken. */
	uint64_t failures; /**< Allocations that found no chunk. */
};

/** The part of an arena the data path reads. */
struct tide_arena {
	uint64_t epoch; /**< Current epoch, from 1. Written by flip and reset. */
	struct rte_rcu_qsbr *readers;
	struct tidei_arena *more; /**< What only the library reads. */
	uint32_t align_mask; /**< Least alignment, less one. */
	/** Cell of each lcore on its own node; written by the lcore when it learns its node. */
	struct tide_arena_cell *local[RTE_MAX_LCORE];
};

/** Counters of one node of an arena. Read while others work, each is near, not one instant. */
struct tide_arena_stats {
	int node; /**< Node id. */
	uint64_t capacity; /**< Bytes in all chunks. */
	/**
	 * Bytes nobody has taken yet: in free chunks and behind each bump. A caller gets those of free
	 * chunks and of its own; when chunks_out equals chunks, a caller without a chunk gets none of them.
	 */
	uint64_t remaining;
	uint64_t allocs; /**< Allocations, ever. */
	uint64_t bytes; /**< Bytes handed out, ever, alignment included. */
	uint64_t waste; /**< Bytes left at the end of chunks given up or closed, ever. */
	uint64_t refills; /**< Chunks taken, ever. */
	uint64_t failures; /**< Allocations that found no chunk, ever. */
	uint64_t stale_writes; /**< Chunks somebody wrote to after the grace; with fill only. */
	/**
	 * Chunks in which a thread that was not an online reader allocated after a flip, ever. A chunk
	 * that threads share counts once for each of them.
	 */
	uint64_t strangers;
	uint32_t chunks; /**< Chunks. */
	uint32_t chunks_out; /**< Taken now, those of closed epochs included. */
	uint32_t chunks_high; /**< Most ever taken at once. */
};

/** A reader that has not passed a quiescent state an epoch waits for. */
struct tide_arena_late {
	char name[TIDE_ARENA_READER_NAME_MAX + 1]; /**< As registered. */
	unsigned int reader; /**< Its id. */
	unsigned int lcore_id; /**< Its lcore, or LCORE_ID_ANY. */
	uint32_t tid; /**< Kernel thread id that registered it. */
	uint64_t epoch; /**< Oldest closed epoch that waits for it; for reset the current one. */
	uint64_t late_us; /**< Since that epoch was closed, microseconds; 0 when it is current. */
};

/**
 * Make an arena: a mempool of chunks on each node.
 *
 * @param conf  What to make; not NULL.
 * @return
 *   The arena; NULL with rte_errno set and nothing left behind:
 *   - EINVAL: no name or one too long, chunk_size out of bounds or not a multiple of 64, no chunks
 *     or more than TIDE_ARENA_CHUNKS_MAX, epochs out of bounds, align not a power of two or above
 *     TIDE_ARENA_ALIGN_MAX, nodes named twice, that do not exist, or none at all, an unknown ops
 *     name.
 *   - EEXIST: a mempool of that name exists.
 *   - E_RTE_SECONDARY: not the primary process.
 *   - ENOTSUP: EAL is not initialised.
 *   - ENOMEM, EPERM, EXDEV: as tide_region_create(), or (ENOMEM) no memory is left for the tables of
 *     the arena; the log says which node or which heap, and what to do.
 *   - ENOSPC: EAL has no memzone left; the log says what to do.
 *   - EIO: conf->topo is NULL and the machine could not be read.
 */
struct tide_arena *tide_arena_create(const struct tide_arena_conf *conf);

/**
 * Free an arena and all that was allocated from it. NULL does nothing and is 0.
 *
 * @return
 *   - 0: gone.
 *   - -EBUSY: readers are registered; nothing was freed; the log names one and its lcore.
 */
int tide_arena_free(struct tide_arena *arena);

/** What tide_arena_alloc() calls when its lcore's chunk does not do. Same contract; not to be called. */
void *tide_arena_alloc_slow(struct tide_arena *arena, size_t size, size_t align);

/*
 * Bump in a chunk of the current epoch; NULL when it does not do. Only by the lcore the cell belongs
 * to. `mask` is an alignment less one. A size of 0 does not do either: it wraps around.
 */
static inline void *
tidei_arena_bump(
	struct tide_arena *arena, struct tide_arena_cell *cell, size_t size, uintptr_t mask)
{
	uintptr_t start = (cell->at + mask) & ~mask, end = cell->end;

	/*
	 * Relaxed: a reader that reported a quiescent state after a flip has acquired the flip's
	 * token, and with it the new epoch; until then the old chunk is its to use.
	 */
	if (unlikely(cell->epoch != __atomic_load_n(&arena->epoch, __ATOMIC_RELAXED) ||
		     start > end || size - 1 >= end - start))
		return NULL;
	/* Relaxed, and no read-modify-write: this lcore alone writes, statistics read. */
	__atomic_store_n(&cell->at, start + size, __ATOMIC_RELAXED);
	__atomic_store_n(&cell->allocs, cell->allocs + 1, __ATOMIC_RELAXED);
	return (void *)start;
}

/**
 * Allocate on the node of the calling thread. MT-safe; wait-free for lcores while their chunk lasts,
 * lock-free otherwise with lock-free mempool ops.
 *
 * Makes no system call, save where the CPU must be asked for (getcpu(2)): on threads without an
 * lcore id, once on lcores that had no known node when the arena was made, and on threads that
 * registered for an lcore id each time they leave a chunk; what is left in the chunk of who had the
 * id before is theirs, wherever it lies. A caller whose node has no chunks allocates on the nearest
 * that has. The bytes are not cleared. When an allocation
 * does not fit behind the others in its chunk, the rest of the chunk is given up (waste).
 *
 * @param size   Bytes, 1 to chunk_size.
 * @param align  A power of two up to TIDE_ARENA_ALIGN_MAX; 0: the arena's least alignment.
 * @return
 *   size bytes, valid until the grace of the epoch is over; NULL with rte_errno set and nothing taken:
 *   - EINVAL: size is 0, or align is not a power of two up to TIDE_ARENA_ALIGN_MAX.
 *   - EMSGSIZE: not every chunk can hold size bytes at that alignment. A chunk starts on 64 bytes: up
 *     to that alignment size may be chunk_size, beyond it chunk_size + 64 - align. What happens
 *     to fit into the rest of the chunk in use may be served all the same.
 *   - ENOMEM: the node has no chunk left, even if other threads' chunks have room (see
 *     tide_arena_remaining()), or another thread without an lcore id has just taken the
 *     last one in vain; reclaim epochs, or give it more.
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
 * Allocate on a node by name. As tide_arena_alloc(); on another node than the caller's slower, but
 * without atomics for lcores too.
 *
 * @param node  Node id as the kernel numbers it.
 * @return  As tide_arena_alloc(), and NULL with rte_errno ENODEV: the arena has no chunks there.
 */
void *tide_arena_alloc_on(struct tide_arena *arena, int node, size_t size, size_t align);

/** Bytes in all chunks of a node; 0 when the arena has none there. Any thread. */
uint64_t tide_arena_capacity(const struct tide_arena *arena, int node);

/**
 * Bytes of a node nobody has taken: in free chunks, and behind the bump of each chunk of the current
 * epoch. Any thread; approximate while others allocate. 0 when the arena has no chunks there.
 *
 * This is not what one caller can get: a chunk serves one lcore, or the threads without an lcore id, so
 * what is behind another's bump is not for the caller. In an arena of one chunk of 1 MB the first lcore
 * has all of it, the next gets ENOMEM, and `remaining` still says how much of the 1 MB is left. Give an
 * arena more and smaller chunks, or use tide_bump.h, whose one stretch serves all threads and whose
 * `remaining` is what any of them can get.
 */
uint64_t tide_arena_remaining(const struct tide_arena *arena, int node);

/**
 * Give back every chunk of every epoch at once, for an arena nobody uses.
 *
 * @param late  Who is active, on -EBUSY; may be NULL.
 * @return
 *   - 0: the arena is as new; all that was allocated is gone. Counters and epochs go on.
 *   - -EBUSY: a reader other than the caller is online; nothing was changed. Had it come online
 *     during the call, epochs may be closed and some given back, but none that it can have seen.
 *   - -EAGAIN: another thread flips, reclaims or resets; nothing was changed.
 */
int tide_arena_reset(struct tide_arena *arena, struct tide_arena_late *late);

/**
 * The counters of a node, summed over its lcores. Any thread.
 *
 * @return  0; -ENODEV with *stats untouched when the arena has no chunks there.
 */
int tide_arena_stats(const struct tide_arena *arena, int node, struct tide_arena_stats *stats);

/**
 * Close the current epoch and open the next. Never waits; allocations go on meanwhile. When
 * conf.epochs epochs are not given back, it first reclaims those whose grace is over.
 *
 * @param closed  Where to store the epoch that was closed; may be NULL.
 * @return
 *   - 0: closed; its chunks can be reclaimed when its grace is over.
 *   - -ENOBUFS: conf.epochs epochs are not given back, and the oldest waits for a reader, see
 *     tide_arena_late(). Nothing was changed.
 *   - -EAGAIN: another thread flips, reclaims or resets; nothing was changed.
 */
int tide_arena_flip(struct tide_arena *arena, uint64_t *closed);

/** The epoch that is current; the first is 1. Any thread. */
static inline uint64_t
tide_arena_epoch(const struct tide_arena *arena)
{
	/* Relaxed: orders nothing for its caller. */
	return __atomic_load_n(&arena->epoch, __ATOMIC_RELAXED);
}

/**
 * Give the chunks of every closed epoch whose grace is over back to their mempools, oldest first.
 * Never waits.
 *
 * @return
 *   - 0 or more: epochs given back.
 *   - -EAGAIN: another thread flips, reclaims or resets; nothing was changed.
 */
int tide_arena_reclaim(struct tide_arena *arena);

/**
 * As tide_arena_reclaim(), until no closed epoch is left or time is up. The caller, if a registered
 * reader itself, goes offline meanwhile: it must hold nothing of the arena.
 *
 * @param timeout_us  Microseconds to wait at most.
 * @param late        Who is late, on -ETIMEDOUT; may be NULL.
 * @return
 *   - 0: no closed epoch is left.
 *   - -ETIMEDOUT: a reader has not passed a quiescent state; *late names it. Epochs before that one
 *     were given back; the log has the same sentence.
 *   - -EAGAIN: another thread flips, reclaims or resets, and did to the end.
 */
int tide_arena_reclaim_wait(
	struct tide_arena *arena, uint64_t timeout_us, struct tide_arena_late *late);

/**
 * The reader that keeps closed epochs waiting longest. Any thread.
 *
 * @return  0 with *late filled; -ENOENT: no closed epoch waits for anybody.
 */
int tide_arena_late(const struct tide_arena *arena, struct tide_arena_late *late);

/** Write a late reader for people, without a newline. */
void tide_arena_late_dump(const struct tide_arena_late *late, FILE *out);

/**
 * Register the calling thread as a reader, online. Not for the data path. A thread with an lcore id
 * has that place; it stays taken until it is unregistered, even when the thread is gone.
 *
 * @param name  For reports; at most TIDE_ARENA_READER_NAME_MAX characters; NULL: made up.
 * @return
 *   - 0 or more: reader id, for the calls below.
 *   - -EEXIST: this thread is registered, or another was under its lcore id. A later thread with the
 *     kernel thread id of one that has ended is another thread.
 *   - -EINVAL: name is too long.
 *   - -ENOSPC: TIDE_ARENA_THREADS_MAX threads without an lcore id are registered.
 */
int tide_arena_reader_register(struct tide_arena *arena, const char *name);

/**
 * End a registration. What waits for this reader waits no more. Any thread, on behalf of one that is
 * gone for instance.
 *
 * @return  0; -ENOENT: no such reader is registered.
 */
int tide_arena_reader_unregister(struct tide_arena *arena, unsigned int reader);

/**
 * Report a quiescent state: this reader holds nothing it got before. For the data path; only by the
 * reader itself. Once per burst or per loop does.
 */
static inline void
tide_arena_quiescent(struct tide_arena *arena, unsigned int reader)
{
	rte_rcu_qsbr_quiescent(arena->readers, reader);
}

/** Nobody waits for an offline reader, and it holds and takes nothing: before it sleeps or blocks. */
static inline void
tide_arena_offline(struct tide_arena *arena, unsigned int reader)
{
	rte_rcu_qsbr_thread_offline(arena->readers, reader);
}

/** Back from tide_arena_offline(). */
static inline void
tide_arena_online(struct tide_arena *arena, unsigned int reader)
{
	rte_rcu_qsbr_thread_online(arena->readers, reader);
}

/**
 * Where the chunks of a node are, as measured when the arena was made.
 *
 * @return  Valid as long as the arena; NULL when it has no chunks there.
 */
const struct tide_placement *tide_arena_placement(const struct tide_arena *arena, int node);

/**
 * What must always hold: free + taken = all chunks, each taken chunk in one epoch of one cell. For an
 * arena at rest.
 *
 * @return  0; -EINVAL with what is wrong in the log; -ENOMEM.
 */
int tide_arena_check(const struct tide_arena *arena);

/** Write the arena for people: a line per node, then open epochs and late readers. */
void tide_arena_dump(const struct tide_arena *arena, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_ARENA_H */
