/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Threads allocate from one arena through many flips: two lcores and two threads without an lcore id,
 * while the main lcore flips and gives back. Each allocation is claimed in a map of the memory, so one
 * that overlaps a live one shows at once, and filled; what it holds is looked at until its owner is
 * quiescent, by the owner and by a neighbour it is shown to. Threads sleep, go offline, register anew.
 * At the end every chunk is back and the arena is sound. Runs under the thread sanitizer too.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "arena_internal.h"
#include "eal.h"

#define LCORES     2
#define WORKERS    4
#define PIECES_MAX 24
#define UNIT       8 /* Bytes a claim is for; every allocation starts on one. */
#define CHUNK      2048
#define CHUNKS     4096
#define EPOCHS     256
#define SHOWN_BITS 48 /* Of an address; the rest is its epoch's. */

/* One allocation somebody looks at. */
struct piece {
	unsigned char *at;
	size_t size;
	unsigned char mark; /* The first byte; each is one more than the one before. */
};

/* Written by itself, read after it has ended; but for shown. */
struct worker {
	pthread_t thread;
	unsigned int number, seed;
	int reader;
	uint64_t floor; /* Epoch that was current after it was quiescent last. */
	unsigned int nb_pieces, nb_guests;
	struct piece pieces[PIECES_MAX];
	struct piece guests[WORKERS]; /* Of others. */
	uint64_t allocs, dry, looks, naps;
	_Atomic uint64_t shown; /* A piece for others to look at, and its epoch; 0: none. */
};

static struct {
	uint64_t flips;
	unsigned int seconds, seed;
} options = {100000, 0, 0};
static struct tide_arena *arena;
static struct worker workers[WORKERS];
static const char *memory;
static _Atomic unsigned char *claims; /* By unit: number of the owner, from 1; 0: nobody. */
static _Atomic bool failed, stop;
static _Atomic unsigned int ended; /* Workers. */

#define FAIL(...)                                       \
	do {                                            \
		fprintf(stderr, "tides: " __VA_ARGS__); \
		fputc('\n', stderr);                    \
		atomic_store(&failed, true);            \
	} while (0)

static unsigned int
dice(struct worker *w, unsigned int sides)
{
	return (unsigned int)rand_r(&w->seed) % sides;
}

/* Put one owner in the place of another for every unit of a piece. */
static void
claim(const struct piece *piece, unsigned char from, unsigned char to)
{
	size_t first = (size_t)((const char *)piece->at - memory) / UNIT;

	for (size_t i = 0; i < (piece->size + UNIT - 1) / UNIT; i++) {
		/* Relaxed: the arena must give the order by itself. */
		unsigned char was =
			atomic_exchange_explicit(&claims[first + i], to, memory_order_relaxed);

		if (was != from)
			FAIL("byte %zu of an allocation at %p is thread %d's, not %d's", i * UNIT,
				(void *)piece->at, was - 1, from - 1);
	}
}

static void
look(struct worker *w, const struct piece *piece, const char *whose)
{
	w->looks++;
	for (size_t i = 0; i < piece->size; i++) {
		if (piece->at[i] == (unsigned char)(piece->mark + i))
			continue;
		FAIL("thread %u sees byte %zu of %s allocation at %p changed", w->number, i, whose,
			(void *)piece->at);
		return;
	}
}

/* Show the first bytes of an allocation to the others. */
static void
show(struct worker *w, const struct piece *piece, uint64_t epoch)
{
	if (piece->size < UNIT)
		return;
	/* Release: its bytes are there. */
	atomic_store_explicit(&w->shown,
		(epoch & UINT16_MAX) << SHOWN_BITS | (uint64_t)(uintptr_t)piece->at,
		memory_order_release);
}

/*
 * Look at what a neighbour shows, and remember it until quiescent. Only what is of an epoch that waits
 * for us may be touched: one that was current when we were quiescent last, or a later one.
 */
static void
visit(struct worker *w)
{
	struct worker *host = &workers[dice(w, WORKERS)];
	uint64_t shown = atomic_load_explicit(&host->shown, memory_order_acquire);
	struct piece *guest = &w->guests[w->nb_guests];

	if (shown == 0 || host == w || w->nb_guests == WORKERS ||
		(int16_t)((shown >> SHOWN_BITS) - w->floor) < 0)
		return;
	guest->at = (unsigned char *)(uintptr_t)(shown & ((UINT64_C(1) << SHOWN_BITS) - 1));
	guest->size = UNIT;
	guest->mark = guest->at[0];
	w->nb_guests++;
	look(w, guest, "a neighbour's");
}

