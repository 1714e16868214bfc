/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Tests the allocator in threads that run at the same time, in signal handlers, and across fork. */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "layout.h"
#include "magazine_pool.h"

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* A thread that gets and puts at random. */
struct runner {
	struct pool *p;
	pthread_t thread;
	unsigned int seed;
	uint32_t id, most; /* The most objects that it has. */
	uint64_t until_ms, wrong, gets;
};

/* Mark new objects as this thread's, in plain memory; a later check sees that the marks stay. */
static void
mark(struct runner *r, void *const *held, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		*(uint32_t *)held[i] = r->id;
}

static void
unmark(struct runner *r, void *const *held, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		r->wrong += *(uint32_t *)held[i] != r->id;
		*(uint32_t *)held[i] = 0;
	}
}

static void *
run(void *arg)
{
	struct runner *r = arg;
	void **held = calloc(r->most, sizeof(*held));
	unsigned int nb = 0;

	/* A busy machine lets a thread run rarely: the rounds are for it. */
	for (unsigned int round = 0; round < 5 || now_ms() < r->until_ms; round++) {
		for (unsigned int i = 0; i < 50; i++) {
			unsigned int n = 1 + (unsigned int)rand_r(&r->seed) %
			                             (rand_r(&r->seed) % 4 ? 32 : 300);

			if (rand_r(&r->seed) % 2 && nb + n <= r->most &&
				tidei_magazines_get(r->p->mags, held + nb, n, NULL) == 0) {
				mark(r, held + nb, n);
				nb += n;
				r->gets++;
			} else {
				n = n < nb ? n : nb;
				nb -= n;
				unmark(r, held + nb, n);
				r->wrong += tidei_magazines_put(r->p->mags, held + nb, n, NULL);
			}
		}
	}
	unmark(r, held, nb);
	r->wrong += tidei_magazines_put(r->p->mags, held, nb, NULL);
	free(held);
	return NULL;
}

static void
run_threads(uint32_t objects, enum tidei_ledger_mode mode, unsigned int nb, unsigned int *seed)
{
	struct pool p = pool_full(objects, 64, mode);
	struct runner *r = calloc(nb, sizeof(*r));
	uint64_t until = now_ms() + 700, gets = 0;

	for (unsigned int i = 0; i < nb; i++) {
		r[i] = (struct runner){.p = &p,
			.seed = (unsigned int)rand_r(seed),
			.id = i + 1,
			.most = objects / 2,
			.until_ms = until};
		assert_int_equal(pthread_create(&r[i].thread, NULL, run, &r[i]), 0);
	}
	for (unsigned int i = 0; i < nb; i++) {
		assert_int_equal(pthread_join(r[i].thread, NULL), 0);
		assert_int_equal(r[i].wrong, 0);
		gets += r[i].gets;
	}
	assert_true(gets > 1000);
	free(r);
	pool_assert_usable(&p);
	pool_done(&p);
}

static void
no_object_has_two_holders_among_threads(void **state)
{
	unsigned int seed = seed_of_run();

	run_threads(5000, TIDEI_LEDGER_FULL, 4, &seed);
	run_threads(800, TIDEI_LEDGER_FULL, 4, &seed);
	run_threads(800, TIDEI_LEDGER_SAMPLED, 6, &seed);
	run_threads(3000, TIDEI_LEDGER_OFF, 4, &seed);
}

static void
no_object_has_two_holders_among_more_threads_than_cells(void **state)
{
	unsigned int seed = seed_of_run();

	run_threads(1000, TIDEI_LEDGER_FULL, 50, &seed);
	run_threads(1000, TIDEI_LEDGER_OFF, 50, &seed);
}

/* The pool of the signal handler. */
static struct pool *interrupted;
static volatile uint64_t handled, handler_wrong;

static void
get_and_put(int signal)
{
	const int before = errno = 4711;
	void *out[40];
	unsigned int n = 1 + handled % 40;

	if (tidei_magazines_get(interrupted->mags, out, n, NULL) == 0) {
		for (unsigned int i = 0; i < n; i++) {
			handler_wrong += *(uint32_t *)out[i] != 0;
			*(uint32_t *)out[i] = UINT32_MAX;
		}
		for (unsigned int i = 0; i < n; i++) {
			handler_wrong += *(uint32_t *)out[i] != UINT32_MAX;
			*(uint32_t *)out[i] = 0;
		}
		handler_wrong += tidei_magazines_put(interrupted->mags, out, n, NULL);
	}
	handler_wrong += errno != before;
	handled++;
}

