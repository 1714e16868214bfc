/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* A program linked with libtidepool.a as -ltidepool does: only what it refers to, and the ops. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mempool.h>

#include "eal.h"
#include "tide_mempool.h"
#include "tide_pool.h"

static unsigned int
registered(void)
{
	unsigned int found = 0;

	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		found += strcmp(rte_mempool_ops_table.ops[i].name, TIDE_MEMPOOL_OPS) == 0;
	return found;
}

/* First: EAL starts once. */
static void
before_eal_nothing_is_registered_and_calls_are_refused(void **state)
{
	struct tide_pool_conf conf = {0};

	assert_int_equal(registered(), 0);
	assert_null(tide_pool_create(&conf));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(tide_pool_attach("none"));
	assert_int_equal(rte_errno, ENOTSUP);
}

static void
a_program_that_makes_pools_has_their_ops_with_eal(void **state)
{
	test_eal_start(false, 64, "0");
	assert_int_equal(registered(), 1);
	assert_string_equal(rte_mempool_ops_table.ops[rte_mempool_ops_table.num_ops - 1].name,
		TIDE_MEMPOOL_OPS);
}

static void
a_primary_process_attaches_nothing(void **state)
{
	assert_null(tide_pool_attach("none"));
	assert_int_equal(rte_errno, EPERM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_eal_nothing_is_registered_and_calls_are_refused),
		cmocka_unit_test(a_program_that_makes_pools_has_their_ops_with_eal),
		cmocka_unit_test(a_primary_process_attaches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
