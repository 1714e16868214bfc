/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Little's law on samples of programs that hold packets in known ways. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "observe.h"

/* The ticks of the ledger's clock. */
#define TICK 128

static struct observed seen;
static struct observed_pool *pool;

static int
make(void **state)
{
	memset(&seen, 0, sizeof(seen));
	pool = &seen.pool[0];
	*pool = (struct observed_pool){.node = 0, .tide = true, .size = 16384};
	seen.nb_pools = seen.nb_ports = 1;
	seen.port[0].node = 0;
	return 0;
}

static void
receives(uint64_t pps, uint64_t ms)
{
	seen.port[0].last_packets = pps * ms / 1000;
	seen.port[0].first_ms = 1;
	seen.port[0].last_ms = 1 + ms;
}

/* Take a sample at a time: buffers are out, the oldest since `age` ms, as the ledger tells it. */
static void
sample(const char *owner, uint64_t now, uint64_t buffers, uint64_t age)
{
	uint64_t ticks = now / TICK - (now - age) / TICK;

	observe_owner(pool, owner, now, buffers, ticks == 0 ? 0 : ticks * TICK - TICK + 1,
		ticks * TICK + TICK - 1);
	pool->in_use_max = buffers > pool->in_use_max ? buffers : pool->in_use_max;
	pool->in_use_sum += buffers;
	pool->samples++;
}

static void
near(double value, double expected, double share)
{
	if (value < expected * (1 - share) || value > expected * (1 + share))
		fail_msg("%g is not within %g of %g", value, share, expected);
}

static void
a_queue_of_constant_delay_has_rate_times_delay(void **state)
{
	static const uint64_t delays[] = {30, 100, 300, 1000};

	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		struct estimate e;

		make(NULL);
		receives(100000, 5000);
		for (uint64_t now = 100000; now < 105000; now += 37)
			sample("lcore_1", now, 100 * delays[i], delays[i]);
		pool->peak = 100 * delays[i];
		e = observe_estimate(&seen, pool, 0, 0);
		near(e.pps, 100000, 0.001);
		near(e.age_ms, (double)delays[i], 0.15);
		assert_int_equal(e.bursts, 32);
		near((double)e.predicted, (double)(100 * delays[i] + 32), 0.15);
		near(e.error + 1, (double)e.predicted / (double)pool->peak, 0.001);
	}
}

static void
a_queue_that_fills_and_empties_needs_its_top(void **state)
{
	struct estimate e;

	receives(10000, 6000);
	for (uint64_t now = 100000; now < 106000; now += 37)
		sample("lcore_1", now, 10 * (now % 1000) + 1, now % 1000);
	e = observe_estimate(&seen, pool, 0, 0);
	near(e.swing, 2, 0.1);
	near((double)e.predicted, 10000, 0.1);
}

static void
buffers_that_never_turn_over_are_counted(void **state)
{
	struct estimate e;

	receives(50000000, 5000);
	for (uint64_t now = 100000; now < 105000; now += 37)
		sample("lcore_1", now, 256, now - 90000);
	pool->peak = 256;
	e = observe_estimate(&seen, pool, 0, 0);
	assert_int_equal(e.fixed, 256);
	assert_int_equal(e.predicted, 256);
	assert_true(e.error == 0);
}

static void
with_caches_or_other_ops_buffers_are_counted(void **state)
{
	struct estimate e;

	receives(1000000, 2000);
	for (uint64_t now = 100000; now < 102000; now += 37)
		sample("lcore_1", now, 64, now - 90000);
	pool->cache_size = 256;
	pool->cached_max = 100;
	e = observe_estimate(&seen, pool, 0, 0);
	assert_true(e.by_count);
	assert_true(e.predicted >= 64 + 256 && e.predicted <= 64 + 384);
	pool->cache_size = 0;
	pool->cached_max = 0;
	pool->tide = false;
	e = observe_estimate(&seen, pool, 0, 0);
	assert_true(e.by_count);
	assert_int_equal(e.predicted, 64);
	assert_true(e.error == 0);
}