static void
signal_handlers_get_and_put_while_their_thread_is_inside(void **state)
{
	for (int mode = 0; mode < TIDEI_LEDGER_MODES; mode++) {
		struct sigaction action = {.sa_handler = get_and_put, .sa_flags = SA_RESTART}, old;
		const struct itimerval often = {{0, 150}, {0, 150}}, never = {{0, 0}, {0, 0}};
		struct pool p = pool_full(1500, 64, (enum tidei_ledger_mode)mode);
		struct runner r = {.p = &p,
			.seed = seed_of_run(),
			.id = 7,
			.most = 1000,
			.until_ms = now_ms() + 800};

		interrupted = &p;
		handled = handler_wrong = 0;
		assert_int_equal(sigaction(SIGALRM, &action, &old), 0);
		assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
		run(&r);
		assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
		assert_int_equal(sigaction(SIGALRM, &old, NULL), 0);
		assert_int_equal(r.wrong, 0);
		assert_int_equal(handler_wrong, 0);
		assert_true(handled > 100);
		/* A handler that interrupted get or put used a second cell, as a guest. */
		assert_true(p.mags->cells_used >= 2);
		pool_assert_usable(&p);
		pool_done(&p);
	}
}

/* A child has a copy of the pool, and finds the objects in the cells of the parent's threads. */
static void
a_forked_child_takes_what_its_copy_of_the_pool_has(void **state)
{
	struct pool p = pool_full(1000, 64, TIDEI_LEDGER_FULL);
	void *out[1000], *held[10];
	pid_t child;
	int status;

	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(worker_get(p.mags, i, out, 90), 0);
		assert_int_equal(worker_put(p.mags, i, out, 90), 0);
	}
	assert_int_equal(tidei_magazines_get(p.mags, held, 10, NULL), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct tidei_record record;

		EXPECT(tidei_magazines_get(p.mags, out, 991, NULL) == -ENOBUFS);
		EXPECT(tidei_magazines_get(p.mags, out, 990, NULL) == 0);
		EXPECT(tidei_magazines_count(p.mags) == 0);
		record = tidei_magazines_record(p.mags, pool_slot(&p, out[7]));
		EXPECT(record.known && record.pid == (uint32_t)getpid());
		EXPECT(record.id == (uint32_t)gettid());
		EXPECT(tidei_magazines_put(p.mags, out, 990, NULL) == 0);
		EXPECT(tidei_magazines_put(p.mags, held, 10, NULL) == 0);
		EXPECT(tidei_magazines_check(p.mags) == NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(tidei_magazines_put(p.mags, held, 10, NULL), 0);
	pool_assert_usable(&p);
	pool_done(&p);
}

/* An allocator and its objects in memory that processes share. */
static struct tidei_magazines *
make_shared(uint32_t objects, char **base)
{
	size_t size = tidei_magazines_size(objects, 64, TIDEI_LEDGER_FULL);
	char *mem = mmap(NULL, size + (objects + 128) * 64, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct tidei_magazines *mags;

	assert_true(mem != MAP_FAILED);
	mags = tidei_magazines_init(mem, objects, 64, TIDEI_LEDGER_FULL);
	*base = mem + (size + 63) / 64 * 64;
	assert_int_equal(tidei_magazines_add(mags, *base, objects), 0);
	return mags;
}

static void
a_child_and_its_parent_share_a_pool(void **state)
{
	char *base;
	struct tidei_magazines *mags = make_shared(1000, &base);
	struct tidei_record record;
	uint32_t slot;
	void *out[1000];
	pid_t child;
	int status;

	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		/* Get all objects, also those in the parent's cell, put most of them back and keep two. */
		EXPECT(tidei_magazines_get(mags, out, 1000, NULL) == 0);
		EXPECT(tidei_magazines_put(mags, out, 998, NULL) == 0);
		*(uint64_t *)out[998] = *(uint64_t *)out[999] = UINT64_C(0x123456789abcdef0);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_null(tidei_magazines_check(mags));
	assert_int_equal(tidei_magazines_count(mags), 998);
	/* The parent gets the objects in the cell of the child, which has ended. */
	assert_int_equal(tidei_magazines_get(mags, out, 999, NULL), -ENOBUFS);
	assert_int_equal(tidei_magazines_get(mags, out, 998, NULL), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		void *object = base + i * 64;
		bool children = *(uint64_t *)object == UINT64_C(0x123456789abcdef0);

		assert_int_equal(tidei_magazines_slot(mags, object, &slot), 0);
		record = tidei_magazines_record(mags, slot);
		assert_int_equal(record.pid, children ? child : getpid());
		if (children)
			assert_int_equal(tidei_magazines_put(mags, &object, 1, NULL), 0);
	}
	assert_int_equal(tidei_magazines_put(mags, out, 998, NULL), 0);
	assert_null(tidei_magazines_check(mags));
	assert_int_equal(tidei_magazines_count(mags), 1000);
}

static int
group(const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_object_has_two_holders_among_threads),
		cmocka_unit_test(no_object_has_two_holders_among_more_threads_than_cells),
		cmocka_unit_test(signal_handlers_get_and_put_while_their_thread_is_inside),
		cmocka_unit_test(a_forked_child_takes_what_its_copy_of_the_pool_has),
		cmocka_unit_test(a_child_and_its_parent_share_a_pool),
	};

	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int
main(int argc, char **argv)
{
	return magazine_tests(argc, argv, "magazine_threads", group);
}
