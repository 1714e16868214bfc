/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Threads allocate from one bump pool through many flips and resets. Each allocation is a piece (pieces.h):
 * its reader checks it until the reader holds again or releases. Neighbours that hold an epoch no later
 * than that of the allocation check it too. Readers sleep while they hold, release, and register again.
 * Runs under the thread sanitizer too; needs no DPDK.
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

#include "bump_internal.h"
#include "pieces.h"

#define LEN (64 * 1024) /* Small, so that memory is soon used again. */

/* A thread. It alone writes its fields; others read them after it has ended, but `shown` at any time. */
struct worker {
	/* Shows a place in the memory, and a tag no later than its own: see show(). */
	struct pieces p;
	pthread_t thread;
	struct tide_bump_reader *reader;
	uint64_t allocs, dry, closed, visits, naps;
};

static struct {
	uint64_t turns; /* Flips and resets. */
	unsigned int seconds, seed, epochs;
} options = {200000, 0, 0, 2};
static unsigned char memory[LEN] __attribute__((aligned(4096)));
static struct tide_bump *bump;
static struct worker workers[WORKERS];
static _Atomic unsigned char claims[LEN / UNIT];
static _Atomic bool stop;

static uint64_t
tag_now(void)
{
	return tidei_bump_tag(atomic_load_explicit(&bump->word, memory_order_relaxed));
}

/* Tell whether a tag is no earlier than another; tags wrap around. */
static bool
not_before(uint64_t tag, uint64_t other)
{
	return (int64_t)((tag - other) << TIDEI_BUMP_TAG_SHIFT) >= 0;
}

/* Show the first unit of an allocation to the others. */
static void
show(struct worker *w, const struct piece *piece, uint64_t tag)
{
	if (piece->size >= UNIT)
		pieces_show(&w->p,
			tag << TIDEI_BUMP_TAG_SHIFT | (uint64_t)(piece->at - memory) << 1 | 1);
}

/* Check a piece that a neighbour shows, if the epoch that this reader holds keeps it, and remember it. */
static void
visit(struct worker *w)
{
	struct worker *host = &workers[dice(&w->p, WORKERS)];
	uint64_t shown = atomic_load_explicit(&host->p.shown, memory_order_acquire);
	uint64_t held = atomic_load_explicit(&w->reader->pin, memory_order_relaxed);

	if (shown == 0 || host == w || w->p.nb_seen == SEEN_MAX ||
		!not_before(tidei_bump_tag(shown), held & ~TIDEI_BUMP_HOLDS))
		return;
	w->visits++;
	pieces_see(&w->p, memory + (shown >> 1 & (LEN - 1)));
}

/* Allocate a piece. Returns false if no memory is left or the pool is closed. */
static bool
allocate(struct worker *w)
{
	size_t align = draw_align(&w->p), size = draw_size(&w->p);
	/* First, so that the allocation is of this epoch or a later one. */
	uint64_t tag = tag_now();
	unsigned char *at = tide_bump_reader_alloc(w->reader, size, align);

	if (at == NULL) {
		if (errno != ENOMEM && errno != EAGAIN)
			fail("an allocation fails: %s", strerror(errno));
		w->dry += errno == ENOMEM;
		w->closed += errno == EAGAIN;
		return false;
	}
	w->allocs++;
	if (at < memory || at + size > memory + LEN)
		fail("an allocation at %p is outside the pool", (void *)at);
	show(w, pieces_add(&w->p, at, size, align), tag);
	return true;
}

static void
register_reader(struct worker *w)
{
	w->reader = tide_bump_reader_register(bump, NULL);
	if (w->reader == NULL)
		abort();
}

/* End all pieces, release or register again at random, and hold again. */
static void
rest(struct worker *w)
{
	unsigned int way = dice(&w->p, 1000);

	pieces_end(&w->p);
	if (way < 2) {
		tide_bump_reader_unregister(w->reader);
		register_reader(w);
	} else if (way < 300 || options.epochs == 1) {
		tide_bump_release(w->reader);
		if (way < 10)
			nanosleep(&(struct timespec){0, 100000}, NULL);
		else if (way % 2 == 0)
			sched_yield();
	}
	tide_bump_hold(w->reader);
}

static void *
work(void *arg)
{
	struct worker *w = arg;

	register_reader(w);
	tide_bump_hold(w->reader);
	while (!atomic_load_explicit(&stop, memory_order_relaxed) && !atomic_load(&failed)) {
		unsigned int n = 1 + dice(&w->p, PIECES_MAX);

		while (w->p.nb_own < n && allocate(w))
			visit(w);
		/* It sleeps while it holds. */
		if (dice(&w->p, 300) == 0) {
			w->naps++;
			nanosleep(&(struct timespec){0, (long)dice(&w->p, 300) * 1000}, NULL);
		}
		rest(w);
	}
	pieces_end(&w->p);
	tide_bump_reader_unregister(w->reader);
	return NULL;
}

static bool
time_is_up(uint64_t turns, time_t start)
{
	if (options.turns != 0 && turns >= options.turns)
		return true;
	return options.seconds != 0 && time(NULL) - start >= options.seconds;
}

static struct {
	uint64_t flips, flips_refused, resets, resets_refused;
} turns;

