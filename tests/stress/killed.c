/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Processes and threads share one allocator and die inside get and put: at a step drawn at random, by
 * SIGKILL or by pthread_exit(), or by a SIGKILL at any instruction. Each actor lists in shared memory the
 * objects that it has and is about to get or put. After each death the others park, and a get that fails
 * must have recovered every object but those in the lists of the dead. No object comes twice, and the
 * allocator passes its check.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "layout.h"
#include "membarrier.h"

#define ACTORS         3
#define STRIDE         64
#define OBJECTS_MAX    4096
#define HELD_MAX       512
#define TABLE_MAX      96
#define DEATHS_A_ROUND 50
#define SHARED_BYTES   (8 << 20)

enum doing {
	IDLE,
	GETTING,
	PUTTING,
};

/* A process or thread. It alone writes its fields; others read them when it has parked or died. */
struct actor {
	bool thread; /* False: a process. */
	unsigned int number;
	uint64_t rng;
	bool suicidal; /* It dies at a step. False: the parent kills it. */
	long steps_left; /* Until then. */
	pid_t pid;
	pthread_t id;
	_Atomic uint32_t tid;
	_Atomic uint32_t parked; /* The number of the park in which it is; 0: none. */
	_Atomic int doing;
	uint32_t n;
	void *table[TABLE_MAX];
	_Atomic uint32_t nb_held;
	void *held[HELD_MAX];
};

/* Memory that all processes map. */
struct shared {
	struct actor actor[ACTORS];
	_Atomic uint32_t park; /* 0: run; else the number of the park, another one each time. */
	_Atomic bool wrong; /* An actor saw a fault. */
	alignas(128) char memory[];
};

/* What the parent knows of an object when no actor runs. */
enum known {
	NOBODYS, /* It must be free. */
	HELD, /* A living actor has it. */
	GIVEN, /* A dead actor had it. */
	LIMBO, /* A dead actor was putting it: free or lost. */
	LOST, /* It was lost with an earlier dead actor. */
	CAME, /* It came out. */
};

static struct shared *shared;
static struct tidei_magazines *mags;
static char *objects;
static uint32_t nb_objects;
static uint64_t rng, seed, deaths, by_step, by_thread, in_get, in_put, lost, reclaims;
static bool failed, alive[ACTORS];
static uint8_t known[OBJECTS_MAX];
static _Thread_local struct actor *self;

void tidei_step(void);

__attribute__((format(printf, 1, 2))) static void
fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "killed: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "; seed %" PRIu64 ", death %" PRIu64 "\n", seed, deaths);
	va_end(args);
	failed = true;
}

/* SplitMix, see self.c. */
static uint64_t
draw(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint32_t
below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(draw(state) % n);
}

static void
doze(long us)
{
	nanosleep(&(struct timespec){0, us * 1000}, NULL);
}

void
tidei_step(void)
{
	struct actor *a = self;

	if (a == NULL)
		return;
	if (a->suicidal && --a->steps_left == 0) {
		if (a->thread)
			pthread_exit(NULL);
		kill(getpid(), SIGKILL);
	}
	if (below(&a->rng, 64) == 0)
		sched_yield();
}

/* --- An actor's life. --- */

static void
accuse(const struct actor *a, const void *object, uint64_t mark)
{
	fprintf(stderr,
		"killed: object %td of actor %u has the mark %" PRIu64 "; seed %" PRIu64 "\n",
		((const char *)object - objects) / STRIDE, a->number, mark, seed);
	atomic_store(&shared->wrong, true);
}

static uint64_t
swap_mark(void *object, uint64_t mark)
{
	return atomic_exchange((_Atomic uint64_t *)object, mark);
}

static void
get(struct actor *a, uint32_t n)
{
	uint32_t held = atomic_load(&a->nb_held);
	uint64_t mark;
	int ret;

	if (held + n > HELD_MAX)
		return;
	a->n = n;
	atomic_store(&a->doing, GETTING);
	ret = tidei_magazines_get(mags, a->table, n, NULL);
	for (uint32_t i = 0; i < n && ret == 0; i++) {
		mark = swap_mark(a->table[i], a->number + 1);
		if (mark != 0)
			accuse(a, a->table[i], mark);
		a->held[held + i] = a->table[i];
	}
	if (ret == 0)
		atomic_store(&a->nb_held, held + n);
	atomic_store(&a->doing, IDLE);
}

static void
put(struct actor *a, uint32_t n)
{
	uint32_t held = atomic_load(&a->nb_held), first;
	uint64_t mark;

	n = n < held ? n : held;
	/* From the front at times, in another order than they came. */
	first = below(&a->rng, 2) != 0 ? 0 : held - n;
	memcpy(a->table, &a->held[first], n * sizeof(*a->table));
	a->n = n;
	atomic_store(&a->doing, PUTTING);
	/* At any instruction at which this actor can be killed, each object is in one of its lists. */
	for (uint32_t i = 0; first == 0 && i < n && i < held - n; i++)
		a->held[i] = a->held[held - 1 - i];
	atomic_store(&a->nb_held, held - n);
	for (uint32_t i = 0; i < n; i++) {
		mark = swap_mark(a->table[i], 0);
		if (mark != a->number + 1)
			accuse(a, a->table[i], mark);
	}
	if (tidei_magazines_put(mags, a->table, n, NULL) != 0)
		accuse(a, a->table[0], UINT64_MAX);
	atomic_store(&a->doing, IDLE);
}

