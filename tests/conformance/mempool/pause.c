/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Claims about a thread that is paused inside get or put.
 *
 * One lcore, the victim, and others, the peers, get and put without end. Now and then a signal handler stops
 * the victim inside a call. The signals come at random moments. If the processor can trap after each
 * instruction, a call also stops after its first instruction, the next call after its second, and so on to
 * the last. The victim stays stopped until each peer has moved as many objects as the pool has several
 * times over, which no slack covers. If STALL passes before, the victim has stalled the peers.
 */

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

#include <rte_lcore.h>

#include "audit.h"

#define POOL       1023
#define PEERS      2
#define BURST      32
#define LOOPS      100 /* Of a peer during a pause: LOOPS * BURST is several times POOL. */
#define STALL_NS   UINT64_C(1000000000)
#define STALLS     3 /* So many are enough to show the fault. */
#define PAUSES     1000 /* Pauses by signals at random moments. */
#define NS_MAX     UINT64_C(3000000000) /* For those. */
#define FEW        8 /* Objects of a call that is stepped through; more only repeat its loops. */
#define STEPS_OVER 5 /* Calls that end before the chosen step, to believe it. */
#define STEP_NS    UINT64_C(2500000000) /* For the steps of one kind of call. */

enum where {
	OUTSIDE,
	IN_GET,
	IN_PUT,
	PLACES,
};

static const char *const place_name[PLACES] = {"neither", "get", "put"};

/* Data that the threads and the signal handlers of one claim share. */
static struct {
	struct audit *audit;
	void (*while_paused)(void);
	atomic_bool stop;
	volatile sig_atomic_t where; /* Written by the victim. */
	pthread_t victim;
	atomic_bool victim_runs;
	atomic_ullong loops[PEERS];

	/* Stepping: written by the victim and its handler. */
	volatile sig_atomic_t stepping;
	volatile sig_atomic_t step;
	volatile sig_atomic_t target;

	/* Results: written by the victim's handler only. */
	atomic_uint pauses[PLACES];
	unsigned int steps[PLACES]; /* Instructions after which it was paused. */
	bool cut; /* Time was over before a call had been stepped through. */
	atomic_uint stalls;
	enum where stalled_in;
	uint64_t longest_ns;
	unsigned int moving; /* Objects of the call. */
	unsigned int
		hidden; /* The most objects that others could not get, except those of the call. */
} scene;

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void
stalled(void)
{
	scene.stalled_in = (enum where)scene.where;
	atomic_fetch_add(&scene.stalls, 1);
}

/* Wait, inside a signal handler, until the peers have made progress or a stall is certain. */
static void
watch_peers(void)
{
	const struct timespec moment = {0, 20000};
	unsigned long long begin[PEERS];
	uint64_t start = now_ns(), took;
	unsigned int moved;

	for (unsigned int i = 0; i < PEERS; i++)
		begin[i] = atomic_load(&scene.loops[i]);
	do {
		nanosleep(&moment, NULL);
		moved = 0;
		for (unsigned int i = 0; i < PEERS; i++)
			moved += atomic_load(&scene.loops[i]) - begin[i] >= LOOPS;
		took = now_ns() - start;
	} while (moved < PEERS && took < STALL_NS && !atomic_load(&scene.stop));
	/* The peers are ending, so this pause shows nothing. */
	if (atomic_load(&scene.stop))
		return;
	if (moved < PEERS)
		stalled();
	if (took > scene.longest_ns)
		scene.longest_ns = took;
}

static void
pause_here(void)
{
	int saved = errno;

	atomic_fetch_add(&scene.pauses[scene.where], 1);
	scene.while_paused();
	errno = saved;
}

static void
on_signal(int signal, siginfo_t *info, void *context)
{
	if (scene.where != OUTSIDE)
		pause_here();
}

#if defined(__x86_64__)
#define TRAP_FLAG 0x100

