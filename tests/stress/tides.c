/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Threads allocate from one arena through many flips: two lcores and two threads without an lcore id,
 * while the main lcore flips and reclaims. Each allocation is a piece (pieces.h): its owner and the
 * neighbours that it is shown to check it until they are quiescent. Threads sleep, go offline, and register
 * again. At the end every chunk is back and the arena passes its check. Runs under the thread sanitizer too.
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
#include "pieces.h"

#define LCORES     2
#define CHUNK      2048
#define CHUNKS     4096
#define EPOCHS     256
#define SHOWN_BITS 48 /* Of the address in `shown`; the epoch has the bits above. */

/* A thread. It alone writes its fields; others read them after it has ended, but `shown` at any time. */
struct worker {
	struct pieces p; /* Shows an address and the epoch of its allocation. */
	pthread_t thread;
	int reader;
	uint64_t quiescent; /* Epoch that was current after its last quiescent state. */
	uint64_t allocs, dry, naps;
};

static struct {
	uint64_t flips;
	unsigned int seconds, seed;
} options = {100000, 0, 0};
static struct tide_arena *arena;
static struct worker workers[WORKERS];
static _Atomic bool stop;
static _Atomic unsigned int ended; /* Workers that have ended. */

/*
 * Check a piece that a neighbour shows, and remember it until quiescent. The thread may touch only pieces
 * of the epoch that was current after its last quiescent state, or of a later one.
 */
static void
visit(struct worker *w)
{
	struct worker *host = &workers[dice(&w->p, WORKERS)];
	uint64_t shown = atomic_load_explicit(&host->p.shown, memory_order_acquire);

	if (shown == 0 || host == w || w->p.nb_seen == SEEN_MAX ||
		(int16_t)((shown >> SHOWN_BITS) - w->quiescent) < 0)
		return;
	pieces_see(&w->p, (void *)(uintptr_t)(shown & ((UINT64_C(1) << SHOWN_BITS) - 1)));
}

/* Allocate a piece and show it. Returns false if no memory is left. */
static bool
allocate(struct worker *w)
{
	size_t align = draw_align(&w->p), size = draw_size(&w->p);
	/* First, so that the allocation is of this epoch or a later one. */
	uint64_t epoch = tide_arena_epoch(arena);
	void *at = dice(&w->p, 8) == 0 ? tide_arena_alloc_on(arena, 0, size, align)
	                               : tide_arena_alloc(arena, size, align);

	if (at == NULL) {
		w->dry++;
		return false;
	}
	w->allocs++;
	pieces_add(&w->p, at, size, align);
	if (size >= UNIT)
		pieces_show(&w->p, (epoch & UINT16_MAX) << SHOWN_BITS | (uint64_t)(uintptr_t)at);
	return true;
}

static void
register_reader(struct worker *w)
{
	w->reader = tide_arena_reader_register(arena, NULL);
	if (w->reader < 0)
		fail("thread %u cannot register: %s", w->p.number, rte_strerror(-w->reader));
}

/* End all pieces, and pass a quiescent state in one of three ways. */
static void
rest(struct worker *w)
{
	unsigned int reader = (unsigned int)w->reader, way = dice(&w->p, 1000);

	pieces_end(&w->p);
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
	w->quiescent = tide_arena_epoch(arena);
}

