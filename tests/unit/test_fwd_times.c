/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* When reports are due; what becomes of them is in tests/forward/paused.sh and unread.sh. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stats.h"

static void
what_is_on_time_stays_on_its_grid(void **state)
{
	assert_int_equal(fwd_next_due(1000, 100, 1000), 1100);
	assert_int_equal(fwd_next_due(1000, 100, 1001), 1100);
	assert_int_equal(fwd_next_due(1000, 100, 1050), 1100);
	assert_int_equal(fwd_next_due(1000, 1, 1000), 1001);
}

static void
what_was_missed_is_not_made_up_for(void **state)
{
	assert_int_equal(fwd_next_due(1000, 100, 1051), 1200);
	assert_int_equal(fwd_next_due(1000, 100, 1430), 1500);
	assert_int_equal(fwd_next_due(1000, 100, 1499), 1600);
	/* Every pause: on the grid, after now, and no figure over less than half a period. */
	for (uint64_t now = 1000; now < 3000; now++) {
		uint64_t due = fwd_next_due(1000, 100, now);

		assert_int_equal(due % 100, 0);
		assert_true(due >= now + 50 && due < now + 150);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_on_time_stays_on_its_grid),
		cmocka_unit_test(what_was_missed_is_not_made_up_for),
	};

	return cmocka_run_group_tests_name("fwd_times", tests, NULL, NULL);
}