static void
allocate(struct worker *w)
{
	struct piece *piece = &w->pieces[w->nb_pieces];
	size_t align = dice(w, 8) == 0 ? (size_t)1 << dice(w, 10) : 0;
	/* Before: what is returned is of this epoch or a later one. */
	uint64_t epoch = tide_arena_epoch(arena);

	piece->size = 1 + dice(w, dice(w, 16) == 0 ? 1500 : 120);
	piece->at = dice(w, 8) == 0 ? tide_arena_alloc_on(arena, 0, piece->size, align)
	                            : tide_arena_alloc(arena, piece->size, align);
	if (piece->at == NULL) {
		w->dry++;
		return;
	}
	w->allocs++;
	if (align != 0 && (uintptr_t)piece->at % align != 0)
		FAIL("an allocation at %p, alignment %zu", (void *)piece->at, align);
	claim(piece, 0, (unsigned char)(w->number + 1));
	piece->mark = (unsigned char)dice(w, 256);
	for (size_t i = 0; i < piece->size; i++)
		piece->at[i] = (unsigned char)(piece->mark + i);
	w->nb_pieces++;
	show(w, piece, epoch);
}

/* Look at everything for the last time, and let go. */
static void
let_go(struct worker *w)
{
	atomic_store_explicit(&w->shown, 0, memory_order_relaxed);
	while (w->nb_guests > 0)
		look(w, &w->guests[--w->nb_guests], "a neighbour's");
	while (w->nb_pieces > 0) {
		look(w, &w->pieces[--w->nb_pieces], "its own");
		claim(&w->pieces[w->nb_pieces], (unsigned char)(w->number + 1), 0);
	}
}

static void
register_reader(struct worker *w)
{
	w->reader = tide_arena_reader_register(arena, NULL);
	if (w->reader < 0)
		FAIL("thread %u cannot register: %s", w->number, rte_strerror(-w->reader));
}

/* Be quiescent, in one way or another. */
static void
rest(struct worker *w)
{
	unsigned int reader = (unsigned int)w->reader, way = dice(w, 1000);

	let_go(w);
	if (way < 2) {
		tide_arena_reader_unregister(arena, reader);
		register_reader(w);
	} else if (way < 10) {
		tide_arena_offline(arena, reader);
		nanosleep(&(struct timespec){0, 100000}, NULL);
		tide_arena_online(arena, reader);
	} else {
		tide_arena_quiescent(arena, reader);
	}
	w->floor = tide_arena_epoch(arena);
}

static int
work(void *arg)
{
	struct worker *w = arg;

	register_reader(w);
	w->floor = tide_arena_epoch(arena);
	while (!atomic_load_explicit(&stop, memory_order_relaxed) && !atomic_load(&failed)) {
		unsigned int n = 1 + dice(w, PIECES_MAX);

		while (w->nb_pieces < n && w->dry < UINT64_MAX) {
			uint64_t dry = w->dry;

			allocate(w);
			visit(w);
			if (w->dry != dry)
				break;
		}
		/* Asleep, it holds what it has. */
		if (dice(w, 300) == 0) {
			w->naps++;
			nanosleep(&(struct timespec){0, (long)dice(w, 300) * 1000}, NULL);
		}
		if (dice(w, 500) == 0)
			tide_arena_reclaim(arena);
		rest(w);
		if (dice(w, 4) == 0)
			sched_yield();
	}
	let_go(w);
	tide_arena_reader_unregister(arena, (unsigned int)w->reader);
	/* Release: what it counted. How EAL waits for its lcores the thread sanitizer does not see. */
	atomic_fetch_add_explicit(&ended, 1, memory_order_release);
	return 0;
}

static void *
work_plain(void *arg)
{
	work(arg);
	return NULL;
}

static bool
time_is_up(uint64_t flips, uint64_t start)
{
	if (options.flips != 0 && flips >= options.flips)
		return true;
	return options.seconds != 0 &&
	       rte_get_tsc_cycles() - start >= options.seconds * rte_get_tsc_hz();
}

/* Flip and give back until it is enough; returns the flips. */
static uint64_t
ebb_and_flow(void)
{
	uint64_t flips = 0, start = rte_get_tsc_cycles();
	struct tide_arena_late late;
	struct tide_arena_stats stats;
	unsigned int seed = options.seed;

	while (!time_is_up(flips, start) && !atomic_load(&failed)) {
		int ret = tide_arena_flip(arena, NULL);

		if (ret == 0)
			flips++;
		else if (ret != -ENOBUFS && ret != -EAGAIN)
			FAIL("flip: %s", rte_strerror(-ret));
		if (ret != 0 || rand_r(&seed) % 8 == 0)
			tide_arena_reclaim(arena);
		if (ret != 0 || rand_r(&seed) % 4 == 0)
			sched_yield();
		/* What may be asked at any time. */
		tide_arena_late(arena, &late);
		if (rand_r(&seed) % 64 != 0)
			continue;
		tide_arena_stats(arena, 0, &stats);
		if (stats.chunks_high > CHUNKS || stats.remaining > stats.capacity)
			FAIL("%" PRIu32 " chunks out, %" PRIu64 " bytes remaining, of %d chunks",
				stats.chunks_high, stats.remaining, CHUNKS);
	}
	return flips;
}

