/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Threads get and put random bursts of one allocator, round after round. Each object has the mark of its
 * owner, which shows an object that is handed out twice at once. It also has content from its owner, which
 * shows at the put whether another thread used the object. Under ThreadSanitizer the marks are plain words:
 * only the orders of get and put keep two owners of an object apart, so ThreadSanitizer reports a missing
 * acquire or release as a data race.
 * Threads pause at random between atomic steps. One in four stops inside get or put until the others have
 * ended; the others must then get all objects that it neither has nor hides in its cell. At the end of each
 * round all objects are free and the allocator passes its check. The test does not use DPDK, so that it
 * runs under ThreadSanitizer too.
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
#include <unistd.h>

#include "layout.h"
#include "membarrier.h"

#define BURST_MAX        1500 /* Above TIDEI_GET_EXACT. */
#define THREADS_MAX      64
#define STRIDE           64
#define ROUND_OPERATIONS 2000000
/* Magazines that a stopped thread can hide: its pair, a detached one, and the pair of a victim. */
#define HIDDEN_MAX       (5 * magazine_size(mags))

/* Options of the command line. */
struct options {
	uint64_t operations; /* Objects that all threads together get and put. */
	unsigned int threads;
	uint32_t objects;
	uint32_t runs;
	unsigned int seed;
	enum tidei_ledger_mode mode;
	bool refused; /* The kernel refuses membarrier(2). */
};

/* One thread. It alone writes its fields; others read them after it has ended. */
struct worker {
	pthread_t thread;
	unsigned int number;
	unsigned int seed;
	uint64_t given, short_of;
	void **held;
	uint32_t nb_held;
	_Atomic uint32_t
		claims; /* Objects that it may have now, with those of a get or put under way. */
	_Atomic bool stopped; /* Parked inside get or put. */
	_Atomic bool ended;
};

static struct options options = {2000000, 4, 1000, 5, 0, TIDEI_LEDGER_FULL, false};
static struct tidei_magazines *mags;
static char *memory;
static _Atomic uint64_t pauses;
static _Atomic bool failed;
static _Atomic bool release_stopped;

static _Thread_local unsigned int step_seed;
static _Thread_local bool may_stop;
static _Thread_local struct worker *self;

#define FAIL(...)                                        \
	do {                                             \
		fprintf(stderr, "hammer: " __VA_ARGS__); \
		fputc('\n', stderr);                     \
		atomic_store(&failed, true);             \
	} while (0)

void tidei_step(void);

/* Yield or sleep at some atomic steps, and stop at one of them if the thread is to stop. */
void
tidei_step(void)
{
	unsigned int dice = (unsigned int)rand_r(&step_seed) % 100000;

	if (self == NULL || dice >= 2010)
		return;
	atomic_fetch_add_explicit(&pauses, 1, memory_order_relaxed);
	if (dice < 2000) {
		sched_yield();
	} else if (!may_stop) {
		nanosleep(&(struct timespec){0, 200000}, NULL);
	} else {
		may_stop = false;
		atomic_store(&self->stopped, true);
		while (!atomic_load(&release_stopped))
			nanosleep(&(struct timespec){0, 1000000}, NULL);
		atomic_store(&self->stopped, false);
	}
}

#ifdef PLAIN_MARKS
/* Set the mark of an object that the caller owns. Returns the mark before. */
static uint64_t
swap_mark(void *object, uint64_t mark)
{
	uint64_t before = *(uint64_t *)object;

	*(uint64_t *)object = mark;
	return before;
}
#else
/* Set the mark of an object. Returns the mark before. Relaxed: get and put order the accesses. */
static uint64_t
swap_mark(void *object, uint64_t mark)
{
	return atomic_exchange_explicit((_Atomic uint64_t *)object, mark, memory_order_relaxed);
}
#endif

/* Fill an object after its mark with bytes that only its owner writes. */
static void
fill_content(void *object, uint64_t content)
{
	uint64_t *word = object;

	for (unsigned int i = 1; i < STRIDE / sizeof(*word); i++)
		word[i] = content + i;
}

static bool
has_content(const void *object, uint64_t content)
{
	const uint64_t *word = object;
	uint64_t wrong = 0;

	for (unsigned int i = 1; i < STRIDE / sizeof(*word); i++)
		wrong |= word[i] ^ (content + i);
	return wrong == 0;
}

static uint64_t
content_of(const struct worker *w, const void *object)
{
	return (uintptr_t)object * 1000 + w->number * 10;
}

/* Get a burst, all or nothing, and mark each object as one of this thread. */
static void
take(struct worker *w, unsigned int n)
{
	void **table = w->held + w->nb_held;

	if (w->nb_held + n > options.objects)
		return;
	atomic_store(&w->claims, w->nb_held + n);
	if (tidei_magazines_get(mags, table, n, NULL) != 0) {
		w->short_of++;
		atomic_store(&w->claims, w->nb_held);
		return;
	}
	for (unsigned int i = 0; i < n; i++) {
		uint64_t before = swap_mark(table[i], w->number + 1);

		if (before != 0)
			FAIL("object %p handed to thread %u while thread %" PRIu64 " has it",
				table[i], w->number, before - 1);
		fill_content(table[i], content_of(w, table[i]));
	}
	w->nb_held += n;
}