static int
work(void *arg)
{
	struct worker *w = arg;

	register_reader(w);
	w->quiescent = tide_arena_epoch(arena);
	while (!atomic_load_explicit(&stop, memory_order_relaxed) && !atomic_load(&failed)) {
		unsigned int n = 1 + dice(&w->p, PIECES_MAX);

		while (w->p.nb_own < n) {
			bool dry = !allocate(w);

			visit(w);
			if (dry)
				break;
		}
		/* It sleeps without a quiescent state. */
		if (dice(&w->p, 300) == 0) {
			w->naps++;
			nanosleep(&(struct timespec){0, (long)dice(&w->p, 300) * 1000}, NULL);
		}
		if (dice(&w->p, 500) == 0)
			tide_arena_reclaim(arena);
		rest(w);
		if (dice(&w->p, 4) == 0)
			sched_yield();
	}
	pieces_end(&w->p);
	tide_arena_reader_unregister(arena, (unsigned int)w->reader);
	/* Release: the counters. The thread sanitizer does not see how EAL waits for its lcores. */
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

/* Flip and reclaim until the limits of the options. Returns the number of flips. */
static uint64_t
flip_and_reclaim(void)
{
	uint64_t flips = 0, start = rte_get_tsc_cycles();
	struct tide_arena_stalled stalled;
	struct tide_arena_stats stats;
	unsigned int seed = options.seed;

	while (!time_is_up(flips, start) && !atomic_load(&failed)) {
		int ret = tide_arena_flip(arena, NULL);

		if (ret == 0)
			flips++;
		else if (ret != -ENOBUFS && ret != -EAGAIN)
			fail("flip: %s", rte_strerror(-ret));
		if (ret != 0 || rand_r(&seed) % 8 == 0)
			tide_arena_reclaim(arena);
		if (ret != 0 || rand_r(&seed) % 4 == 0)
			sched_yield();
		/* These queries are allowed at any time. */
		tide_arena_stalled(arena, &stalled);
		if (rand_r(&seed) % 64 != 0)
			continue;
		tide_arena_stats(arena, 0, &stats);
		if (stats.chunks_high > CHUNKS || stats.remaining > stats.capacity)
			fail("%" PRIu32 " chunks out, %" PRIu64 " bytes remaining, of %d chunks",
				stats.chunks_high, stats.remaining, CHUNKS);
	}
	return flips;
}

static void
start_workers(void)
{
	unsigned int lcore, n = 0;

	for (unsigned int i = 0; i < WORKERS; i++) {
		workers[i].p.number = i;
		workers[i].p.seed = options.seed * WORKERS + i;
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

/* Check that all memory is back and the counters agree. */
static void
check_at_the_end(uint64_t flips)
{
	struct tide_arena_stats stats;
	uint64_t allocs = 0, dry = 0, checks = 0, naps = 0;

	tide_arena_stats(arena, 0, &stats);
	for (unsigned int i = 0; i < WORKERS; i++) {
		allocs += workers[i].allocs;
		dry += workers[i].dry;
		checks += workers[i].p.checks;
		naps += workers[i].naps;
	}
	if (stats.allocs != allocs || stats.failures != dry)
		fail("%" PRIu64 " allocations and %" PRIu64 " failures counted, not %" PRIu64
		     " and %" PRIu64,
			stats.allocs, stats.failures, allocs, dry);
	/* Every worker is registered when it allocates. */
	if (stats.unregistered != 0)
		fail("%" PRIu64 " chunks were used by unregistered threads", stats.unregistered);
	if (tide_arena_check(arena) != 0)
		fail("the arena does not pass its check");
	if (tide_arena_flip(arena, NULL) != 0 ||
		tide_arena_reclaim_wait(arena, 1000000, NULL) != 0 ||
		tide_arena_remaining(arena, 0) != tide_arena_capacity(arena, 0))
		fail("chunks are still out although no reader is registered");
	if (tide_arena_check(arena) != 0)
		fail("the arena does not pass its check");
	printf("%" PRIu64 " flips, %" PRIu64 " allocations in %" PRIu64 " chunks, %" PRIu64
	       " checks, %" PRIu64 " times dry, %" PRIu64 " naps, %" PRIu32
	       " chunks out at most, seed %u\n",
		flips, allocs, stats.refills, checks, dry, naps, stats.chunks_high, options.seed);
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
	_Atomic unsigned char *claims;
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
	claims = calloc(tide_region_len(region) / UNIT + 1, sizeof(*claims));
	if (claims == NULL)
		return 1;
	pieces_init(tide_region_addr(region), claims);
	start_workers();
	flips = flip_and_reclaim();
	end_workers();
	check_at_the_end(flips);
	if (tide_arena_free(arena) != 0)
		fail("the arena cannot be freed");
	free((void *)(uintptr_t)claims);
	return atomic_load(&failed) ? 1 : 0;
}
