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

#include <rte_errno.h>
#include <rte_mempool.h>

#include "tide_mempool.h"
#include "tide_pool.h"

static void
a_program_that_makes_pools_has_their_ops(void **state)
{
	struct tide_pool_conf conf = {0};
	unsigned int found = 0;

	assert_null(tide_pool_create(&conf));
	assert_int_equal(rte_errno, EINVAL);
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		found += strcmp(rte_mempool_ops_table.ops[i].name, TIDE_MEMPOOL_OPS) == 0;
	assert_int_equal(found, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_that_makes_pools_has_their_ops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
