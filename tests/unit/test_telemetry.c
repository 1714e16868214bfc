/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The table of metrics is one that each output can walk, and each entry reads its own figure. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "eal.h"
#include "tide_telemetry.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
names_are_words_and_helps_are_sentences(void **state)
{
	const struct tide_metric *m;
	unsigned int n = 0;

	for (unsigned int s = 0; s < TIDE_NB_SCOPES; s++) {
		assert_non_null(tide_telemetry_scope_name(s));
		assert_non_null(tide_telemetry_metric(s, 0));
		for (unsigned int i = 0; (m = tide_telemetry_metric(s, i)) != NULL; i++, n++) {
			assert_int_equal(m->scope, s);
			assert_int_equal(strspn(m->name, LOWER "_"), strlen(m->name));
			assert_true(strlen(m->name) > 1 && strlen(m->name) < 30);
			assert_true(m->unit[0] != '\0');
			assert_true(m->help[0] >= 'A' && m->help[0] <= 'Z');
			assert_int_equal(m->help[strlen(m->help) - 1], '.');
			assert_true(m->get != NULL || m->size == 4 || m->size == 8);
		}
	}
	assert_true(n > 40);
	assert_null(tide_telemetry_scope_name(TIDE_NB_SCOPES));
	assert_null(tide_telemetry_metric(TIDE_NB_SCOPES, 0));
}

static void
names_are_unique_and_groups_stay_together(void **state)
{
	const struct tide_metric *a, *b;

	for (unsigned int s = 0; s < TIDE_NB_SCOPES; s++) {
		for (unsigned int i = 0; (a = tide_telemetry_metric(s, i)) != NULL; i++) {
			const struct tide_metric *next = tide_telemetry_metric(s, i + 1);
			bool left = next == NULL || !same(a->group, next->group);

			for (unsigned int n = i + 1; (b = tide_telemetry_metric(s, n)) != NULL;
				n++) {
				assert_false(same(a->name, b->name) && same(a->group, b->group));
				assert_false(left && a->group != NULL && same(a->group, b->group));
			}
		}
	}
}

/* Read a metric by name. */
static struct tide_metric_value
value_of(enum tide_metric_scope scope, const char *name, const void *sample)
{
	const struct tide_metric *m;

	for (unsigned int i = 0; (m = tide_telemetry_metric(scope, i)) != NULL; i++) {
		if (strcmp(m->name, name) == 0)
			return tide_telemetry_read(m, sample);
	}
	fail_msg("no metric %s", name);
	return (struct tide_metric_value){0};
}

static void
fields_of_both_sizes_are_read(void **state)
{
	const struct tide_process_sample p = {
		.ports_elsewhere = 7, .reports_lost = UINT64_C(1) << 40};

	assert_int_equal(value_of(TIDE_SCOPE_PROCESS, "ports_elsewhere", &p).count, 7);
	assert_int_equal(value_of(TIDE_SCOPE_PROCESS, "reports_lost", &p).count, UINT64_C(1) << 40);
}

static void
a_figure_that_is_missing_says_so(void **state)
{
	struct tide_port_sample port = {.now.missed = 3};
	struct tide_pool_sample pool = {.stats.failures = 4};

	assert_int_equal(value_of(TIDE_SCOPE_PORT, "missed", &port).state, TIDE_METRIC_KNOWN);
	port.now.missed = TIDE_COUNT_UNKNOWN;
	assert_int_equal(value_of(TIDE_SCOPE_PORT, "missed", &port).state, TIDE_METRIC_UNKNOWN);
	assert_int_equal(value_of(TIDE_SCOPE_PORT, "missed", &port).count, 0);
	port.now.missed = TIDE_COUNT_NONE;
	assert_int_equal(value_of(TIDE_SCOPE_PORT, "missed", &port).state, TIDE_METRIC_NONE);
	assert_int_equal(value_of(TIDE_SCOPE_POOL, "failures", &pool).state, TIDE_METRIC_NONE);
	assert_int_equal(value_of(TIDE_SCOPE_POOL, "pages", &pool).state, TIDE_METRIC_NONE);
	pool.counts = true;
	assert_int_equal(value_of(TIDE_SCOPE_POOL, "failures", &pool).count, 4);
}

/* A driver that resets its counters has made no progress. */
static void
rates_are_over_the_time_between_and_never_negative(void **state)
{
	struct tide_port_sample port = {
		.now = {.rx = 1500, .tx_bytes = 1}, .before = {.rx = 500, .tx_bytes = 1000000}};

	port.ns = 2000000000;
	assert_true(value_of(TIDE_SCOPE_PORT, "rx_pps", &port).is_real);
	assert_true(value_of(TIDE_SCOPE_PORT, "rx_pps", &port).real == 500);
	assert_true(value_of(TIDE_SCOPE_PORT, "tx_mbps", &port).real == 0);
	port.ns = 0;
	assert_true(value_of(TIDE_SCOPE_PORT, "rx_pps", &port).real == 0);
}