static void *
live(void *arg)
{
	struct actor *a = arg;

	atomic_store(&a->tid, (uint32_t)syscall(SYS_gettid));
	self = a;
	for (;;) {
		uint32_t n = 1 + below(&a->rng, below(&a->rng, 8) == 0 ? TABLE_MAX : 8);

		if (below(&a->rng, 2) != 0)
			get(a, n);
		else
			put(a, n);
		for (uint32_t park; (park = atomic_load(&shared->park)) != 0; doze(20))
			atomic_store(&a->parked, park);
	}
	return NULL;
}

/* --- The parent. --- */

static void
born(unsigned int number)
{
	struct actor *a = &shared->actor[number];
	pid_t pid;

	memset(a, 0, sizeof(*a));
	a->number = number;
	a->rng = draw(&rng);
	a->thread = below(&rng, 4) == 0;
	/* Threads can die at a step only. */
	a->suicidal = a->thread || below(&rng, 2) != 0;
	if (a->suicidal)
		a->steps_left = 1 + below(&rng, UINT32_C(1) << (1 + below(&rng, 12)));
	alive[number] = true;
	if (a->thread) {
		if (pthread_create(&a->id, NULL, live, a) != 0)
			abort();
		return;
	}
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		live(a);
	}
	a->pid = pid;
}

/* Tell whether an actor has died, also for the kernel. */
static bool
died(struct actor *a)
{
	if (!a->thread)
		return waitpid(a->pid, NULL, WNOHANG) == a->pid;
	if (pthread_tryjoin_np(a->id, NULL) != 0)
		return false;
	while (syscall(SYS_tgkill, getpid(), atomic_load(&a->tid), 0) == 0)
		sched_yield();
	return true;
}

/* Wait until each actor has parked or died. Returns how many died. */
static unsigned int
settle(bool dead[ACTORS])
{
	static uint32_t parks;
	unsigned int nb = 0;

	atomic_store(&shared->park, ++parks);
	for (unsigned int i = 0; i < ACTORS; i++) {
		struct actor *a = &shared->actor[i];

		dead[i] = false;
		while (alive[i] && atomic_load(&a->parked) != parks && !dead[i]) {
			dead[i] = died(a);
			if (!dead[i])
				doze(10);
		}
		nb += dead[i];
		alive[i] = alive[i] && !dead[i];
	}
	return nb;
}

static uint32_t
slot_of(const void *object)
{
	return (uint32_t)(((const char *)object - objects) / STRIDE);
}

/* Read the lists of an actor. Returns how many objects it may have lost in a get. */
static uint32_t
learn(const struct actor *a, bool dead)
{
	uint32_t held = atomic_load(&a->nb_held);

	for (uint32_t i = 0; i < held; i++)
		known[slot_of(a->held[i])] = dead ? GIVEN : HELD;
	if (!dead || atomic_load(&a->doing) == IDLE)
		return 0;
	if (atomic_load(&a->doing) == GETTING) {
		in_get++;
		return a->n;
	}
	in_put++;
	/* Another actor can have objects that were put already. */
	for (uint32_t i = 0; i < a->n; i++)
		if (known[slot_of(a->table[i])] == NOBODYS)
			known[slot_of(a->table[i])] = LIMBO;
	return 0;
}

/* Get all free objects, one by one. Returns how many. */
static uint32_t
drain(void **all)
{
	uint32_t got = 0;

	while (got <= nb_objects && tidei_magazines_get(mags, &all[got], 1, NULL) == 0) {
		uint8_t *k = &known[slot_of(all[got])];

		if (*k != NOBODYS && *k != LIMBO)
			fail("object %u came out, but it is %s", slot_of(all[got]),
				*k == CAME   ? "a second time"
				: *k == LOST ? "lost"
					     : "in use");
		*k = CAME;
		got++;
	}
	return got;
}

