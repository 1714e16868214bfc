/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDEI_MAGAZINE_H
#define TIDEI_MAGAZINE_H

/*
 * The allocator: it keeps the free objects of a pool in magazines and hands them out.
 *
 * A magazine is an array of object numbers. Each thread has a cell with two magazines and works on
 * them without an atomic read-modify-write; full and empty magazines are exchanged with a depot. A
 * get that finds the depot empty steals from the cells of other threads, so that no free object is
 * out of reach, and no thread that stops can stall another. A ledger keeps one word per object: free
 * or out, which caller took it, and when. The cost is the same in whatever order objects come back.
 *
 * The allocator is one piece of the caller's memory without pointers into private memory: processes
 * that map it, and the objects, at the same addresses share it. It knows nothing of DPDK or NUMA.
 * layout.h says how it works and why it is right.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Objects that one allocator can have. */
#define TIDEI_OBJECTS_MAX (UINT32_C(1) << 27)

struct tidei_magazines;

/* How much the ledger knows. */
enum tidei_ledger_mode {
	TIDEI_LEDGER_FULL, /* A word for each object. */
	TIDEI_LEDGER_SAMPLED, /* A word for one object in TIDEI_LEDGER_SAMPLE, by slot. */
	TIDEI_LEDGER_OFF, /* No words. */
	TIDEI_LEDGER_MODES,
};

/* The sampled ledger watches one slot in so many. */
#define TIDEI_LEDGER_SAMPLE 16

/* What put refuses, and what get drops. The allocator is unharmed by any of it. */
enum tidei_misuse {
	TIDEI_MISUSE_DOUBLE_FREE, /* The object is free already. Needs a ledger word. */
	TIDEI_MISUSE_FOREIGN, /* The pointer is outside all memory of the pool. */
	TIDEI_MISUSE_MISALIGNED, /* The pointer is inside, but not at the start of an object. */
	TIDEI_MISUSE_KINDS,
};

/* One object that put refused or get dropped. */
struct tidei_refusal {
	enum tidei_misuse kind;
	const void *object;
	uint64_t nth; /* Of this kind since the allocator was made, from 1. */
};

/* A caller is told of each refused object, before the rest is worked on. */
typedef void (*tidei_refused_cb)(const struct tidei_refusal *refusal, void *arg);

struct tidei_listener {
	tidei_refused_cb refused; /* NULL: refusals are only counted. */
	void *arg;
};

/*
 * The allocation record of one object: who took it or, when it is free, who gave it back. Racy while
 * threads work.
 */
struct tidei_record {
	bool known; /* The ledger has a word for the object, written by a get or a put. */
	bool lcore; /* The caller was an lcore: `id` is its lcore id, else its thread id. */
	uint32_t id; /* 0 and not lcore: a thread that found no cell, as others own them all. */
	uint32_t pid; /* Process of the caller, as that process saw its own id. */
	/*
	 * The object moved at least and at most so long ago, to a tick of the kernel's coarse clock.
	 * The exception is a thread that was busy and then paused: objects of its next gets and puts,
	 * seven at most, have the time of its last reading of the clock, so both ages are too high by
	 * up to the pause. Ages wrap after 74 hours.
	 */
	uint32_t age_min_ms, age_max_ms;
};

/*
 * Bytes of memory an allocator needs. objects: 1 to TIDEI_OBJECTS_MAX; stride: bytes from object to
 * object, a multiple of 8 up to 2^31. 0: out of range, or more memory than 32-bit object numbers
 * reach.
 */
size_t tidei_magazines_size(uint32_t objects, size_t stride, enum tidei_ledger_mode mode);

/*
 * Choose how many bits of a vector register get and put use in this process: at most max_bits, and
 * no more than the CPU has. MT-safe.
 *
 * Returns the bits chosen: 64 (what the compiler was told to use) or 256 (AVX2).
 */
unsigned int tidei_magazines_choose_width(unsigned int max_bits);

/*
 * Tell the allocator how to ask for the lcore id of the calling thread in this process, for
 * allocation records. The function returns UINT32_MAX on a thread without an lcore id. NULL: no
 * thread is an lcore. Not MT-safe.
 */
void tidei_magazines_name_lcores(uint32_t (*lcore_id)(void));

/*
 * Make an allocator without objects in the caller's memory. Not MT-safe.
 *
 * mem: tidei_magazines_size() bytes, aligned to 128. Returns the allocator (at mem), or NULL when an
 * argument is out of range.
 */
struct tidei_magazines *
tidei_magazines_init(void *mem, uint32_t objects, size_t stride, enum tidei_ledger_mode mode);

/*
 * Add n objects, the first at base and each a stride further; they are free at once. Not MT-safe.
 *
 * Runs that follow each other with a gap that repeats, as where objects keep off page boundaries, are
 * as fast as one run; others cost a search for each object.
 *
 * Returns 0, or with nothing changed:
 *   -EINVAL: n is 0, base is NULL or not a multiple of 8, or the run wraps around or overlaps others.
 *   -ENOSPC: the allocator would have more objects than it was made for.
 *   -ENOBUFS: a table is too small: see tidei_magazines_grow().
 *   -E2BIG: object numbers would pass 32 bits.
 */
int tidei_magazines_add(struct tidei_magazines *mags, void *base, uint32_t n);

/* Bytes that tidei_magazines_grow() needs so that one more run fits; 0: it fits now. */
size_t tidei_magazines_grow_size(const struct tidei_magazines *mags);