/* Put a burst, from the end of the list or from random places. */
static void
give(struct worker *w, unsigned int n)
{
	void *burst[BURST_MAX];
	bool shuffle = rand_r(&w->seed) % 2;
	unsigned int refused;

	if (n > w->nb_held)
		n = w->nb_held;
	for (unsigned int i = 0; i < n; i++) {
		uint32_t at = shuffle ? (uint32_t)rand_r(&w->seed) % w->nb_held : w->nb_held - 1;

		burst[i] = w->held[at];
		w->held[at] = w->held[--w->nb_held];
		if (!has_content(burst[i], content_of(w, burst[i])))
			FAIL("object %p of thread %u was written by another", burst[i], w->number);
		if (swap_mark(burst[i], 0) != w->number + 1)
			FAIL("object %p of thread %u has another mark", burst[i], w->number);
	}
	refused = tidei_magazines_put(mags, burst, n, NULL);
	if (refused != 0)
		FAIL("%u good objects of thread %u were refused", refused, w->number);
	w->given += n;
	atomic_store(&w->claims, w->nb_held);
}

/* Draw the length of a burst: mostly a few, sometimes hundreds, rarely more than TIDEI_GET_EXACT. */
static unsigned int
burst_of(struct worker *w)
{
	unsigned int kind = (unsigned int)rand_r(&w->seed) % 64;
	unsigned int max = kind == 0 ? BURST_MAX : kind < 4 ? 512 : kind < 32 ? 64 : 4;

	return 1 + (unsigned int)rand_r(&w->seed) % max;
}

static void *
hammer(void *arg)
{
	struct worker *w = arg;
	uint64_t share = ROUND_OPERATIONS / options.threads;

	self = w;
	step_seed = w->seed;
	may_stop = w->number % 4 == 3;
	while (w->given < share && !atomic_load_explicit(&failed, memory_order_relaxed)) {
		unsigned int n = burst_of(w);

		if (rand_r(&w->seed) % 2)
			take(w, n);
		else
			give(w, n);
	}
	while (w->nb_held > 0)
		give(w, BURST_MAX);
	atomic_store(&w->ended, true);
	return NULL;
}

/* Start a worker. */
static void
start(struct worker *w, unsigned int number, unsigned int round)
{
	w->number = number;
	w->seed = options.seed + number * 7919 + round * 104729;
	w->given = w->short_of = 0;
	atomic_store(&w->ended, false);
	if (pthread_create(&w->thread, NULL, hammer, w) != 0) {
		fprintf(stderr, "hammer: could not start thread %u\n", number);
		exit(2);
	}
}

/* Grow the table of segments if necessary. */
static void
make_room(uint32_t n)
{
	size_t size = tidei_magazines_grow_size(mags);

	if (size != 0)
		free(tidei_magazines_grow(mags, aligned_alloc(64, (size + 63) / 64 * 64)));
}

static void
make_map(void)
{
	uint32_t each = options.objects / options.runs, left = options.objects;
	size_t size = tidei_magazines_size(options.objects, STRIDE, options.mode);

	mags = tidei_magazines_init(aligned_alloc(128, (size + 127) / 128 * 128), options.objects,
		STRIDE, options.mode);
	memory = aligned_alloc(64, ((size_t)options.objects + options.runs) * STRIDE);
	memset(memory, 0, ((size_t)options.objects + options.runs) * STRIDE);
	/* A gap of one object between runs makes each a segment. */
	for (uint32_t i = 0; i < options.runs; i++) {
		uint32_t n = i + 1 == options.runs ? left : each;
		char *base = memory + ((size_t)i * (each + 1)) * STRIDE;

		make_room(n);
		if (tidei_magazines_add(mags, base, n) != 0)
			FAIL("could not add run %u", i);
		left -= n;
	}
}

static void
drop_map(void)
{
	free(tidei_magazines_grown(mags));
	free(mags);
	free(memory);
}

/* Check that all objects are free again and that each comes out once. */
static void
check_at_rest(void)
{
	const char *wrong = tidei_magazines_check(mags);
	void **all = calloc(options.objects, sizeof(*all));

	if (wrong != NULL)
		FAIL("%s", wrong);
	if (tidei_magazines_count(mags) != options.objects)
		FAIL("%" PRIu32 " of %" PRIu32 " objects are free at rest",
			tidei_magazines_count(mags), options.objects);
	if (tidei_magazines_get(mags, all, options.objects, NULL) != 0)
		FAIL("one thread at rest cannot get every object");
	else
		tidei_magazines_put(mags, all, options.objects, NULL);
	free(all);
}