/* Flip or reset. Returns whether the pool did it. */
static bool
turn(unsigned int *seed)
{
	struct tide_bump_stalled stalled = {.name = ""};
	bool flips = options.epochs == 2 && rand_r(seed) % 8 != 0;
	int ret = flips ? tide_bump_flip(bump, &stalled) : tide_bump_reset(bump, &stalled);

	if (ret != 0 && (ret != -EBUSY || stalled.name[0] == '\0'))
		fail("a flip or reset returns %d and names reader \"%s\"", ret, stalled.name);
	turns.flips += flips && ret == 0;
	turns.flips_refused += flips && ret != 0;
	turns.resets += !flips && ret == 0;
	turns.resets_refused += !flips && ret != 0;
	return ret == 0;
}

/* Flip and reset until the limits of the options. */
static void
flip_and_reset(void)
{
	unsigned int seed = options.seed;
	time_t start = time(NULL);
	struct tide_bump_stats stats;

	for (uint64_t n = 0; !time_is_up(n, start) && !atomic_load(&failed); n++) {
		if (!turn(&seed) || rand_r(&seed) % 4 == 0)
			sched_yield();
		if (rand_r(&seed) % 64 != 0)
			continue;
		tide_bump_stats(bump, &stats);
		if (stats.remaining > stats.capacity || stats.active > WORKERS ||
			stats.readers > WORKERS)
			fail("%" PRIu64 " bytes remain of %" PRIu64 ", %u of %u readers hold",
				stats.remaining, stats.capacity, stats.active, stats.readers);
	}
}

static void
check_at_the_end(void)
{
	uint64_t allocs = 0, dry = 0, closed = 0, checks = 0, visits = 0, naps = 0;
	struct tide_bump_stats stats;
	char reason[TIDE_BUMP_REASON_MAX];

	for (unsigned int i = 0; i < WORKERS; i++) {
		allocs += workers[i].allocs;
		dry += workers[i].dry;
		closed += workers[i].closed;
		checks += workers[i].p.checks;
		visits += workers[i].visits;
		naps += workers[i].naps;
	}
	tide_bump_stats(bump, &stats);
	if (stats.failures != dry || stats.flips != turns.flips || stats.resets != turns.resets)
		fail("%" PRIu64 " failures, %" PRIu64 " flips and %" PRIu64 " resets counted, not "
		     "%" PRIu64 ", %" PRIu64 " and %" PRIu64,
			stats.failures, stats.flips, stats.resets, dry, turns.flips, turns.resets);
	if (tide_bump_check(bump, reason) != 0)
		fail("%s", reason);
	if (tide_bump_reset(bump, NULL) != 0 ||
		tide_bump_remaining(bump) != tide_bump_capacity(bump))
		fail("a reset is refused although no reader is registered");
	for (size_t i = 0; i < LEN / UNIT; i++)
		if (claims[i] != 0)
			fail("thread %d still has unit %zu", claims[i] - 1, i);
	printf("%" PRIu64 " flips (%" PRIu64 " refused), %" PRIu64 " resets (%" PRIu64
	       " refused), %" PRIu64 " allocations of %" PRIu64 " bytes, %" PRIu64
	       " checks, %" PRIu64 " visits, %" PRIu64 " times dry, %" PRIu64
	       " times closed, %" PRIu64 " naps, seed %u\n",
		turns.flips, turns.flips_refused, turns.resets, turns.resets_refused, allocs,
		stats.bytes, checks, visits, dry, closed, naps, options.seed);
}

static int
usage(void)
{
	fprintf(stderr, "usage: bumps [-e EPOCHS] [-o TURNS] [-s SECONDS] [-r SEED]; 0: no end\n");
	return 2;
}

static bool
read_options(int argc, char **argv)
{
	int opt;

	options.seed = (unsigned int)time(NULL);
	while ((opt = getopt(argc, argv, "e:o:s:r:")) != -1) {
		if (opt == 'e')
			options.epochs = (unsigned int)strtoul(optarg, NULL, 0);
		else if (opt == 'o')
			options.turns = strtoull(optarg, NULL, 0);
		else if (opt == 's')
			options.seconds = (unsigned int)strtoul(optarg, NULL, 0);
		else if (opt == 'r')
			options.seed = (unsigned int)strtoul(optarg, NULL, 0);
		else
			return false;
	}
	return optind == argc;
}

int
main(int argc, char **argv)
{
	struct tide_bump_conf conf = {.name = "bumps", .addr = memory, .len = LEN};
	char reason[TIDE_BUMP_REASON_MAX];

	if (!read_options(argc, argv))
		return usage();
	conf.epochs = options.epochs;
	bump = tide_bump_create(&conf, reason);
	if (bump == NULL) {
		fprintf(stderr, "bumps: %s\n", reason);
		return 1;
	}
	pieces_init(memory, claims);
	for (unsigned int i = 0; i < WORKERS; i++) {
		workers[i].p.number = i;
		workers[i].p.seed = options.seed * WORKERS + i;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			abort();
	}
	flip_and_reset();
	atomic_store(&stop, true);
	for (unsigned int i = 0; i < WORKERS; i++)
		pthread_join(workers[i].thread, NULL);
	check_at_the_end();
	if (tide_bump_free(bump) != 0)
		fail("the pool cannot be freed");
	return atomic_load(&failed) ? 1 : 0;
}
