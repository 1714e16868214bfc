/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Threads allocate from one bump pool through many flips and resets. Each allocation is claimed in a map with a
 * byte for every unit of the memory, which is the naive reference: an allocation that overlaps a live one finds
 * the other owner there. Each is filled too, and looked at until its reader holds again or lets go, by the
 * reader itself and by neighbours that hold an epoch no later than the allocation's. Readers sleep while they
 * hold, let go, register again. Runs under the thread sanitizer too; needs no DPDK.
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

#define WORKERS    4
#define PIECES_MAX 24
#define GUESTS_MAX 8
#define LEN        (64 * 1024) /* Small, so that memory soon has its next life. */
#define UNIT       8 /* Bytes a claim is for; every allocation starts on one. */

/* One allocation that a reader looks at. */
struct piece {
	unsigned char *at;
	size_t size;
	unsigned char mark; /* The first byte; each is one more than the one before. */
};

/* Written by itself, read after it has ended; but for shown. */
struct worker {
	pthread_t thread;
	unsigned int number, seed;
	struct tide_bump_reader *reader;
	unsigned int nb_pieces, nb_guests;
	struct piece pieces[PIECES_MAX];
	struct piece guests[GUESTS_MAX]; /* Of neighbours. */
	uint64_t allocs, dry, closed, looks, visits, naps;
	/* A piece to look at: its place in the memory, and a tag no later than its own; 0: none. */
	alignas(TIDEI_BUMP_PAD) _Atomic uint64_t shown;
};

static struct {
	uint64_t turns; /* Flips and resets. */
	unsigned int seconds, seed, epochs;
} options = {200000, 0, 0, 2};
static unsigned char memory[LEN] __attribute__((aligned(4096)));
static struct tide_bump *bump;
static struct worker workers[WORKERS];
static _Atomic unsigned char
	claims[LEN / UNIT]; /* By unit: number of the owner, from 1; 0: none. */
static _Atomic bool failed, stop;

#define FAIL(...)                                       \
	do {                                            \
		fprintf(stderr, "bumps: " __VA_ARGS__); \
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
	size_t first = (size_t)(piece->at - memory) / UNIT;

	for (size_t i = 0; i < (piece->size + UNIT - 1) / UNIT; i++) {
		/* Relaxed: the pool must give the order by itself. */
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

static uint64_t
tag_now(void)
{
	return tidei_bump_tag(atomic_load_explicit(&bump->word, memory_order_relaxed));
}

/* Whether a tag is no earlier than another; tags wrap around. */
static bool
not_before(uint64_t tag, uint64_t other)
{
	return (int64_t)((tag - other) << TIDEI_BUMP_TAG_SHIFT) >= 0;
}

/* Show the first bytes of an allocation to the others. */
static void
show(struct worker *w, const struct piece *piece, uint64_t tag)
{
	if (piece->size < UNIT)
		return;
	/* Release: its bytes are there. */
	atomic_store_explicit(&w->shown,
		tag << TIDEI_BUMP_TAG_SHIFT | (uint64_t)(piece->at - memory) << 1 | 1,
		memory_order_release);
}

/* Look at what a neighbour shows, if what this reader holds keeps it, and remember it. */
static void
visit(struct worker *w)
{
	struct worker *host = &workers[dice(w, WORKERS)];
	uint64_t shown = atomic_load_explicit(&host->shown, memory_order_acquire);
	uint64_t held = atomic_load_explicit(&w->reader->pin, memory_order_relaxed);
	struct piece *guest = &w->guests[w->nb_guests];

	if (shown == 0 || host == w || w->nb_guests == GUESTS_MAX ||
		!not_before(tidei_bump_tag(shown), held & ~TIDEI_BUMP_HOLDS))
		return;
	guest->at = memory + (shown >> 1 & (LEN - 1));
	guest->size = UNIT;
	guest->mark = guest->at[0];
	w->nb_guests++;
	w->visits++;
	look(w, guest, "a neighbour's");
}

/* Allocate, claim and fill; false: nothing is left. */
static bool
allocate(struct worker *w)
{
	struct piece *piece = &w->pieces[w->nb_pieces];
	size_t align = dice(w, 8) == 0 ? (size_t)1 << dice(w, 10) : 0;
	/* Before: what is allocated is of this epoch or a later one. */
	uint64_t tag = tag_now();

	piece->size = 1 + dice(w, dice(w, 16) == 0 ? 1500 : 120);
	piece->at = tide_bump_reader_alloc(w->reader, piece->size, align);
	if (piece->at == NULL) {
		if (errno != ENOMEM && errno != EAGAIN)
			FAIL("an allocation fails: %s", strerror(errno));
		w->dry += errno == ENOMEM;
		w->closed += errno == EAGAIN;
		return false;
	}
	w->allocs++;
	if (align != 0 && (uintptr_t)piece->at % align != 0)
		FAIL("an allocation at %p, alignment %zu", (void *)piece->at, align);
	if (piece->at < memory || piece->at + piece->size > memory + LEN)
		FAIL("an allocation at %p is outside", (void *)piece->at);
	claim(piece, 0, (unsigned char)(w->number + 1));
	piece->mark = (unsigned char)dice(w, 256);
	for (size_t i = 0; i < piece->size; i++)
		piece->at[i] = (unsigned char)(piece->mark + i);
	w->nb_pieces++;
	show(w, piece, tag);
	return true;
}

/* Look at everything for the last time. */
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
	w->reader = tide_bump_reader_register(bump, NULL);
	if (w->reader == NULL)
		abort();
}

/* End what was held, in one way or another, and hold again. */
static void
rest(struct worker *w)
{
	unsigned int way = dice(w, 1000);

	let_go(w);
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
		unsigned int n = 1 + dice(w, PIECES_MAX);

		while (w->nb_pieces < n && allocate(w))
			visit(w);
		/* Asleep, it holds what it has. */
		if (dice(w, 300) == 0) {
			w->naps++;
			nanosleep(&(struct timespec){0, (long)dice(w, 300) * 1000}, NULL);
		}
		rest(w);
	}
	let_go(w);
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

/* One flip or reset; whether it was done. */
static bool
turn(unsigned int *seed)
{
	struct tide_bump_late late = {.name = ""};
	bool flips = options.epochs == 2 && rand_r(seed) % 8 != 0;
	int ret = flips ? tide_bump_flip(bump, &late) : tide_bump_reset(bump, &late);

	if (ret != 0 && (ret != -EBUSY || late.name[0] == '\0'))
		FAIL("a turn ends with %d and names \"%s\"", ret, late.name);
	turns.flips += flips && ret == 0;
	turns.flips_refused += flips && ret != 0;
	turns.resets += !flips && ret == 0;
	turns.resets_refused += !flips && ret != 0;
	return ret == 0;
}

/* Flip and reset until it is enough. */
static void
ebb_and_flow(void)
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
		if (stats.remaining > stats.capacity || stats.holding > WORKERS ||
			stats.readers > WORKERS)
			FAIL("%" PRIu64 " bytes remain of %" PRIu64 ", %u of %u readers hold",
				stats.remaining, stats.capacity, stats.holding, stats.readers);
	}
}

