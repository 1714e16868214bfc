/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Runs get and put of several virtual threads in one thread, by schedules drawn from a seed: any virtual
 * thread pauses, stops for long or dies at any step. Between steps the test checks the allocator without
 * a get, because gets repair some faults: each object is with a virtual thread, free in one place, or in
 * an operation under way. At the end of each run all objects are free but those that died with a
 * thread, and the allocator passes its check. The store of `busy` becomes visible late, like from a store
 * buffer, until its thread or membarrier(2) fences. A failure prints the seed of its run.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/membarrier.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "barrier.h"
#include "coroutine.h"
#include "fence_hook.h"
#include "step_check.h"
#include "self.h"

#define VTHREADS_MAX 6
#define OBJECTS_MAX  256
#define STRIDE       64
#define DEATHS_MAX   8
#define TIDS_MAX     (VTHREADS_MAX + DEATHS_MAX + 2)
/* More steps of one operation than a run has in all: the operation does not end. */
#define STEPS_MAX    100000
#define HANG_S       20

/* The owner of an object: 1 + index of a virtual thread, or one of these. */
enum {
	FREE = 0,
	LIMBO = 100, /* In a put whose thread died: free or lost. */
	GIVEN = 200, /* In a put under way, + index of the thread: not free yet, free, or taken. */
};

enum {
	NONE,
	SOME,
	ALL,
};

enum doing {
	IDLE,
	GETTING,
	PUTTING,
	RECLAIMING,
};

/* An operation under way. */
struct op {
	enum doing doing;
	unsigned int n; /* Objects that it moves. */
	void *table[OBJECTS_MAX];
};

struct vthread {
	struct coroutine co;
	struct tidei_self self; /* The thread-local of lib/magazine while another runs. */
	bool fenced; /* Its process could not register with membarrier(2) and enters with a fence. */
	bool refused; /* Its process is refused membarrier now. */
	unsigned int place;
	struct op op[2]; /* The second is that of a signal handler that interrupts the first. */
	struct op *now; /* The operation under way, or the last one. */
	void *held[OBJECTS_MAX];
	unsigned int nb_held;
	uint64_t resume_at; /* It does not run before this turn. */
	long left; /* Steps until it pauses. */
	uint64_t steps; /* Of the operation under way. */
	bool alone; /* No other thread ran since the operation began. */

	/* The cell that it is inside of, and whether its store of busy is still invisible to others. */
	struct tidei_cell *inside;
	unsigned int inside_steps;
	bool buffered;
};

/* Properties of a run, drawn from its seed. */
struct profile {
	unsigned int nb_vthreads, objects, burst, pause; /* pause: one step in this many. */
	unsigned int turns, deaths;
	bool stops, exhausted, buffers, signals;
	unsigned int fenced; /* Processes without membarrier: none, some or all. */
	bool no_global; /* The kernel refuses MEMBARRIER_CMD_GLOBAL, like with nohz_full CPUs. */
	enum tidei_ledger_mode mode;
};

static struct profile profile;
static struct vthread vthread[VTHREADS_MAX];
static struct vthread *running;
static struct tidei_magazines *mags;
static char *objects;
static uint8_t whose[2 * OBJECTS_MAX], times[2 * OBJECTS_MAX];
static bool dead_tid[TIDS_MAX];
static uint32_t next_tid;
static uint64_t rng, turn, run_seed;
static unsigned int lost_at_most, deaths;
static bool finishing, failed;
static uint64_t total_turns, total_deaths, total_checks, total_steals, total_reclaims, total_alone,
	total_operations;

void tidei_step(void);
long __wrap_syscall(long number, long a, long b, long c, long d);
long __real_syscall(long number, long a, long b, long c, long d);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_sched_yield(void);

