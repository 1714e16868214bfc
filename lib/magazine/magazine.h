/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_H
#define TIDEI_MAGAZINE_H

/*
 * The allocator: it keeps the free objects of a pool in magazines and hands them out.
 *
 * A magazine is an array of object numbers. Each thread has a cell with two magazines and works on
 * them without an atomic read-modify-write. It exchanges full and empty magazines with a depot. A get
 * that finds the depot empty steals from the cells of other threads. So every free object is within
 * reach, and no stopped thread can stall another. A ledger keeps one word per object: free or out,
 * which caller moved it last, and when. The cost does not depend on the order in which objects return.
 *
 * The allocator occupies one piece of the caller's memory and has no pointers into private memory:
 * processes that map it and the objects at the same addresses share it. It knows nothing of DPDK or
 * NUMA. layout.h describes the protocol and why it is correct.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most objects that one allocator can have. */
#define TIDEI_OBJECTS_MAX (UINT32_C(1) << 27)

struct tidei_magazines;

/* How many objects have a ledger word. */
enum tidei_ledger_mode {
	TIDEI_LEDGER_FULL, /* A word for each object. */
	TIDEI_LEDGER_SAMPLED, /* A word for one object in TIDEI_LEDGER_SAMPLE, by slot. */
	TIDEI_LEDGER_OFF, /* No words. */
	TIDEI_LEDGER_MODES,
};

/* The sampled ledger has a word for one slot in this many. */
#define TIDEI_LEDGER_SAMPLE 16

/* Kinds of misuse: put refuses such an object, get drops it. None of them harms the allocator. */
enum tidei_misuse_kind {
	TIDEI_MISUSE_DOUBLE_FREE, /* The object is free already. Needs a ledger word. */
	TIDEI_MISUSE_FOREIGN, /* The pointer is outside all memory of the allocator. */
	TIDEI_MISUSE_MISALIGNED, /* It is inside that memory, but not at the start of an object. */
	TIDEI_MISUSE_KINDS,
};

/* One object that a put refused or a get dropped. */
struct tidei_refusal {
	enum tidei_misuse_kind kind;
	const void *object;
	uint64_t nth; /* Number of this refusal among those of its kind since init, from 1. */
};

/* Get and put call it for each refused object before they continue with the rest. */
typedef void (*tidei_refused_cb)(const struct tidei_refusal *refusal, void *arg);

struct tidei_listener {
	tidei_refused_cb refused; /* NULL: the allocator only counts refusals. */
	void *arg;
};

/*
 * The allocation record of one object: the caller of its last get or, if it is free, of its last put.
 * Racy while threads work.
 */
struct tidei_record {
	bool known; /* The object has a ledger word and a get or put has written it. */
	bool lcore; /* True: `id` is an lcore id. False: `id` is a kernel thread id. */
	uint32_t id; /* 0 with lcore false: the caller had no cell of its own and is unknown. */
	uint32_t pid; /* Process id of the caller in its own PID namespace. */
	/*
	 * Lower and upper bound of the time since the object moved, to a tick of the kernel's coarse
	 * clock. One exception: a busy thread that pauses uses its last reading of the clock for its
	 * next gets and puts, seven at most. Then both bounds are too high by up to the pause. Ages
	 * wrap after 74 hours.
	 */
	uint32_t age_min_ms, age_max_ms;
};

/*
 * Compute the bytes of memory that an allocator needs. MT-safe.
 *
 * objects: 1 to TIDEI_OBJECTS_MAX; stride: bytes from object to object, a multiple of 8 up to 2^31.
 * Returns 0 if an argument is out of range or the objects span more than 32-bit numbers reach.
 */
size_t tidei_magazines_size(uint32_t objects, size_t stride, enum tidei_ledger_mode mode);

/*
 * Choose how many bits of a vector register get and put use in this process. MT-safe.
 *
 * The width is at most max_bits and at most that of the CPU.
 *
 * Returns the bits chosen: 64 (what the compiler was told to use) or 256 (AVX2).
 */
unsigned int tidei_magazines_choose_width(unsigned int max_bits);

/*
 * Set the function that returns the lcore id of the calling thread. Not MT-safe.
 *
 * Allocation records of this process use it. It returns UINT32_MAX on a thread without an lcore id.
 * With NULL, the default, records name every caller by its thread id.
 */
void tidei_magazines_name_lcores(uint32_t (*lcore_id)(void));

/*
 * Make an allocator without objects in the caller's memory. Not MT-safe.
 *
 * mem: tidei_magazines_size() bytes, aligned to 128. Returns the allocator, which starts at mem, or
 * NULL if an argument is out of range.
 */
struct tidei_magazines *
tidei_magazines_init(void *mem, uint32_t objects, size_t stride, enum tidei_ledger_mode mode);

/*
 * Add a run of n free objects, the first at base and each a stride further. Not MT-safe.
 *
 * Runs whose gaps repeat, for example objects that do not cross page boundaries, are as fast as one
 * run. With other gaps, get and put search for the segment of each object.
 *
 * Returns 0, or with nothing changed:
 *   -EINVAL: n is 0, base is NULL or not a multiple of 8, or the run wraps around or overlaps others.
 *   -ENOSPC: the allocator would have more objects than it was made for.
 *   -ENOBUFS: a table is too small: see tidei_magazines_grow().
 *   -E2BIG: object numbers would pass 32 bits.
 */
int tidei_magazines_add(struct tidei_magazines *mags, void *base, uint32_t n);

/* Return the bytes that tidei_magazines_grow() needs to make one more run fit; 0: it fits now. */
size_t tidei_magazines_grow_size(const struct tidei_magazines *mags);

/*
 * Move the table of segments to larger memory of the caller. Not MT-safe.
 *
 * mem: tidei_magazines_grow_size() bytes, not 0, aligned to 64. Returns the memory of the call before,
 * which the caller frees, or NULL.
 */