/* The name has a quote, which the text must escape. */
static void
prometheus_has_every_metric_that_a_mempool_has(void **state)
{
	struct rte_mempool *mp = rte_mempool_create(
		"odd\"name", 64, 64, 0, 0, NULL, NULL, NULL, NULL, SOCKET_ID_ANY, 0);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	void *object;

	assert_non_null(mp);
	assert_non_null(out);
	assert_int_equal(rte_mempool_set_ops_byname(mp, "ring_mp_mc", NULL), -EEXIST);
	assert_int_equal(rte_mempool_get(mp, &object), 0);
	assert_int_equal(tide_telemetry_prometheus(out), 0);
	fclose(out);
	assert_non_null(strstr(text, "# TYPE tide_pool_size gauge\n"
				     "tide_pool_size{pool=\"odd\\\"name\"} 64\n"));
	assert_non_null(strstr(text, "tide_pool_in_use{pool=\"odd\\\"name\"} 1\n"));
	/* The default ops count no failures, and no pool set counts spills. */
	assert_null(strstr(text, "failures"));
	assert_null(strstr(text, "spilled"));
	free(text);
	rte_mempool_put(mp, object);
	rte_mempool_free(mp);
}

static void
a_pool_is_sampled_with_what_its_ops_count(void **state)
{
	static const char *const ops[] = {"tide", "ring_mp_mc"};
	static const int node = 0;
	struct tide_pool_conf conf = {.name = "telemetry",
		.nodes = &node,
		.nb_nodes = 1,
		.buffers = 64,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
		.enforce = TIDE_ENFORCE_BEST_EFFORT};

	for (unsigned int i = 0; i < 2; i++) {
		struct tide_pool_sample sample = {.checks = 9};
		struct tide_pool *pool;
		struct rte_mbuf *m;

		conf.ops = ops[i];
		pool = tide_pool_create(&conf);
		assert_non_null(pool);
		assert_int_equal(tide_telemetry_pool(pool, 1, &sample), -ENOENT);
		assert_int_equal(sample.checks, 9);
		assert_int_equal(tide_pool_get(pool, 0, &m, 1), 0);
		assert_int_equal(tide_telemetry_pool(pool, 0, &sample), 0);
		assert_int_equal(value_of(TIDE_SCOPE_POOL, "in_use", &sample).count, 1);
		assert_int_equal(value_of(TIDE_SCOPE_POOL, "free", &sample).count, 63);
		assert_int_equal(value_of(TIDE_SCOPE_POOL, "peak", &sample).state,
			i == 0 ? TIDE_METRIC_KNOWN : TIDE_METRIC_NONE);
		assert_true(value_of(TIDE_SCOPE_POOL, "pages", &sample).count > 0);
		assert_int_equal(sample.checks, 0);
		rte_pktmbuf_free(m);
		assert_int_equal(tide_pool_free(pool), 0);
	}
}

/* The ops of a mempool have no memory before the first populate. */
static void
a_mempool_without_memory_has_neither_free_nor_used_objects(void **state)
{
	static const char *const ops[] = {"tide", "ring_mp_mc", "stack"};

	for (unsigned int i = 0; i < 3; i++) {
		struct rte_mempool *mp =
			rte_mempool_create_empty("hollow", 64, 64, 0, 0, SOCKET_ID_ANY, 0);
		struct tide_pool_sample sample;

		assert_non_null(mp);
		assert_int_equal(rte_mempool_set_ops_byname(mp, ops[i], NULL), 0);
		tide_telemetry_mempool(mp, &sample);
		assert_int_equal(value_of(TIDE_SCOPE_POOL, "size", &sample).count, 64);
		assert_int_equal(value_of(TIDE_SCOPE_POOL, "free", &sample).count, 0);
		assert_int_equal(value_of(TIDE_SCOPE_POOL, "in_use", &sample).count, 0);
		assert_int_equal(rte_mempool_populate_default(mp), 64);
		tide_telemetry_mempool(mp, &sample);
		assert_int_equal(value_of(TIDE_SCOPE_POOL, "free", &sample).count, 64);
		rte_mempool_free(mp);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_words_and_helps_are_sentences),
		cmocka_unit_test(names_are_unique_and_groups_stay_together),
		cmocka_unit_test(fields_of_both_sizes_are_read),
		cmocka_unit_test(a_figure_that_is_missing_says_so),
		cmocka_unit_test(rates_are_over_the_time_between_and_never_negative),
		cmocka_unit_test(a_pool_is_sampled_with_what_its_ops_count),
		cmocka_unit_test(a_mempool_without_memory_has_neither_free_nor_used_objects),
		cmocka_unit_test(prometheus_has_every_metric_that_a_mempool_has),
	};

	test_eal_start(false, 32, "0");
	return cmocka_run_group_tests_name("telemetry", tests, NULL, NULL);
}