static void
start_workers(void)
{
	unsigned int lcore, n = 0;

	for (unsigned int i = 0; i < WORKERS; i++) {
		workers[i].number = i;
		workers[i].seed = options.seed * WORKERS + i;
	}
	RTE_LCORE_FOREACH_WORKER (lcore)
		rte_eal_remote_launch(work, &workers[n++], lcore);
	for (; n < WORKERS; n++)
		pthread_create(&workers[n].thread, NULL, work_plain, &workers[n]);
}

static void
end_workers(void)
{
	atomic_store(&stop, true);
	rte_eal_mp_wait_lcore();
	while (atomic_load_explicit(&ended, memory_order_acquire) < WORKERS)
		sched_yield();
	for (unsigned int i = LCORES; i < WORKERS; i++)
		pthread_join(workers[i].thread, NULL);
}

/* Everything is back and adds up. */
static void
look_at_the_end(uint64_t flips)
{
	struct tide_arena_stats stats;
	uint64_t allocs = 0, dry = 0, looks = 0, naps = 0;

	tide_arena_stats(arena, 0, &stats);
	for (unsigned int i = 0; i < WORKERS; i++) {
		allocs += workers[i].allocs;
		dry += workers[i].dry;
		looks += workers[i].looks;
		naps += workers[i].naps;
	}
	if (stats.allocs != allocs || stats.failures != dry)
		FAIL("%" PRIu64 " allocations and %" PRIu64 " failures counted, not %" PRIu64
		     " and %" PRIu64,
			stats.allocs, stats.failures, allocs, dry);
	/* Every worker is registered when it allocates. */
	if (stats.strangers != 0)
		FAIL("%" PRIu64 " chunks were used by threads that are no readers",
			stats.strangers);
	if (tide_arena_check(arena) != 0)
		FAIL("the arena is not sound");
	if (tide_arena_flip(arena, NULL) != 0 ||
		tide_arena_reclaim_wait(arena, 1000000, NULL) != 0 ||
		tide_arena_remaining(arena, 0) != tide_arena_capacity(arena, 0))
		FAIL("chunks are still out when everybody is gone");
	if (tide_arena_check(arena) != 0)
		FAIL("the arena is not sound");
	printf("%" PRIu64 " flips, %" PRIu64 " allocations in %" PRIu64 " chunks, %" PRIu64
	       " looks, %" PRIu64 " times dry, %" PRIu64 " naps, %" PRIu32
	       " chunks out at most, seed %u\n",
		flips, allocs, stats.refills, looks, dry, naps, stats.chunks_high, options.seed);
}

static int
usage(void)
{
	fprintf(stderr, "usage: tides [-o FLIPS] [-s SECONDS] [-r SEED]; 0: no end\n");
	return 2;
}

int
main(int argc, char **argv)
{
	static const int node[] = {0};
	struct tide_arena_conf conf = {
		.name = "tides",
		.nodes = node,
		.nb_nodes = 1,
		.chunk_size = CHUNK,
		.chunks = CHUNKS,
		.epochs = EPOCHS,
	};
	struct tide_region *region;
	uint64_t flips;
	int opt;

	options.seed = (unsigned int)time(NULL);
	while ((opt = getopt(argc, argv, "o:s:r:")) != -1) {
		if (opt == 'o')
			options.flips = strtoull(optarg, NULL, 0);
		else if (opt == 's')
			options.seconds = (unsigned int)strtoul(optarg, NULL, 0);
		else if (opt == 'r')
			options.seed = (unsigned int)strtoul(optarg, NULL, 0);
		else
			return usage();
	}
	if (optind != argc)
		return usage();
	test_eal_start(false, 64, "0@0-1,1@0-1,2@0-1");
	arena = tide_arena_create(&conf);
	if (arena == NULL)
		return 1;
	region = arena->more->nodes[0]->objects.region;
	memory = tide_region_addr(region);
	claims = calloc(tide_region_len(region) / UNIT + 1, sizeof(*claims));
	if (claims == NULL)
		return 1;
	start_workers();
	flips = ebb_and_flow();
	end_workers();
	look_at_the_end(flips);
	if (tide_arena_free(arena) != 0)
		FAIL("the arena cannot be freed");
	free((void *)(uintptr_t)claims);
	return atomic_load(&failed) ? 1 : 0;
}
