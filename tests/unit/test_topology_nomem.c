/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Each allocation of a topology fails in turn. Linked with --wrap=calloc. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <rte_errno.h>

#include "topology_internal.h"

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

/* Callocs until one fails; 0: none does. */
static unsigned int fails_in;

void *
__wrap_calloc(size_t n, size_t size)
{
	if (fails_in > 0 && --fails_in == 0)
		return NULL;
	return __real_calloc(n, size);
}

static struct tide_topology *
parse(void)
{
	return tide_topology_parse("node 0 cpus 0 memory 1G\nnode 3 memory 1G\n");
}

/* Fails the 1st, 2nd, ... allocation until none is left to fail; how many there were. */
static unsigned int
fail_each(struct tide_topology *(*make)(void))
{
	for (unsigned int k = 1;; k++) {
		struct tide_topology *topo;

		rte_errno = 0;
		fails_in = k;
		topo = make();
		if (fails_in > 0) {
			fails_in = 0;
			assert_non_null(topo);
			tide_topology_free(topo);
			return k - 1;
		}
		assert_null(topo);
		assert_int_equal(rte_errno, ENOMEM);
	}
}

static void
create_says_enomem_at_each_allocation(void **state)
{
	assert_true(fail_each(tide_topology_create) > 0);
}

static void
parse_says_enomem_at_each_allocation(void **state)
{
	assert_true(fail_each(parse) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_says_enomem_at_each_allocation),
		cmocka_unit_test(parse_says_enomem_at_each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
