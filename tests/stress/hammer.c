/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Threads hammer one map with random bursts. Each slot carries the mark of who has it, so a slot
 * handed out twice shows at once; at the end free + in use = total and the map is sound. Threads
 * pause at random between atomic steps, some stop inside get or put until all others are done, some
 * end and are replaced. Knows nothing of DPDK: it runs under the thread sanitizer too.
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

#include "freemap.h"

#define BURST_MAX   512
#define THREADS_MAX 64
#define STRIDE      64

/* What the command line asks for. */
struct options {
	uint64_t operations; /* Slots taken and given back, all threads together. */
	unsigned int threads;
	uint32_t slots;
	uint32_t spans;
	unsigned int seed;
};

/* One hammering thread. Written by itself, read after it has ended. */
struct worker {
	pthread_t thread;
	unsigned int number;
	unsigned int seed;
	uint32_t who;
	uint64_t taken, given, short_of;
	void **held;
	uint32_t nb_held;
};

static struct options options = {2000000, 4, 1000, 5, 0};
static struct tidei_freemap *map;
static char *memory;
static _Atomic uint64_t done_operations, pauses;
static _Atomic bool failed;
static _Atomic uint32_t stopped; /* Threads parked inside get or put now. */
static _Atomic bool release_stopped;

static _Thread_local unsigned int step_seed;
static _Thread_local bool may_stop;

#define FAIL(...)                                        \
	do {                                             \
		fprintf(stderr, "hammer: " __VA_ARGS__); \
		fputc('\n', stderr);                     \
		atomic_store(&failed, true);             \
	} while (0)

void tidei_step(void);

/* Called between atomic steps: mostly goes on, at times yields, seldom sleeps, once may stop. */
void
tidei_step(void)
{
	unsigned int dice = (unsigned int)rand_r(&step_seed) % 100000;

	if (dice < 2000)
		sched_yield();
	else if (dice < 2010)
		nanosleep(&(struct timespec){0, 200000}, NULL);
	else
		return;
	atomic_fetch_add_explicit(&pauses, 1, memory_order_relaxed);
	if (!may_stop || dice >= 2004)
		return;
	may_stop = false;
	atomic_fetch_add(&stopped, 1);
	while (!atomic_load(&release_stopped))
		nanosleep(&(struct timespec){0, 1000000}, NULL);
	atomic_fetch_sub(&stopped, 1);
}

static _Atomic uint64_t *
mark_of(void *object)
{
	return object;
}

/* Take a burst, as much as is wanted or nothing, and mark each slot as ours. */
static void
take(struct worker *w, unsigned int n)
{
	void **table = w->held + w->nb_held;

	if (w->nb_held + n > options.slots)
		return;
	if (tidei_freemap_get(map, w->who, table, n) != 0) {
		w->short_of++;
		return;
	}
	for (unsigned int i = 0; i < n; i++) {
		/* Relaxed: get and put must give the order by themselves. */
		uint64_t before = atomic_exchange_explicit(
			mark_of(table[i]), w->number + 1, memory_order_relaxed);

		if (before != 0)
			FAIL("slot %p handed to thread %u while thread %" PRIu64 " has it",
				table[i], w->number, before - 1);
	}
	w->nb_held += n;
	w->taken += n;
}

/* Give a burst back, from the end or from random places. */
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
		if (atomic_exchange_explicit(mark_of(burst[i]), 0, memory_order_relaxed) !=
			w->number + 1)
			FAIL("slot %p of thread %u bears another mark", burst[i], w->number);
	}
	refused = tidei_freemap_put(map, w->who, burst, n, NULL, NULL);
	if (refused != 0)
		FAIL("%u good slots of thread %u were refused", refused, w->number);
	w->given += n;
}

static void *
hammer(void *arg)
{
	struct worker *w = arg;
	uint64_t share = options.operations / options.threads;

	step_seed = w->seed;
	may_stop = w->number % 4 == 3;
	while (w->given < share && !atomic_load_explicit(&failed, memory_order_relaxed)) {
		unsigned int kind = (unsigned int)rand_r(&w->seed) % 16;
		unsigned int n = 1 + (unsigned int)rand_r(&w->seed) % (kind == 0         ? BURST_MAX
									      : kind < 8 ? 64
											 : 4);

		if (rand_r(&w->seed) % 2)
			take(w, n);
		else
			give(w, n);
	}
	while (w->nb_held > 0)
		give(w, BURST_MAX);
	atomic_fetch_add(&done_operations, w->given);
	return NULL;
}

/* Start a worker; a thread in four has an lcore id of its own, the rest are plain threads. */
static void
start(struct worker *w, unsigned int number, unsigned int life)
{
	w->number = number;
	w->seed = options.seed + number * 7919 + life * 104729;
	w->who = number % 4 == 0 ? number : TIDEI_WHO_TID | (1000 + number + life * THREADS_MAX);
	if (w->held == NULL)
		w->held = calloc(options.slots + BURST_MAX, sizeof(*w->held));
	if (w->held == NULL || pthread_create(&w->thread, NULL, hammer, w) != 0) {
		fprintf(stderr, "hammer: could not start thread %u\n", number);
		exit(2);
	}
}