/*
 * Move the table of segments to larger memory of the caller's. Not MT-safe.
 *
 * mem: tidei_magazines_grow_size() bytes, which are not 0, aligned to 64. Returns the memory of an
 * earlier call for the caller to free, else NULL.
 */
void *tidei_magazines_grow(struct tidei_magazines *mags, void *mem);

/* The memory given last to tidei_magazines_grow(), for the caller to free; NULL: none. */
void *tidei_magazines_grown(const struct tidei_magazines *mags);

/*
 * Largest get that leaves the table alone when it fails. A mempool cache, whose own array the table
 * can be, asks for 1,024 at most: twice RTE_MEMPOOL_CACHE_MAX_SIZE.
 */
#define TIDEI_GET_EXACT 1024

/*
 * Take n objects. MT-safe, lock-free: a stopped thread stops nobody. Signal handlers may call it, as long as
 * fewer threads are interrupted inside at once than there are cells (32 to 128, by the number of objects):
 * handlers that interrupt the holders of all cells wait for each other.
 *
 * All or nothing: up to TIDEI_GET_EXACT objects, the table is written only on success; above, its
 * content after a failure is undefined. The listener is told of duplicates that an undetected double
 * free left (they are dropped). A get can miss objects that another thread has in its hands: one that
 * is inside get or put just now, or that stopped there; and objects that come back while the get
 * looks.
 *
 * A pool has 32 to 128 cells, and all threads of all processes share them. All but one can have
 * owners; the last is for threads without a cell, which use it for one get or put at a time. Where it
 * is in use, such a thread works in the cell of an owner that is not inside, at the price of a
 * membarrier(2) each time. Gets and puts wait only if neither will do: while all cells are in use, or
 * while the last is in use and membarrier(2) is refused, or refused for other processes as on kernels
 * with nohz_full CPUs. A thread that is stopped there then stops those without a cell.
 *
 * Returns 0, or -ENOBUFS: fewer than n were free; counted.
 */
int tidei_magazines_get(struct tidei_magazines *mags, void **table, unsigned int n,
	const struct tidei_listener *listener);

/*
 * Give n objects back. MT-safe, lock-free as tidei_magazines_get(). Signal handlers may call it.
 *
 * Each object is checked as the ledger mode allows; misuse is refused, counted and told to the
 * listener, the rest goes back. Returns how many objects were refused.
 */
unsigned int tidei_magazines_put(struct tidei_magazines *mags, void *const *table, unsigned int n,
	const struct tidei_listener *listener);

/* Whether memory holds an allocator as this build lays it out; 128 bytes of it can be read. */
bool tidei_magazines_valid(const void *mem);

/* How much the ledger of an allocator knows. MT-safe. */
enum tidei_ledger_mode tidei_magazines_mode(const struct tidei_magazines *mags);

/* Objects of the allocator, free or not. */
uint32_t tidei_magazines_objects(const struct tidei_magazines *mags);

/* Free objects: exact at rest, approximate while threads work. Walks cells and depot. MT-safe. */
uint32_t tidei_magazines_count(const struct tidei_magazines *mags);

/*
 * The most objects that were out at once. Sampled by a get that takes a magazine from a depot that never
 * had fewer free objects, by one that steals, and by the first after objects were added. It can be too
 * low by what cells held then, a pair of magazines per thread at most; 0: nothing was ever out. MT-safe.
 */
uint32_t tidei_magazines_peak(const struct tidei_magazines *mags);

/* What the allocator counted. MT-safe. */
struct tidei_counters {
	uint64_t failures; /* Gets that failed. */
	uint64_t misuses[TIDEI_MISUSE_KINDS];
	uint64_t steals; /* Cells that a get took objects from because the depot was empty. */
	uint64_t reclaims; /* Cells of dead owners that were put in order. */
};
struct tidei_counters tidei_magazines_counters(const struct tidei_magazines *mags);

/* Whether this process orders entries with full fences because membarrier(2) is refused. MT-safe. */
bool tidei_magazines_fenced(void);

/*
 * The slot of an object: a number of its own below tidei_magazines_objects(). MT-safe.
 *
 * Returns 0 with *slot set; -ENOENT: outside all memory; -EINVAL: inside, at no object's start.
 */
int tidei_magazines_slot(const struct tidei_magazines *mags, const void *object, uint32_t *slot);

/* The object of a slot; NULL: there is none such. MT-safe. */
void *tidei_magazines_object(const struct tidei_magazines *mags, uint32_t slot);

/* The allocation record of the object of a slot. MT-safe. */
struct tidei_record tidei_magazines_record(const struct tidei_magazines *mags, uint32_t slot);

/*
 * Call back for each object that is out, by ascending slot. MT-safe, racy: an object that moves
 * meanwhile can be seen or missed. A callback that returns other than 0 ends the walk.
 *
 * Returns what the last callback returned, or 0; -ENOMEM: no memory to note what is free (malloc, a
 * bit per slot; a full ledger needs none).
 */
int tidei_magazines_walk(const struct tidei_magazines *mags,
	int (*cb)(const struct tidei_magazines *mags, uint32_t slot, void *arg), void *arg);

/*
 * Put in order the cells of owners that are known to be dead. MT-safe. A get that would fail does the
 * same. Returns how many cells were put in order.
 */
unsigned int tidei_magazines_reclaim(struct tidei_magazines *mags);

/*
 * Whether an allocator is sound: every object free once or out, free + out = all. Only at rest: no
 * get or put is running. Needs a bit of malloc per slot.
 *
 * Returns NULL, or a sentence that says what is wrong.
 */
const char *tidei_magazines_check(const struct tidei_magazines *mags);

#endif /* TIDEI_MAGAZINE_H */