static void
look_at_the_end(void)
{
	uint64_t allocs = 0, dry = 0, closed = 0, looks = 0, visits = 0, naps = 0;
	struct tide_bump_stats stats;
	char why[TIDE_BUMP_WHY_MAX];

	for (unsigned int i = 0; i < WORKERS; i++) {
		allocs += workers[i].allocs;
		dry += workers[i].dry;
		closed += workers[i].closed;
		looks += workers[i].looks;
		visits += workers[i].visits;
		naps += workers[i].naps;
	}
	tide_bump_stats(bump, &stats);
	if (stats.failures != dry || stats.flips != turns.flips || stats.resets != turns.resets)
		FAIL("%" PRIu64 " failures, %" PRIu64 " flips and %" PRIu64 " resets counted, not "
		     "%" PRIu64 ", %" PRIu64 " and %" PRIu64,
			stats.failures, stats.flips, stats.resets, dry, turns.flips, turns.resets);
	if (tide_bump_check(bump, why) != 0)
		FAIL("%s", why);
	if (tide_bump_reset(bump, NULL) != 0 ||
		tide_bump_remaining(bump) != tide_bump_capacity(bump))
		FAIL("a reset is refused when every reader is gone");
	for (size_t i = 0; i < LEN / UNIT; i++)
		if (claims[i] != 0)
			FAIL("unit %zu is still thread %d's", i, claims[i] - 1);
	printf("%" PRIu64 " flips (%" PRIu64 " refused), %" PRIu64 " resets (%" PRIu64
	       " refused), %" PRIu64 " allocations of %" PRIu64 " bytes, %" PRIu64
	       " looks, %" PRIu64 " visits, %" PRIu64 " times dry, %" PRIu64
	       " times closed, %" PRIu64 " naps, seed %u\n",
		turns.flips, turns.flips_refused, turns.resets, turns.resets_refused, allocs,
		stats.bytes, looks, visits, dry, closed, naps, options.seed);
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
	char why[TIDE_BUMP_WHY_MAX];

	if (!read_options(argc, argv))
		return usage();
	conf.epochs = options.epochs;
	bump = tide_bump_create(&conf, why);
	if (bump == NULL) {
		fprintf(stderr, "bumps: %s\n", why);
		return 1;
	}
	for (unsigned int i = 0; i < WORKERS; i++) {
		workers[i].number = i;
		workers[i].seed = options.seed * WORKERS + i;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			abort();
	}
	ebb_and_flow();
	atomic_store(&stop, true);
	for (unsigned int i = 0; i < WORKERS; i++)
		pthread_join(workers[i].thread, NULL);
	look_at_the_end();
	if (tide_bump_free(bump) != 0)
		FAIL("the pool cannot be freed");
	return atomic_load(&failed) ? 1 : 0;
}