static void
make_map(void)
{
	uint32_t each = options.slots / options.spans, left = options.slots;
	void *mem = aligned_alloc(64, tidei_freemap_size(options.slots));

	map = tidei_freemap_init(mem, options.slots, STRIDE);
	memory = aligned_alloc(64, ((size_t)options.slots + options.spans) * STRIDE);
	memset(memory, 0, ((size_t)options.slots + options.spans) * STRIDE);
	if (options.spans > tidei_freemap_spans_capacity(map))
		tidei_freemap_grow_spans(
			map, malloc(tidei_freemap_spans_size(options.spans)), options.spans);
	/* A slot's width between spans, so that they are not one. */
	for (uint32_t i = 0; i < options.spans; i++) {
		uint32_t n = i + 1 == options.spans ? left : each;
		char *base = memory + ((size_t)i * (each + 1)) * STRIDE;

		if (tidei_freemap_add_span(map, base, n) != 0)
			FAIL("could not add span %u", i);
		left -= n;
	}
}

static void
drop_map(void)
{
	free(tidei_freemap_spans_table(map));
	free(map);
	free(memory);
}

/* All slots must be free again, and each must come out once. */
static void
check_at_rest(void)
{
	const char *wrong = tidei_freemap_check(map);
	void **all = calloc(options.slots, sizeof(*all));

	if (wrong != NULL)
		FAIL("%s", wrong);
	if (tidei_freemap_count(map) != options.slots)
		FAIL("%" PRIu32 " of %" PRIu32 " slots are free at rest", tidei_freemap_count(map),
			options.slots);
	if (tidei_freemap_get(map, 0, all, options.slots) != 0)
		FAIL("not every slot can be had by one thread at rest");
	else
		tidei_freemap_put(map, 0, all, options.slots, NULL, NULL);
	free(all);
}

static void
run(void)
{
	struct worker workers[THREADS_MAX];
	uint64_t taken = 0, short_of = 0;

	memset(workers, 0, sizeof(workers));
	for (unsigned int i = 0; i < options.threads; i++)
		start(&workers[i], i, 0);
	/* Those that may stop inside are waited for last: the others must end without them. */
	for (unsigned int i = 0; i < options.threads; i++)
		if (i % 4 != 3)
			pthread_join(workers[i].thread, NULL);
	uint32_t stopped_at_end = atomic_load(&stopped);

	atomic_store(&release_stopped, true);
	for (unsigned int i = 0; i < options.threads; i++) {
		if (i % 4 == 3)
			pthread_join(workers[i].thread, NULL);
		taken += workers[i].taken;
		short_of += workers[i].short_of;
	}
	/* Threads that come later find all that the ended ones gave back. */
	for (unsigned int i = 0; i < options.threads; i++) {
		workers[i].given = 0;
		options.operations /= 4;
		start(&workers[i], i, 1);
		pthread_join(workers[i].thread, NULL);
		options.operations *= 4;
		free(workers[i].held);
	}
	printf("%" PRIu64 " slots taken and given back by %u threads, %" PRIu64
	       " gets found too few, %" PRIu64 " pauses, %" PRIu32
	       " threads stopped inside while the others ended\n",
		atomic_load(&done_operations), options.threads, short_of, atomic_load(&pauses),
		stopped_at_end);
}

static void
parse(int argc, char **argv)
{
	static const char usage[] = "Usage: hammer [options]\n"
				    "  -o N  slots to take and give back in all (default 2000000)\n"
				    "  -t N  threads, 1 to 64 (4)\n"
				    "  -n N  slots in the map (1000)\n"
				    "  -s N  spans (5)\n"
				    "  -r N  random seed (the time)\n";
	int opt;

	options.seed = (unsigned int)time(NULL);
	while ((opt = getopt(argc, argv, "o:t:n:s:r:h")) != -1) {
		unsigned long long n = optarg != NULL ? strtoull(optarg, NULL, 0) : 0;

		switch (opt) {
		case 'o':
			options.operations = n;
			break;
		case 't':
			options.threads = (unsigned int)n;
			break;
		case 'n':
			options.slots = (uint32_t)n;
			break;
		case 's':
			options.spans = (uint32_t)n;
			break;
		case 'r':
			options.seed = (unsigned int)n;
			break;
		default:
			fputs(usage, opt == 'h' ? stdout : stderr);
			exit(opt == 'h' ? 0 : 2);
		}
	}
	if (options.threads < 1 || options.threads > THREADS_MAX || options.spans < 1 ||
		options.slots < options.spans || options.slots > TIDEI_FREEMAP_SLOTS_MAX) {
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
	make_map();
	run();
	check_at_rest();
	drop_map();
	return atomic_load(&failed) ? 1 : 0;
}
