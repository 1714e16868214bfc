/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Tests how many system calls an allocator makes. */

#include <errno.h>

#include "magazine_pool.h"
#include "syscalls.h"

#define THREADS 20

static unsigned int calls;

bool
on_syscall(long number, long *result)
{
	calls++;
	return false;
}

/* Leave two free objects in the cell of each of some workers, and no others. */
static void
spread_free(struct pool *p, void **out)
{
	unsigned int nb = p->nb;

	assert_int_equal(tidei_magazines_get(p->mags, out, nb, NULL), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(worker_put(p->mags, i, out + 2 * (size_t)i, 2), 0);
}

static void
a_get_that_cannot_succeed_asks_the_kernel_nothing(void **state)
{
	struct pool p = pool_full(1000, 192, TIDEI_LEDGER_FULL);
	void *out[1000], *more[2 * THREADS + 1];

	spread_free(&p, out);
	calls = 0;
	for (unsigned int i = 0; i < 100; i++) {
		/* A magazine, and more than a magazine. */
		assert_int_equal(
			tidei_magazines_get(p.mags, more, 2 * THREADS + 1, NULL), -ENOBUFS);
		assert_int_equal(tidei_magazines_get(p.mags, out, 900, NULL), -ENOBUFS);
	}
	assert_int_equal(calls, 0);
	assert_int_equal(tidei_magazines_get(p.mags, more, 2 * THREADS, NULL), 0);
	assert_int_not_equal(calls, 0);
	assert_int_equal(tidei_magazines_get(p.mags, more + 2 * THREADS, 1, NULL), -ENOBUFS);
	pool_free(&p);
}

static void
a_get_from_a_dry_allocator_asks_the_kernel_nothing(void **state)
{
	struct pool p = pool_full(1000, 192, TIDEI_LEDGER_FULL);
	void *out[1000], *more;

	spread_free(&p, out);
	for (unsigned int i = 0; i < 2 * THREADS; i++)
		assert_int_equal(tidei_magazines_get(p.mags, &more, 1, NULL), 0);
	calls = 0;
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(tidei_magazines_get(p.mags, &more, 1, NULL), -ENOBUFS);
	assert_int_equal(calls, 0);
	pool_free(&p);
}

static int
group(const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_get_that_cannot_succeed_asks_the_kernel_nothing),
		cmocka_unit_test(a_get_from_a_dry_allocator_asks_the_kernel_nothing),
	};

	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int
main(int argc, char **argv)
{
	return magazine_tests(argc, argv, "magazine_calls", group);
}