/* The processor traps after each instruction of the thread while the flag is set. */
static void
set_trap(void *context, bool on)
{
	greg_t *flags = &((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL];

	*flags = on ? *flags | TRAP_FLAG : *flags & ~TRAP_FLAG;
}

static bool
can_step(void)
{
	return true;
}
#else
static void
set_trap(void *context, bool on)
{
}

static bool
can_step(void)
{
	return false;
}
#endif

static void
on_start(int signal, siginfo_t *info, void *context)
{
	set_trap(context, true);
}

static void
on_trap(int signal, siginfo_t *info, void *context)
{
	if (scene.where != OUTSIDE && scene.step++ == scene.target) {
		pause_here();
		scene.steps[scene.where]++;
		scene.stepping = 0;
	}
	if (!scene.stepping)
		set_trap(context, false);
}

static void
handle(int signal, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = {.sa_flags = SA_SIGINFO | SA_RESTART};

	action.sa_sigaction = handler;
	sigaction(signal, &action, NULL);
}

/* Call get or put in the victim, where handlers can interrupt it. */
static void
enter(enum where where)
{
	scene.where = where;
	atomic_signal_fence(memory_order_seq_cst);
}

static void
leave(void)
{
	atomic_signal_fence(memory_order_seq_cst);
	scene.where = OUTSIDE;
}

/* The audit is outside, so that only the code of the mempool handler is paused. */
static bool
victim_moves(unsigned int n, enum where step_in)
{
	void *objs[BURST];
	int ret;

	scene.moving = n;
	if (step_in == IN_GET)
		raise(SIGUSR1);
	enter(IN_GET);
	ret = rte_mempool_get_bulk(scene.audit->mp, objs, n);
	leave();
	if (step_in == IN_GET)
		scene.stepping = 0;
	if (ret != 0)
		return true;
	if (!audit_note_get(scene.audit, objs, n) || !audit_note_put(scene.audit, objs, n))
		return false;
	if (step_in == IN_PUT)
		raise(SIGUSR1);
	enter(IN_PUT);
	rte_mempool_put_bulk(scene.audit->mp, objs, n);
	leave();
	if (step_in == IN_PUT)
		scene.stepping = 0;
	return true;
}

static bool
go_on(void)
{
	return !atomic_load(&scene.stop) && atomic_load(&scene.stalls) < STALLS;
}

/* Pause after each instruction of a call in turn, until enough calls end before the chosen one. */
static bool
step_through(enum where place, unsigned int n)
{
	uint64_t end = now_ns() + STEP_NS;
	unsigned int over = 0;

	for (int target = 0; now_ns() < end && over < STEPS_OVER && go_on(); target++) {
		unsigned int before = atomic_load(&scene.pauses[place]);

		scene.target = target;
		scene.step = 0;
		scene.stepping = 1;
		if (!victim_moves(n, place))
			return false;
		over = atomic_load(&scene.pauses[place]) == before ? over + 1 : 0;
	}
	scene.cut |= over < STEPS_OVER && go_on();
	return true;
}

static int
victim_steps(void)
{
	static const unsigned int sizes[] = {1, FEW};

	for (size_t i = 0; i < RTE_DIM(sizes) && can_step(); i++)
		if (!step_through(IN_GET, sizes[i]) || !step_through(IN_PUT, sizes[i]))
			return -1;
	return 0;
}

static int
victim(void)
{
	int ret = victim_steps();

	scene.victim = pthread_self();
	atomic_store(&scene.victim_runs, true);
	for (unsigned int i = 0; ret == 0 && go_on(); i++)
		ret = victim_moves(i % 8 == 0 ? 1 : BURST, OUTSIDE) ? 0 : -1;
	atomic_store(&scene.stop, true);
	return ret;
}

static int
peer(struct audit *b, unsigned int index)
{
	void *objs[BURST];

	while (!atomic_load_explicit(&scene.stop, memory_order_relaxed)) {
		if (rte_mempool_get_bulk(b->mp, objs, BURST) != 0)
			continue;
		if (!audit_note_get(b, objs, BURST) || !audit_note_put(b, objs, BURST))
			return -1;
		rte_mempool_put_bulk(b->mp, objs, BURST);
		atomic_fetch_add(&scene.loops[index], 1);
	}
	return 0;
}

static int
victim_or_peer(void *arg)
{
	struct job *job = arg;

	return job->index == PEERS ? victim() : peer(job->audit, job->index);
}

static unsigned int
random_pauses(void)
{
	return atomic_load(&scene.pauses[IN_GET]) + atomic_load(&scene.pauses[IN_PUT]);
}

/* Sends the victim signals at random moments, on a thread of its own. */
static void *
disturb(void *arg)
{
	uint64_t random = scene.audit->t->seed, start;
	unsigned int first;

	while (!atomic_load(&scene.victim_runs) && !atomic_load(&scene.stop))
		nanosleep(&(struct timespec){0, 1000000}, NULL);
	first = random_pauses();
	start = now_ns();
	while (!atomic_load(&scene.stop)) {
		nanosleep(&(struct timespec){0, random_below(&random, 200000)}, NULL);
		if (random_pauses() - first >= PAUSES || now_ns() - start > NS_MAX)
			atomic_store(&scene.stop, true);
		else
			pthread_kill(scene.victim, SIGUSR2);
	}
	return NULL;
}

static void
set_scene(struct audit *b, void (*while_paused)(void))
{
	scene.audit = b;
	scene.while_paused = while_paused;
	handle(SIGUSR1, on_start);
	handle(SIGUSR2, on_signal);
	handle(SIGTRAP, on_trap);
}

static const char *
cut_note(void)
{
	return scene.cut ? ", cut short by the time limit" : "";
}

static enum verdict
paused_stalls_nobody(struct trial *t)
{
	pthread_t disturber;
	struct audit b;
	int bad;

	NEED(audit_make(&b, t, POOL, 64, 0, 0));
	set_scene(&b, watch_peers);
	CHECK(t, pthread_create(&disturber, NULL, disturb, NULL) == 0, "no thread");
	bad = on_lcores(&b, PEERS + 1, victim_or_peer, NULL);
	if (bad < 0)
		return skips(t, "needs %d lcores, EAL has %u", PEERS + 2, rte_lcore_count());
	pthread_join(disturber, NULL);
	CHECK(t, bad == 0, "%d lcores failed", bad);
	CHECK(t, atomic_load(&scene.stalls) == 0,
		"%u of %u pauses stalled others for %u ms and more; the last was in %s; %u were at "
		"a "
		"chosen instruction",
		atomic_load(&scene.stalls), random_pauses(), (unsigned int)(STALL_NS / 1000000),
		place_name[scene.stalled_in], scene.steps[IN_GET] + scene.steps[IN_PUT]);
	CHECK(t, atomic_load(&scene.pauses[IN_GET]) > 0 && atomic_load(&scene.pauses[IN_PUT]) > 0,
		"no signal met the thread inside get or put");
	NEED(audit_all_free(&b));
	return passes(t,
		"%u pauses in get, %u in put; %u and %u of them after one instruction after the "
		"other "
		"(1 and %d objects%s); others waited %.1f ms at most",
		atomic_load(&scene.pauses[IN_GET]), atomic_load(&scene.pauses[IN_PUT]),
		scene.steps[IN_GET], scene.steps[IN_PUT], FEW, cut_note(),
		(double)scene.longest_ns / 1e6);
}

/*
 * Objects that a paused thread may hide: the magazines of a handler that has some. A mempool cache of 42
 * hides as many before DPDK 26.07: 1.5 times its size.
 */
#define HIDDEN_MAX 64

/* A helper that gets all objects and puts them back, at the request of the paused victim. */
static struct {
	atomic_uint asked;
	atomic_uint done;
	unsigned int got; /* The fewest of the requested rounds. */
	bool wrong;
} helper;

static int
help(struct audit *b)
{
	void *objs[POOL];

	while (!atomic_load(&scene.stop)) {
		unsigned int n, fewest = UINT_MAX;

		if (atomic_load(&helper.asked) == atomic_load(&helper.done)) {
			nanosleep(&(struct timespec){0, 1000}, NULL);
			continue;
		}
		/* The second round gets the objects that the first put back while the victim was paused. */
		for (unsigned int round = 0; round < 2; round++) {
			n = audit_get_all(b, objs);
			if (n == UINT_MAX || !audit_put(b, objs, n))
				return -1;
			fewest = RTE_MIN(fewest, n);
		}
		helper.got = fewest;
		atomic_fetch_add(&helper.done, 1);
	}
	return 0;
}

static void
watch_helper(void)
{
	uint64_t start = now_ns();

	atomic_fetch_add(&helper.asked, 1);
	while (atomic_load(&helper.done) != atomic_load(&helper.asked)) {
		nanosleep(&(struct timespec){0, 20000}, NULL);
		if (now_ns() - start > STALL_NS) {
			stalled();
			return;
		}
	}
	if (helper.got + scene.moving < POOL)
		scene.hidden = RTE_MAX(scene.hidden, POOL - scene.moving - helper.got);
}

static int
victim_or_helper(void *arg)
{
	struct job *job = arg;
	int ret;

	if (job->index == 0)
		return help(job->audit);
	ret = victim_steps();
	atomic_store(&scene.stop, true);
	return ret;
}

static enum verdict
paused_hides_few(struct trial *t)
{
	struct audit b;
	int bad;

	if (!can_step())
		return skips(t, "needs a processor that can be stepped (x86-64)");
	NEED(audit_make(&b, t, POOL, 64, 0, 0));
	set_scene(&b, watch_helper);
	bad = on_lcores(&b, 2, victim_or_helper, NULL);
	if (bad < 0)
		return skips(t, "needs 3 lcores, EAL has %u", rte_lcore_count());
	CHECK(t, bad == 0, "%d lcores failed", bad);
	CHECK(t, atomic_load(&scene.stalls) == 0,
		"another thread could not get and put for %u ms, the paused one was in %s",
		(unsigned int)(STALL_NS / 1000000), place_name[scene.stalled_in]);
	CHECK(t, scene.hidden <= HIDDEN_MAX,
		"a paused thread hid up to %u of %u objects beyond those it was moving",
		scene.hidden, POOL);
	NEED(audit_all_free(&b));
	return passes(t,
		"others could take all but %u other objects after each of %u instructions in get "
		"and %u in put",
		scene.hidden, scene.steps[IN_GET], scene.steps[IN_PUT]);
}

const struct claim claims_pause[] = {
	{.name = "paused-stalls-no-other",
		.sentence = "a thread paused inside get or put stalls no other",
		.basis = BASIS_EXTRA,
		.threads = true,
		.seconds = 40,
		.run = paused_stalls_nobody},
	{.name = "paused-hides-few",
		.sentence = "a thread paused in get or put hides few objects in addition to those "
			    "it moves",
		.basis = BASIS_EXTRA,
		.threads = true,
		.seconds = 40,
		.run = paused_hides_few},
	{.name = NULL},
};