/* Check that all objects come out but those of threads that stopped inside. Returns how many did. */
static unsigned int
check_with_stopped(struct worker *workers)
{
	void **all = calloc(options.objects, sizeof(*all));
	uint32_t claims = 0, got = 0;
	unsigned int stopped = 0;

	for (unsigned int i = 3; i < options.threads; i += 4) {
		if (!atomic_load(&workers[i].stopped))
			continue;
		stopped++;
		claims += atomic_load(&workers[i].claims) + HIDDEN_MAX;
	}
	while (got < options.objects && tidei_magazines_get(mags, &all[got], 1, NULL) == 0)
		got++;
	if (got + claims < options.objects)
		FAIL("%u stopped threads hide objects: %" PRIu32 " had, %" PRIu32
		     " theirs at most, of %" PRIu32,
			stopped, got, claims, options.objects);
	tidei_magazines_put(mags, all, got, NULL);
	free(all);
	return stopped;
}

/* Wait until each thread that may stop has stopped or ended its work. */
static void
wait_for_stoppers(struct worker *workers)
{
	for (unsigned int i = 3; i < options.threads; i += 4)
		while (!atomic_load(&workers[i].stopped) && !atomic_load(&workers[i].ended))
			nanosleep(&(struct timespec){0, 1000000}, NULL);
}

/* Run one round. Returns how many threads were stopped inside when the others had ended. */
static unsigned int
run_round(struct worker *workers, unsigned int round, uint64_t *short_of)
{
	unsigned int stopped;

	atomic_store(&release_stopped, false);
	for (unsigned int i = 0; i < options.threads; i++)
		start(&workers[i], i, round);
	for (unsigned int i = 0; i < options.threads; i++)
		if (i % 4 != 3)
			pthread_join(workers[i].thread, NULL);
	wait_for_stoppers(workers);
	stopped = check_with_stopped(workers);
	atomic_store(&release_stopped, true);
	for (unsigned int i = 3; i < options.threads; i += 4)
		pthread_join(workers[i].thread, NULL);
	for (unsigned int i = 0; i < options.threads; i++)
		*short_of += workers[i].short_of;
	check_at_rest();
	return stopped;
}

static void
run(void)
{
	struct worker *workers = calloc(options.threads, sizeof(*workers));
	uint64_t done = 0, short_of = 0, stopped = 0;
	time_t said = time(NULL);
	unsigned int round = 0;

	for (unsigned int i = 0; i < options.threads; i++)
		workers[i].held = calloc(options.objects + BURST_MAX, sizeof(*workers[i].held));
	for (; done < options.operations && !atomic_load(&failed); done += ROUND_OPERATIONS) {
		stopped += run_round(workers, round++, &short_of);
		if (time(NULL) - said >= 10) {
			said = time(NULL);
			printf("%" PRIu64 " %% of %" PRIu64 " objects\n",
				(done + ROUND_OPERATIONS) * 100 / options.operations,
				options.operations);
			fflush(stdout);
		}
	}
	for (unsigned int i = 0; i < options.threads; i++)
		free(workers[i].held);
	free(workers);
	printf("%" PRIu64 " objects moved in %u rounds by %u threads; %" PRIu64
	       " gets found too few, %" PRIu64 " pauses, %" PRIu64
	       " times a thread stopped inside while the others went on\n",
		done, round, options.threads, short_of, atomic_load(&pauses), stopped);
}

static void
parse(int argc, char **argv)
{
	static const char usage[] = "Usage: hammer [options]\n"
				    "  -o N  objects to get and put in all (default 2000000)\n"
				    "  -t N  threads, 1 to 64 (4)\n"
				    "  -n N  objects in the pool (1000)\n"
				    "  -s N  runs of objects (5)\n"
				    "  -l N  ledger: 0 full (default), 1 sampled, 2 off\n"
				    "  -m    refuse membarrier(2)\n"
				    "  -r N  random seed (the time)\n";
	int opt;

	options.seed = (unsigned int)time(NULL);
	while ((opt = getopt(argc, argv, "o:t:n:s:r:l:mh")) != -1) {
		unsigned long long n = optarg != NULL ? strtoull(optarg, NULL, 0) : 0;

		switch (opt) {
		case 'o':
			options.operations = n;
			break;
		case 't':
			options.threads = (unsigned int)n;
			break;
		case 'n':
			options.objects = (uint32_t)n;
			break;
		case 's':
			options.runs = (uint32_t)n;
			break;
		case 'r':
			options.seed = (unsigned int)n;
			break;
		case 'm':
			options.refused = true;
			break;
		case 'l':
			options.mode = (enum tidei_ledger_mode)n;
			break;
		default:
			fputs(usage, opt == 'h' ? stdout : stderr);
			exit(opt == 'h' ? 0 : 2);
		}
	}
	if (options.threads < 1 || options.threads > THREADS_MAX || options.runs < 1 ||
		options.objects < options.runs || options.objects > TIDEI_OBJECTS_MAX) {
		fputs("hammer: out of range\n", stderr);
		fputs(usage, stderr);
		exit(2);
	}
}

int
main(int argc, char **argv)
{
	parse(argc, argv);
	printf("seed %u\n", options.seed);
	if (options.refused && !refuse_membarrier()) {
		printf("the kernel refuses seccomp filters\n");
		return 77;
	}
	if (options.refused && !tidei_magazines_fenced())
		FAIL("membarrier(2) is refused and entries are not fenced");
	make_map();
	run();
	drop_map();
	return atomic_load(&failed) ? 1 : 0;
}