/* Search for each object while all actors are parked or dead. */
static void
check(const bool dead[ACTORS])
{
	static void *all[OBJECTS_MAX + 1];
	uint32_t may_miss = 0, missing = 0, got;
	const char *wrong;

	for (uint32_t slot = 0; slot < nb_objects; slot++)
		if (known[slot] != LOST)
			known[slot] = NOBODYS;
	for (unsigned int i = 0; i < ACTORS; i++)
		if (alive[i] || dead[i])
			may_miss += learn(&shared->actor[i], dead[i]);
	got = drain(all);
	for (uint32_t slot = 0; slot < nb_objects; slot++) {
		missing += known[slot] == NOBODYS;
		lost += known[slot] == NOBODYS || known[slot] == LIMBO;
		if (known[slot] == NOBODYS || known[slot] == LIMBO)
			known[slot] = LOST;
	}
	if (missing > may_miss)
		fail("%u objects are missing, %u can be lost", missing, may_miss);
	wrong = tidei_magazines_check(mags);
	if (wrong != NULL)
		fail("%s", wrong);
	for (uint32_t i = 0; i < got; i++)
		swap_mark(all[i], 0);
	if (tidei_magazines_put(mags, all, got, NULL) != 0)
		fail("a put of objects that came out was refused");
	/* Put the objects of a dead actor, which the parent knows from its lists. */
	for (uint32_t slot = 0; slot < nb_objects; slot++) {
		void *object = objects + (size_t)slot * STRIDE;

		if (known[slot] != GIVEN)
			continue;
		swap_mark(object, 0);
		if (tidei_magazines_put(mags, &object, 1, NULL) != 0)
			fail("object %u, which a dead actor had, was refused", slot);
	}
	if (atomic_load(&shared->wrong))
		failed = true;
}

/* Kill a living process at any instruction. */
static void
strike(void)
{
	struct actor *a = &shared->actor[below(&rng, ACTORS)];

	if (alive[a->number] && !a->suicidal)
		kill(a->pid, SIGKILL);
}

static void
make_allocator(void)
{
	enum tidei_ledger_mode mode = (enum tidei_ledger_mode)below(&rng, TIDEI_LEDGER_MODES);
	size_t size;

	/* With a few dozen objects all actors steal; with thousands they use the depot. */
	nb_objects = below(&rng, 2) != 0 ? 200 + below(&rng, 200) : 500 + below(&rng, 3000);
	size = tidei_magazines_size(nb_objects, STRIDE, mode);
	if (size + (size_t)OBJECTS_MAX * STRIDE + sizeof(*shared) > SHARED_BYTES)
		abort();
	mags = tidei_magazines_init(shared->memory, nb_objects, STRIDE, mode);
	objects = (char *)shared + SHARED_BYTES - (size_t)OBJECTS_MAX * STRIDE;
	memset(objects, 0, (size_t)OBJECTS_MAX * STRIDE);
	memset(known, NOBODYS, sizeof(known));
	tidei_magazines_add(mags, objects, nb_objects);
}

static void
note_deaths(const bool dead[ACTORS], unsigned int nb)
{
	deaths += nb;
	for (unsigned int i = 0; i < ACTORS; i++) {
		by_thread += dead[i] && shared->actor[i].thread;
		by_step += dead[i] && !shared->actor[i].thread && shared->actor[i].suicidal;
	}
}

static void
run_round(uint64_t end)
{
	bool dead[ACTORS];
	unsigned int nb;

	make_allocator();
	atomic_store(&shared->park, 0);
	while (deaths < end && !failed) {
		for (unsigned int i = 0; i < ACTORS; i++)
			if (!alive[i])
				born(i);
		doze(below(&rng, 400));
		if (below(&rng, 2) != 0)
			strike();
		nb = settle(dead);
		note_deaths(dead, nb);
		if (nb != 0)
			check(dead);
		atomic_store(&shared->park, 0);
	}
	reclaims += tidei_magazines_counters(mags).reclaims;
	/* The rest of the round ends by the same deaths. */
	for (unsigned int i = 0; i < ACTORS; i++) {
		struct actor *a = &shared->actor[i];

		while (alive[i] && !died(a)) {
			if (!a->thread)
				kill(a->pid, SIGKILL);
			doze(100);
		}
		alive[i] = false;
	}
}

int
main(int argc, char **argv)
{
	static const char usage[] = "Usage: killed [options]\n"
				    "  -n N  deaths (1000)\n"
				    "  -m    refuse membarrier(2)\n"
				    "  -r N  random seed (the time)\n";
	uint64_t wanted = 1000;
	bool refused = false;
	int opt;

	seed = (uint64_t)time(NULL);
	while ((opt = getopt(argc, argv, "n:r:mh")) != -1) {
		uint64_t n = optarg != NULL ? strtoull(optarg, NULL, 0) : 0;

		if (opt == 'n') {
			wanted = n;
		} else if (opt == 'r') {
			seed = n;
		} else if (opt == 'm') {
			refused = true;
		} else {
			fputs(usage, opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 0 : 2;
		}
	}
	if (refused && !refuse_membarrier()) {
		printf("the kernel refuses seccomp filters\n");
		return 77;
	}
	rng = seed;
	shared =
		mmap(NULL, SHARED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 2;
	while (deaths < wanted && !failed)
		run_round(deaths + DEATHS_A_ROUND < wanted ? deaths + DEATHS_A_ROUND : wanted);
	printf("seed %" PRIu64 ": %" PRIu64 " deaths, %" PRIu64 " of threads, %" PRIu64
	       " of processes at a step, %" PRIu64 " in a get, %" PRIu64 " in a put; %" PRIu64
	       " cells put in order, %" PRIu64 " objects lost\n",
		seed, deaths, by_thread, by_step, in_get, in_put, reclaims, lost);
	return failed ? 1 : 0;
}