static void
a_larger_rate_needs_more_of_what_flows_and_not_of_what_stays(void **state)
{
	struct estimate e;

	receives(10000, 5000);
	for (uint64_t now = 100000; now < 105000; now += 37) {
		sample("lcore_1", now, 1000, 100);
		observe_owner(pool, "lcore_2", now, 500, now - 90000, now - 90000);
		pool->in_use_max = 1500;
		pool->in_use_sum += 500;
	}
	e = observe_estimate(&seen, pool, 0, 0);
	assert_int_equal(e.fixed, 500);
	near((double)e.needed, 1532, 0.15);
	e = observe_estimate(&seen, pool, 40000, 0);
	near((double)e.needed, 4532, 0.15);
	e = observe_estimate(&seen, pool, 40000, 100);
	near((double)e.needed, 9064, 0.15);
	assert_int_equal(e.needed % 64, 0);
}

static void
a_peak_above_the_prediction_is_needed(void **state)
{
	struct estimate e;

	receives(1000, 5000);
	for (uint64_t now = 100000; now < 105000; now += 37)
		sample("lcore_1", now, 10, 0);
	pool->peak = 5000;
	e = observe_estimate(&seen, pool, 0, 0);
	assert_int_equal(e.predicted, 32);
	assert_true(e.error < -0.99);
	assert_int_equal(e.needed, 5056);
}

static void
a_port_of_another_node_counts_only_for_the_only_pool(void **state)
{
	struct estimate e;

	receives(1000, 5000);
	seen.port[0].node = 1;
	pool->in_use_max = 5;
	pool->samples = 1;
	e = observe_estimate(&seen, pool, 0, 0);
	near(e.pps, 1000, 0.001);
	seen.nb_pools = 2;
	seen.pool[1] = *pool;
	seen.pool[1].node = 1;
	e = observe_estimate(&seen, pool, 0, 0);
	assert_true(e.pps == 0);
	e = observe_estimate(&seen, &seen.pool[1], 0, 0);
	near(e.pps, 1000, 0.001);
}

static void
a_program_that_did_nothing_needs_nothing(void **state)
{
	struct estimate e;

	pool->peak = 500;
	e = observe_estimate(&seen, pool, 1000000, 20);
	assert_int_equal(e.predicted, 0);
	assert_int_equal(e.needed, 0);
	pool->peak = 0;
	seen.port[0].first_packets = 100;
	pool->samples = 1;
	e = observe_estimate(&seen, pool, 1000000, 20);
	assert_int_equal(e.needed, 0);
	/* Counters that were reset are no rate. */
	receives(1000, 5000);
	seen.port[0].first_packets = UINT64_MAX;
	e = observe_estimate(&seen, pool, 0, 0);
	assert_true(e.pps == 0);
}

static void
owners_beyond_the_table_are_left_out(void **state)
{
	char name[16];

	for (int i = 0; i <= OBSERVE_OWNERS_MAX; i++) {
		snprintf(name, sizeof(name), "lcore_%d", i);
		observe_owner(pool, name, 1, 1, 0, 127);
	}
	assert_int_equal(pool->nb_owners, OBSERVE_OWNERS_MAX);
}

#define CASE(name) cmocka_unit_test_setup(name, make)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_queue_of_constant_delay_has_rate_times_delay),
		CASE(a_queue_that_fills_and_empties_needs_its_top),
		CASE(buffers_that_never_turn_over_are_counted),
		CASE(with_caches_or_other_ops_buffers_are_counted),
		CASE(a_larger_rate_needs_more_of_what_flows_and_not_of_what_stays),
		CASE(a_peak_above_the_prediction_is_needed),
		CASE(a_port_of_another_node_counts_only_for_the_only_pool),
		CASE(a_program_that_did_nothing_needs_nothing),
		CASE(owners_beyond_the_table_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