void *tidei_magazines_grow(struct tidei_magazines *mags, void *mem);

/* Return the memory of the last tidei_magazines_grow(), which the caller frees; NULL: none. */
void *tidei_magazines_grown(const struct tidei_magazines *mags);

/*
 * The largest get that leaves the table alone when it fails. The table can be the array of a mempool
 * cache, which requests 1,024 objects at most: twice RTE_MEMPOOL_CACHE_MAX_SIZE.
 */
#define TIDEI_GET_EXACT 1024

/*
 * Get n objects, all or none. MT-safe and lock-free: a stopped thread does not stop others.
 *
 * Up to TIDEI_GET_EXACT objects, the table is written only on success. Above, its content is undefined
 * after a failure. The listener is called for each duplicate that an undetected double free left; the
 * get drops the duplicate. A get can miss objects that another thread inside get or put is moving or,
 * if it stopped there, has kept. It can also miss objects that return while it searches.
 *
 * An allocator has 32 to 128 cells, by the number of objects; all threads of all processes share them.
 * All cells but the last can have owners. Threads without a cell use the last one for one get or put
 * at a time. While it is in use, such a thread borrows the cell of an owner that is not inside, which
 * costs a membarrier(2) each time. Gets and puts wait only when neither is possible:
 *   - while all cells are in use, or
 *   - while the last cell is in use and the kernel refuses membarrier(2), or refuses it for other
 *     processes, like kernels with nohz_full CPUs do.
 * A thread that is stopped in such a cell then stops the threads without a cell.
 *
 * Signal handlers may call it as long as they interrupt fewer threads inside get or put at once than
 * there are cells. Handlers that interrupt the users of all cells wait for each other.
 *
 * Returns 0, or -ENOBUFS: fewer than n objects were free; the failure is counted.
 */
int tidei_magazines_get(struct tidei_magazines *mags, void **table, unsigned int n,
	const struct tidei_listener *listener);

/*
 * Put n objects back. MT-safe, lock-free and callable from signal handlers, like tidei_magazines_get().
 *
 * The put checks each object as the ledger mode allows. It refuses and counts misuse, calls the
 * listener for it, and puts the other objects back. Returns the number of refused objects.
 */
unsigned int tidei_magazines_put(struct tidei_magazines *mags, void *const *table, unsigned int n,
	const struct tidei_listener *listener);

/* Tell whether memory, of which 128 bytes are readable, holds an allocator with the layout of this build. */
bool tidei_magazines_valid(const void *mem);

/* Return the ledger mode of an allocator. MT-safe. */
enum tidei_ledger_mode tidei_magazines_mode(const struct tidei_magazines *mags);

/* Return the number of objects that were added, free or out. */
uint32_t tidei_magazines_objects(const struct tidei_magazines *mags);

/* Count the free objects: exact at rest, approximate while threads work. Walks cells and depot. MT-safe. */
uint32_t tidei_magazines_count(const struct tidei_magazines *mags);

/*
 * Return the most objects that were out at once; 0: none was ever out. MT-safe.
 *
 * Three gets sample it: a get that brings the depot to a new low, a get that steals, and the first get
 * after objects were added. The result can be too low by the free objects that cells had at that time,
 * a pair of magazines per thread at most.
 */
uint32_t tidei_magazines_peak(const struct tidei_magazines *mags);

/* Read the counters. MT-safe. */
struct tidei_counters {
	uint64_t failures; /* Gets that failed. */
	uint64_t misuses[TIDEI_MISUSE_KINDS];
	uint64_t steals; /* Cells from which a get stole objects because the depot was empty. */
	uint64_t reclaims; /* Cells of dead threads that were recovered. */
};
struct tidei_counters tidei_magazines_counters(const struct tidei_magazines *mags);

/* Tell whether gets and puts of this process use full fences because membarrier(2) is refused. MT-safe. */
bool tidei_magazines_fenced(void);

/*
 * Find the slot of an object: its unique index below tidei_magazines_objects(). MT-safe.
 *
 * Returns 0 with *slot set; -ENOENT: the pointer is outside all memory; -EINVAL: it is inside, but no
 * object begins there.
 */
int tidei_magazines_slot(const struct tidei_magazines *mags, const void *object, uint32_t *slot);

/* Return the object of a slot; NULL: no object has this slot. MT-safe. */
void *tidei_magazines_object(const struct tidei_magazines *mags, uint32_t slot);

/* Read the allocation record of the object of a slot. MT-safe. */
struct tidei_record tidei_magazines_record(const struct tidei_magazines *mags, uint32_t slot);

/*
 * Call cb for each object that is out, by ascending slot. MT-safe.
 *
 * The walk is racy: it can see or miss an object that moves meanwhile. It ends when cb returns other
 * than 0. Without a full ledger it allocates a bit per slot with malloc.
 *
 * Returns the result of the last cb, 0 if there was none, or -ENOMEM.
 */
int tidei_magazines_walk(const struct tidei_magazines *mags,
	int (*cb)(const struct tidei_magazines *mags, uint32_t slot, void *arg), void *arg);

/*
 * Recover the cells of threads that are known to be dead. MT-safe.
 *
 * A get that would fail does the same. Returns the number of recovered cells.
 */
unsigned int tidei_magazines_reclaim(struct tidei_magazines *mags);

/*
 * Check the invariants of an allocator at rest: no get or put is running. Not MT-safe.
 *
 * Every object is either free exactly once or out. The check allocates a bit per slot with malloc.
 * Returns NULL, or a sentence that says what is wrong.
 */
const char *tidei_magazines_check(const struct tidei_magazines *mags);

#endif /* TIDEI_MAGAZINE_H */