__attribute__((format(printf, 1, 2))) static void
fail(const char *format, ...)
{
	va_list args;

	if (failed)
		return;
	failed = true;
	va_start(args, format);
	fprintf(stderr, "schedule: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "; turn %" PRIu64 ", repeat with -n 1 -r %" PRIu64 "\n", turn, run_seed);
	va_end(args);
}

/* SplitMix, see self.c. */
static uint64_t
draw(void)
{
	uint64_t x = rng += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static unsigned int
below(unsigned int n)
{
	return (unsigned int)(draw() % n);
}

static bool
idle(const struct vthread *v)
{
	return v->op[0].doing == IDLE && v->op[1].doing == IDLE;
}

/* --- The machine: memory, time and kernel of the virtual threads. --- */

/* Make the store of busy visible to others. */
static void
flush(struct vthread *v)
{
	if (!v->buffered)
		return;
	v->buffered = false;
	if (v != running)
		atomic_store(&v->inside->busy, 1);
}

static void
flush_all(void)
{
	for (unsigned int i = 0; i < profile.nb_vthreads; i++)
		flush(&vthread[i]);
}

static void
flush_process(uint32_t pid)
{
	for (unsigned int i = 0; i < profile.nb_vthreads; i++)
		if (vthread[i].self.pid == pid)
			flush(&vthread[i]);
}

/* Play membarrier(2) for the process of the running thread. */
static bool
membarrier(long command)
{
	if (running != NULL && running->refused)
		return false;
	if (command == MEMBARRIER_CMD_GLOBAL && profile.no_global)
		return false;
	if (command == MEMBARRIER_CMD_GLOBAL)
		flush_all();
	if (command == MEMBARRIER_CMD_PRIVATE_EXPEDITED)
		flush_process(tidei_self.pid);
	return true;
}

void
tidei_fence(memory_order order)
{
	if (running != NULL && order == memory_order_seq_cst)
		flush(running);
}

/* Find the cell that the running thread has just stored busy in. */
static void
notice_entry(struct vthread *v)
{
	uint32_t used = cells_used(mags);

	/* Another thread can be in a cell that this one owned for one operation. */
	if (v->inside != NULL && atomic_load(&v->inside->busy) != 0 &&
		atomic_load(&v->inside->owner) == tidei_self.id) {
		/* Later stores become visible only after busy: at most two steps after it. */
		if (++v->inside_steps > 1)
			flush(v);
		return;
	}
	v->inside = NULL;
	v->buffered = false;
	for (uint32_t i = 0; i < used && v->inside == NULL; i++)
		if (atomic_load(&mags->cell[i].owner) == tidei_self.id &&
			atomic_load(&mags->cell[i].busy) != 0)
			v->inside = &mags->cell[i];
	if (v->inside == NULL)
		return;
	v->inside_steps = 0;
	/* The first step of an operation: it entered by its hint, without a swap since. */
	v->buffered = profile.buffers && v->steps <= 1 && below(2) != 0;
}

static void handle_signal(struct vthread *v);

void
tidei_step(void)
{
	struct vthread *v = running;

	if (v == NULL)
		return;
	if (++v->steps > STEPS_MAX) {
		fail("an operation of thread %u does not end", v->place);
		finishing = true;
		coroutine_pause();
	}
	notice_entry(v);
	if (profile.signals && v->now == &v->op[0] && v->op[0].doing != IDLE && below(256) == 0)
		handle_signal(v);
	if (--v->left <= 0)
		coroutine_pause();
	if (v->buffered && v->inside_steps >= 1)
		flush(v);
}

int
__wrap_sched_yield(void)
{
	if (running != NULL)
		running->left = 0;
	tidei_step();
	return 0;
}

int
__wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	(void)clock;
	/* Reclaimers read /proc now and then; the virtual threads have no start time there. */
	*ts = (struct timespec){(time_t)(100 + turn / 100), 0};
	return 0;
}

long
__wrap_syscall(long number, long a, long b, long c, long d)
{
	if (number == SYS_membarrier) {
		if (membarrier(a))
			return 0;
		errno = EPERM;
		return -1;
	}
	if (number == SYS_tgkill || number == SYS_tkill) {
		long tid = number == SYS_tkill ? a : b;

		if (tid < 0 || tid >= TIDS_MAX || !dead_tid[tid])
			return 0;
		errno = ESRCH;
		return -1;
	}
	return __real_syscall(number, a, b, c, d);
}

/* Let a thread run until it pauses. */
static void
resume(struct vthread *v, long steps)
{
	v->left = steps;
	for (unsigned int i = 0; i < profile.nb_vthreads; i++)
		vthread[i].alone = &vthread[i] == v && v->alone;
	if (v->buffered)
		atomic_store(&v->inside->busy, 1);
	tidei_self = v->self;
	atomic_store(&tidei_fenced, v->fenced);
	running = v;
	coroutine_resume(&v->co);
	running = NULL;
	v->self = tidei_self;
	if (v->buffered)
		atomic_store(&v->inside->busy, 0);
}

/* --- Operations of virtual threads. --- */

static unsigned int
slot_of(void *object)
{
	return (unsigned int)(((char *)object - objects) / STRIDE);
}

static void
begin(struct vthread *v, enum doing doing, unsigned int n)
{
	v->now->n = n;
	v->steps = 0;
	v->alone = true;
	for (unsigned int i = 0; i < profile.nb_vthreads; i++)
		v->alone = v->alone && idle(&vthread[i]);
	v->now->doing = doing;
	total_operations++;
}

/* Check that a get without other threads failed if and only if fewer objects were free. */
static void
check_undisturbed_get(const struct vthread *v, bool got)
{
	struct step_counts counts = {.times = times};
	const char *wrong;
	unsigned int before;

	if (!v->alone || profile.exhausted || profile.no_global ||
		(v->refused && profile.fenced == SOME))
		return;
	total_alone++;
	wrong = step_check(mags, &counts);
	if (wrong != NULL)
		fail("%s, after a get", wrong);
	before = counts.free + (got ? v->now->n : 0);
	if (!got && before >= v->now->n)
		fail("a get of %u failed with %u free and no other thread inside", v->now->n,
			before);
}

/* Get n objects into the table of the operation. */
static bool
get(struct vthread *v, unsigned int n)
{
	struct op *op = v->now;
	int ret;

	begin(v, GETTING, n);
	ret = tidei_magazines_get(mags, op->table, n, NULL);
	check_undisturbed_get(v, ret == 0);
	op->doing = IDLE;
	for (unsigned int i = 0; i < n && ret == 0; i++) {
		uint8_t *owner = &whose[slot_of(op->table[i])];

		if (*owner != FREE && *owner < LIMBO)
			fail("object %u is with thread %u and was handed to thread %u",
				slot_of(op->table[i]), *owner - 1, v->place);
		*owner = (uint8_t)(1 + v->place);
	}
	return ret == 0;
}

/* Put the n objects in the table of the operation. */
static void
put(struct vthread *v, unsigned int n)
{
	struct op *op = v->now;

	for (unsigned int i = 0; i < n; i++)
		whose[slot_of(op->table[i])] = (uint8_t)(GIVEN + v->place);
	begin(v, PUTTING, n);
	if (tidei_magazines_put(mags, op->table, n, NULL) != 0)
		fail("a put of thread %u was refused", v->place);
	op->doing = IDLE;
	for (unsigned int i = 0; i < n; i++)
		if (whose[slot_of(op->table[i])] == GIVEN + v->place)
			whose[slot_of(op->table[i])] = FREE;
}

static void
get_and_hold(struct vthread *v, unsigned int n)
{
	if (v->nb_held + n > OBJECTS_MAX || !get(v, n))
		return;
	memcpy(&v->held[v->nb_held], v->now->table, n * sizeof(v->held[0]));
	v->nb_held += n;
}

static void
put_held(struct vthread *v, unsigned int n)
{
	n = n < v->nb_held ? n : v->nb_held;
	for (unsigned int i = 0; i < n; i++) {
		unsigned int at = below(v->nb_held);

		v->now->table[i] = v->held[at];
		v->held[at] = v->held[--v->nb_held];
	}
	put(v, n);
}

/* A signal handler that gets objects and puts them back, between two steps of its thread. */
static void
handle_signal(struct vthread *v)
{
	struct tidei_cell *inside = v->inside;
	unsigned int n = 1 + below(4);
	uint64_t steps = v->steps;

	flush(v);
	v->now = &v->op[1];
	if (get(v, n))
		put(v, n);
	v->now = &v->op[0];
	/* The interrupted operation continues, maybe in another cell. */
	v->inside = inside;
	v->steps = steps;
	v->alone = false;
}

static void
live(void *arg)
{
	struct vthread *v = arg;

	while (!finishing) {
		unsigned int kind = below(32),
			     n = 1 + below(kind < 4 ? 3 * MAGAZINE_MIN : profile.burst);

		if (kind == 31) {
			begin(v, RECLAIMING, 0);
			tidei_magazines_reclaim(mags);
			v->now->doing = IDLE;
		} else if (draw() % 2 != 0) {
			get_and_hold(v, n);
		} else {
			put_held(v, n);
		}
		v->left = 0;
		tidei_step();
	}
	while (v->nb_held > 0)
		put_held(v, OBJECTS_MAX);
}

/* --- Runs. --- */

/* Make a virtual thread with an identity of its own, in one of two processes of its kind. */
static void
born(struct vthread *v, unsigned int place)
{
	struct coroutine co = v->co;
	uint32_t tid = next_tid++;
	unsigned int kind = profile.fenced == ALL ? 1 : profile.fenced == SOME ? below(3) : 0;
	uint32_t pid = 1 + 2 * kind + tid % 2;

	*v = (struct vthread){.co = co, .place = place};
	v->now = &v->op[0];
	v->self = (struct tidei_self){
		.id = identity_of(tid, 1, draw()),
		.ns = 1,
		.process = pid,
		.pid = pid,
		.tid = tid,
	};
	/* The third kind could register, and is refused membarrier(2) later. */
	v->fenced = kind == 1;
	v->refused = kind != 0;
	coroutine_init(&v->co, live, v);
}

/* Note the objects of an operation whose thread dies. */
static void
bury(const struct vthread *v, const struct op *op)
{
	if (op->doing == GETTING)
		lost_at_most += op->n;
	if (op->doing == PUTTING)
		for (unsigned int i = 0; i < op->n; i++)
			if (whose[slot_of(op->table[i])] == GIVEN + v->place)
				whose[slot_of(op->table[i])] = LIMBO;
}

/* End a thread at its step, and put another in its place. Its objects are lost. */
static void
die(struct vthread *v)
{
	flush(v);
	if (idle(v) || v->co.ended)
		return;
	deaths++;
	dead_tid[v->self.tid] = true;
	bury(v, &v->op[0]);
	bury(v, &v->op[1]);
	for (unsigned int i = 0; i < v->nb_held; i++)
		whose[slot_of(v->held[i])] = 1 + VTHREADS_MAX;
	born(v, v->place);
}

/* Tell whether a thread backs off from a cell that a borrower has. */
static bool
backs_off(const struct vthread *v)
{
	return v->inside != NULL && (atomic_load(&v->inside->revoked) & BORROWER);
}

/* Compare the allocator with the owners that the threads noted. at_rest: no operation is under way. */
static void
check(bool at_rest)
{
	struct step_counts counts = {.times = times};
	unsigned int missing = 0, in_get = lost_at_most, inside = 0;
	uint32_t count = (uint32_t)atomic_load(&mags->depot) / magazine_size(mags);
	const char *wrong;

	flush_all();
	wrong = step_check(mags, &counts);
	total_checks++;
	if (wrong != NULL) {
		fail("%s", wrong);
		return;
	}
	for (unsigned int i = 0; i < profile.nb_vthreads; i++) {
		for (unsigned int o = 0; o < 2; o++) {
			const struct op *op = &vthread[i].op[o];

			in_get += op->doing == GETTING ? op->n : 0;
			inside += op->doing != IDLE;
		}
	}
	for (unsigned int slot = 0; slot < profile.objects; slot++) {
		if (times[slot] != 0 && whose[slot] != FREE && whose[slot] < LIMBO)
			fail("object %u is free and with thread %u", slot, whose[slot] - 1);
		missing += times[slot] == 0 && whose[slot] == FREE;
	}
	if (missing > in_get)
		fail("%u objects are missing, of which gets under way can have %u", missing,
			in_get);
	if (count < counts.full || count > counts.full + inside + deaths)
		fail("the depot counts %u full magazines, %u are there", count, counts.full);
	/* A thread that dies between state and bit leaves the bit clear; searches read the state. */
	if (at_rest && (counts.detached != 0 || counts.locked != 0 || counts.unset > deaths))
		fail("at rest %u magazines are detached, %u cells locked, %u bits clear",
			counts.detached, counts.locked, counts.unset);
}

static void
draw_profile(void)
{
	static const unsigned int pause[] = {1, 2, 8, 40};

	profile = (struct profile){
		.nb_vthreads = 2 + below(VTHREADS_MAX - 1),
		.objects = 33 + below(OBJECTS_MAX - 33),
		.burst = below(2) != 0 ? 4 : MAGAZINE_MIN,
		.pause = pause[below(4)],
		.turns = 200 + below(1500),
		.deaths = below(2) != 0 ? below(DEATHS_MAX) : 0,
		.stops = below(2) != 0,
		.exhausted = below(6) == 0,
		.buffers = below(2) != 0,
		.signals = below(3) == 0,
		.fenced = below(4) % 3,
		.no_global = below(4) == 0,
		.mode = (enum tidei_ledger_mode)below(TIDEI_LEDGER_MODES),
	};
}

/* Switch to the identity of the thread that makes and drains allocators. */
static void
be_nobody(bool fenced)
{
	tidei_self = (struct tidei_self){
		.id = identity_of(0, 1, UINT64_MAX), .ns = 1, .process = 1, .pid = 1};
	atomic_store(&tidei_fenced, fenced);
}

/* Make an allocator and threads by the profile. */
static void
set_up(void)
{
	size_t size = tidei_magazines_size(profile.objects, STRIDE, profile.mode);

	next_tid = 1;
	turn = 0;
	lost_at_most = deaths = 0;
	finishing = false;
	memset(dead_tid, 0, sizeof(dead_tid));
	memset(whose, 0, sizeof(whose));
	mags = tidei_magazines_init(aligned_alloc(128, (size + 127) / 128 * 128), profile.objects,
		STRIDE, profile.mode);
	be_nobody(profile.fenced == ALL);
	tidei_magazines_add(mags, objects, profile.objects);
	for (unsigned int i = 0; i < profile.nb_vthreads; i++)
		born(&vthread[i], i);
	/* Cells with owners that never run: so few are left that threads borrow, or share the last. */
	if (profile.exhausted)
		for (uint32_t c = 1 + below(3), end = mags->nb_cells - below(2); c < end; c++) {
			atomic_store(&mags->cell[c].owner, identity_of(0, 1, 2 * c));
			atomic_store(&mags->cell[c].fenced, 1);
			atomic_store(&mags->cell[c].signed_by, identity_of(0, 1, 2 * c));
			atomic_store(&mags->cells_used, mags->nb_cells);
		}
}

/* Choose a thread that may run now, mostly the same one again. NULL: there is none. */
static struct vthread *
choose(struct vthread *last)
{
	unsigned int start = below(profile.nb_vthreads);

	if (last != NULL && !last->co.ended && last->resume_at <= turn && below(4) == 0)
		return last;
	for (unsigned int i = 0; i < profile.nb_vthreads; i++) {
		struct vthread *v = &vthread[(start + i) % profile.nb_vthreads];

		if (!v->co.ended && v->resume_at <= turn)
			return v;
	}
	return NULL;
}

/* Run one thread for a turn, and then let it pause, stop or die. Returns false if all have ended. */
static bool
take_turn(struct vthread **last)
{
	struct vthread *v = choose(*last);

	turn++;
	if (v == NULL) {
		for (unsigned int i = 0; i < profile.nb_vthreads; i++)
			if (!vthread[i].co.ended)
				return true;
		return false;
	}
	*last = v;
	resume(v, below(8) == 0 ? 100000 : 1 + below(2 * profile.pause - 1));
	if (v->buffered && below(3) == 0)
		flush(v);
	if (below(4) == 0)
		check(false);
	if (deaths < profile.deaths && below(backs_off(v) ? 4 : 64) == 0)
		die(v);
	else if (profile.stops && !finishing && below(32) == 0) {
		v->resume_at = turn + below(400);
		flush(v);
	}
	return true;
}

/* Print the cells in use after a failure, to help find its cause. */
static void
print_cells(void)
{
	fprintf(stderr, "%u threads, %u objects, fenced %u, exhausted %d, deaths %u, mode %d\n",
		profile.nb_vthreads, profile.objects, profile.fenced, profile.exhausted, deaths,
		(int)profile.mode);
	for (uint32_t i = 0; i < cells_used(mags); i++) {
		const struct tidei_cell *c = &mags->cell[i];
		uint64_t pair = cell_pair(c);

		if (profile.exhausted && (atomic_load(&c->owner) >> 40) == 0 && c->busy == 0 &&
			c->revoked == 0)
			continue;
		fprintf(stderr,
			"cell %u: %u in magazine %u, %u in %u; owner %" PRIx64
			", signed by %" PRIx64 " tid %u%s%s; busy %u, revoked %u, journal %" PRIx64
			"\n",
			i, loaded_count(pair), loaded(pair), previous_count(pair), previous(pair),
			atomic_load(&c->owner), atomic_load(&c->signed_by), atomic_load(&c->tid),
			dead_tid[atomic_load(&c->tid) % TIDS_MAX] ? " (dead)" : "",
			atomic_load(&c->fenced) != 0 ? " (fences)" : "", atomic_load(&c->busy),
			atomic_load(&c->revoked), atomic_load(&c->journal));
	}
}

/* Check that all free objects come out, one by one, and no others. */
static void
drain(void)
{
	static void *all[OBJECTS_MAX + 1];
	struct step_counts counts = {.times = times};
	unsigned int got = 0;

	be_nobody(false);
	profile.no_global = false;
	while (got <= profile.objects && tidei_magazines_get(mags, &all[got], 1, NULL) == 0)
		got++;
	step_check(mags, &counts);
	if (counts.free != 0)
		fail("gets do not find %u free objects", counts.free);
	if (got + lost_at_most < profile.objects && !profile.exhausted && profile.deaths == 0)
		fail("%u of %u objects are free at the end", got, profile.objects);
	tidei_magazines_put(mags, all, got, NULL);
}

static void
run_once(uint64_t seed)
{
	struct tidei_counters counters;
	struct vthread *last = NULL;
	const char *wrong;

	run_seed = rng = seed;
	draw_profile();
	set_up();
	while (turn < profile.turns && !failed)
		take_turn(&last);
	finishing = true;
	while (!failed && take_turn(&last))
		;
	if (!failed) {
		drain();
		check(true);
		wrong = tidei_magazines_check(mags);
		if (wrong != NULL)
			fail("%s", wrong);
	}
	if (failed)
		print_cells();
	counters = tidei_magazines_counters(mags);
	total_steals += counters.steals;
	total_reclaims += counters.reclaims;
	total_turns += turn;
	total_deaths += deaths;
	free(mags);
}

static void
hangs(int signal)
{
	static char text[96];
	int len = snprintf(text, sizeof(text),
		"schedule: no step for %d s; repeat with -n 1 -r %" PRIu64 "\n", HANG_S, run_seed);

	(void)signal;
	if (write(STDERR_FILENO, text, (size_t)len) != len)
		_exit(2);
	_exit(1);
}

int
main(int argc, char **argv)
{
	static const char usage[] =
		"Usage: schedule [options]\n"
		"  -n N  runs (100000)\n"
		"  -s N  seconds after which no run begins; 0: no limit (0)\n"
		"  -r N  seed of the first run, each further one has the next (1)\n";
	uint64_t runs = 100000, seed = 1, done = 0;
	time_t end = 0;
	int opt;

	while ((opt = getopt(argc, argv, "n:s:r:h")) != -1) {
		uint64_t n = optarg != NULL ? strtoull(optarg, NULL, 0) : 0;

		if (opt == 'n') {
			runs = n;
		} else if (opt == 's') {
			end = n == 0 ? 0 : time(NULL) + (time_t)n;
		} else if (opt == 'r') {
			seed = n;
		} else {
			fputs(usage, opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 0 : 2;
		}
	}
	signal(SIGALRM, hangs);
	objects = aligned_alloc(STRIDE, (size_t)OBJECTS_MAX * STRIDE);
	for (; done < runs && !failed && (end == 0 || time(NULL) < end); done++) {
		alarm(HANG_S);
		run_once(seed + done);
	}
	printf("%" PRIu64 " runs from seed %" PRIu64 ": %" PRIu64 " operations, %" PRIu64
	       " turns, %" PRIu64 " checks, %" PRIu64 " undisturbed gets, %" PRIu64
	       " thefts, %" PRIu64 " deaths, %" PRIu64 " cells recovered\n",
		done, seed, total_operations, total_turns, total_checks, total_alone, total_steals,
		total_deaths, total_reclaims);
	for (unsigned int i = 0; i < VTHREADS_MAX; i++)
		coroutine_fini(&vthread[i].co);
	free(objects);
	return failed ? 1 : 0;
}
