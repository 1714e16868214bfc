/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Shards on machines only a text knows: best effort puts every cell on the memory there is, under
 * the node it is for. Linked with --wrap, so that threads and lcores run where a case says, and
 * what can fail does.
 */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <numaif.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "eal.h"
#include "log.h"
#include "range.h"
#include "shard_internal.h"
#include "tide_shard.h"

/* The lcores EAL is started with; 0 is the main one. */
static const unsigned int lcores[] = {0, 1, 4, 7};

#define LCORES "0@0,1@0,4@0,7@0"

/*
 * Nodes 0 and 1005 have both; 2 is CPUs alone, nearest to 1005; 3 may not be used; 1023 is memory
 * alone. No machine is known to have those with four digits.
 */
static const char machine[] = "node 0 cpus 0-1 memory 8G distance 2:31,3:17,1005:28,1023:40\n"
			      "node 2 cpus 2 distance 0:31,3:38,1005:21,1023:38\n"
			      "node 3 cpus 3 memory 8G distance 0:17,1005:28\n"
			      "node 1005 cpus 4 memory 8G distance 0:28,2:21,1023:17\n"
			      "node 1023 memory 8G\n"
			      "allowed nodes 0,2,1005,1023\n";

static const char one_node[] = "node 0 cpus 0-1 memory 8G\n";

static struct tide_topology *topo, *one;

/* Where threads and lcores are said to run. */
#define REAL (-2)
static _Thread_local int cpu_now = REAL;
static int lcore_nodes[RTE_MAX_LCORE];

int __real_sched_getcpu(void);
int __wrap_sched_getcpu(void);
int __real_tide_topology_lcore_node(const struct tide_topology *t, unsigned int lcore_id);
int __wrap_tide_topology_lcore_node(const struct tide_topology *t, unsigned int lcore_id);

int
__wrap_sched_getcpu(void)
{
	return cpu_now == REAL ? __real_sched_getcpu() : cpu_now;
}

int
__wrap_tide_topology_lcore_node(const struct tide_topology *t, unsigned int lcore_id)
{
	int real = __real_tide_topology_lcore_node(t, lcore_id);

	if (lcore_id >= RTE_MAX_LCORE || lcore_nodes[lcore_id] == REAL ||
		rte_eal_lcore_role(lcore_id) == ROLE_OFF)
		return real;
	return lcore_nodes[lcore_id];
}

/* The kernel takes the policy and does not follow it. */
static bool mbind_idle;

long __real_mbind(void *addr, unsigned long len, int mode, const unsigned long *nodes,
	unsigned long max, unsigned int flags);
long __wrap_mbind(void *addr, unsigned long len, int mode, const unsigned long *nodes,
	unsigned long max, unsigned int flags);

long
__wrap_mbind(void *addr, unsigned long len, int mode, const unsigned long *nodes, unsigned long max,
	unsigned int flags)
{
	return mbind_idle ? 0 : __real_mbind(addr, len, mode, nodes, max, flags);
}

static bool unreadable;

struct tide_topology *__real_tide_topology_create(void);
struct tide_topology *__wrap_tide_topology_create(void);

struct tide_topology *
__wrap_tide_topology_create(void)
{
	if (!unreadable)
		return __real_tide_topology_create();
	rte_errno = EIO;
	return NULL;
}

/* Callocs until one fails; 0: none does. */
static unsigned int fails_in;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

void *
__wrap_calloc(size_t n, size_t size)
{
	if (fails_in > 0 && --fails_in == 0)
		return NULL;
	return __real_calloc(n, size);
}

static void
let_all_be(void)
{
	cpu_now = REAL;
	mbind_idle = unreadable = false;
	fails_in = 0;
	for (unsigned int i = 0; i < RTE_MAX_LCORE; i++)
		lcore_nodes[i] = REAL;
}

static int
set_up(void **state)
{
	let_all_be();
	return 0;
}

static struct tide_shard_conf
conf_of(enum tide_shard_by by, uint32_t size)
{
	return (struct tide_shard_conf){
		.name = "test",
		.topo = topo,
		.by = by,
		.size = size,
		.enforce = TIDE_ENFORCE_BEST_EFFORT,
	};
}

static struct tide_shard *
shard_of(enum tide_shard_by by, uint32_t size)
{
	struct tide_shard_conf conf = conf_of(by, size);
	struct tide_shard *shard = tide_shard_create(&conf);

	assert_non_null(shard);
	assert_int_equal(tidei_shard_check(shard), 0);
	return shard;
}

static unsigned int
count_maps(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned int lines = 0;
	int c;

	assert_non_null(f);
	while ((c = fgetc(f)) != EOF)
		lines += c == '\n';
	fclose(f);
	return lines;
}

/* Fails with that errno and those words in the log, and leaves nothing. */
static void
is_refused(const struct tide_shard_conf *conf, int err, const char *said)
{
	unsigned int maps;

	test_log_catch();
	assert_null(tide_shard_create(conf));
	assert_int_equal(rte_errno, err);
	assert_non_null(strstr(test_log_caught(), said));
	/* What the C library keeps mapped after the first time is not ours. */
	maps = count_maps();
	test_log_catch();
	assert_null(tide_shard_create(conf));
	test_log_caught();
	assert_int_equal(count_maps(), maps);
}

/* All cells in the order of the walk, and how many. */
static unsigned int
walk(const struct tide_shard *shard, struct tide_shard_cell *cells)
{
	unsigned int at = 0, n = 0;

	while (tide_shard_next(shard, &at, &cells[n]))
		n++;
	return n;
}

static void
on_cpu(int cpu, const struct tide_shard *shard, const void *cell)
{
	cpu_now = cpu;
	assert_non_null(cell);
	assert_ptr_equal(tide_shard_local(shard), cell);
	cpu_now = REAL;
}

/* Without EAL. */

static void
cells_by_lcore_need_eal(void **state)
{
	struct tide_shard_conf conf = conf_of(TIDE_SHARD_BY_LCORE, 8);

	is_refused(&conf, ENOTSUP, "rte_eal_init()");
}

static void
cells_by_node_need_no_eal(void **state)
{
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_NODE, 8);

	on_cpu(4, shard, tide_shard_on(shard, 1005));
	tide_shard_free(shard);
}

static void
no_topology_means_this_machine(void **state)
{
	struct tide_shard_conf conf = conf_of(TIDE_SHARD_BY_NODE, 8);
	struct tide_shard_cell cells[TIDE_NODE_MAX];
	struct tide_topology *here = tide_topology_create();
	struct tide_shard *shard;
	unsigned int usable = 0;

	assert_non_null(here);
	for (unsigned int i = 0; i < tide_topology_nb_nodes(here); i++)
		usable += tide_node_refusal(tide_topology_node_at(here, i)) == NULL;
	conf.topo = NULL;
	conf.enforce = TIDE_ENFORCE_STRICT;
	shard = tide_shard_create(&conf);
	assert_non_null(shard);
	assert_int_equal(tidei_shard_check(shard), 0);
	assert_int_equal(walk(shard, cells), usable);
	for (unsigned int i = 0; i < usable; i++) {
		const struct tide_placement *found = cells[i].placement;

		assert_int_equal(found->requested, cells[i].node);
		assert_int_equal(found->local, found->pages);
		assert_int_equal(found->backing, TIDE_BACKING_OWN);
	}
	assert_non_null(tide_shard_local(shard));
	tide_shard_free(shard);
	tide_topology_free(here);
}

static void
bad_wishes_are_refused_with_einval(void **state)
{
	struct tide_shard_conf conf = conf_of(TIDE_SHARD_BY_NODE, 0);

	is_refused(&conf, EINVAL, "cells of 0 bytes");
	conf.size = TIDE_SHARD_SIZE_MAX + 1;
	is_refused(&conf, EINVAL, "cells of 1048577 bytes");
	conf.size = UINT32_MAX;
	is_refused(&conf, EINVAL, "cells of 4294967295 bytes");
	conf = conf_of((enum tide_shard_by)2, 8);
	is_refused(&conf, EINVAL, "neither by node nor by lcore");
	conf = conf_of((enum tide_shard_by) - 1, 8);
	is_refused(&conf, EINVAL, "neither by node nor by lcore");
	conf = conf_of(TIDE_SHARD_BY_NODE, 8);
	conf.enforce = (enum tide_enforce)2;
	is_refused(&conf, EINVAL, "enforcement");
	conf = conf_of(TIDE_SHARD_BY_NODE, 8);
	conf.name = "a name of thirty-two characters.";
	is_refused(&conf, EINVAL, "31 characters");
	conf.name = "a name of thirty-one characters";
	tide_shard_free(tide_shard_create(&conf));
	tide_shard_free(NULL);
}

static void
each_size_is_rounded_up_and_every_cell_zeroed_apart_and_aligned(void **state)
{
	static const struct {
		uint32_t size, rounded;
	} cases[] = {{1, 128}, {127, 128}, {128, 128}, {129, 256}, {4096, 4096}, {4097, 4224},
		{TIDE_SHARD_SIZE_MAX - 1, TIDE_SHARD_SIZE_MAX},
		{TIDE_SHARD_SIZE_MAX, TIDE_SHARD_SIZE_MAX}};
	struct tide_shard_cell cells[TIDE_NODE_MAX];

	for (unsigned int i = 0; i < RTE_DIM(cases); i++) {
		struct tide_shard *shard = shard_of(TIDE_SHARD_BY_NODE, cases[i].size);
		unsigned int n = walk(shard, cells);

		assert_int_equal(tide_shard_size(shard), cases[i].rounded);
		assert_int_equal(n, 3);
		for (unsigned int k = 0; k < n; k++) {
			unsigned char *cell = cells[k].cell;

			assert_int_equal((uintptr_t)cell % TIDE_SHARD_ALIGN, 0);
			for (uint32_t b = 0; b < cases[i].rounded; b++)
				assert_int_equal(cell[b], 0);
			/* The next one would see this if it began too early. */
			memset(cell, 0xff, cases[i].rounded);
		}
		tide_shard_free(shard);
	}
}

static void
nodes_that_may_give_memory_have_a_cell_and_no_others(void **state)
{
	static const int nodes[] = {0, 1005, 1023};
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_NODE, 8);
	struct tide_shard_cell cells[TIDE_NODE_MAX], kept;
	unsigned int at = 99;

	assert_int_equal(walk(shard, cells), RTE_DIM(nodes));
	for (unsigned int i = 0; i < RTE_DIM(nodes); i++) {
		assert_int_equal(cells[i].node, nodes[i]);
		assert_int_equal(cells[i].lcore_id, LCORE_ID_ANY);
		assert_int_equal(cells[i].placement->requested, nodes[i]);
		assert_ptr_equal(tide_shard_on(shard, nodes[i]), cells[i].cell);
	}
	assert_null(tide_shard_on(shard, 2));
	assert_null(tide_shard_on(shard, 3));
	assert_null(tide_shard_on(shard, 4));
	assert_null(tide_shard_on(shard, TIDE_NODE_UNKNOWN));
	assert_null(tide_shard_on(shard, TIDE_NODE_MAX));
	assert_null(tide_shard_for_lcore(shard, 0));
	assert_null(tide_shard_for_lcore(shard, LCORE_ID_ANY));
	kept = cells[1];
	assert_false(tide_shard_next(shard, &at, &cells[1]));
	assert_int_equal(at, 99);
	assert_memory_equal(&cells[1], &kept, sizeof(kept));
	tide_shard_free(shard);
}

static void
threads_without_an_lcore_id_go_by_the_cpu_they_run_on(void **state)
{
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_NODE, 8);

	on_cpu(1, shard, tide_shard_on(shard, 0));
	on_cpu(4, shard, tide_shard_on(shard, 1005));
	/* Node 2 has no memory and 1005 is its nearest; node 3 may not be used and 0 is. */
	on_cpu(2, shard, tide_shard_on(shard, 1005));
	on_cpu(3, shard, tide_shard_on(shard, 0));
	/* An unknown CPU, and a kernel that does not report it. */
	on_cpu(77, shard, tide_shard_on(shard, 0));
	on_cpu(TIDE_CPU_MAX, shard, tide_shard_on(shard, 0));
	on_cpu(-1, shard, tide_shard_on(shard, 0));
	tide_shard_free(shard);
}

static void
best_effort_falls_to_memory_there_is_and_says_so(void **state)
{
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_NODE, 8);
	struct tide_shard_cell cells[TIDE_NODE_MAX];

	assert_int_equal(walk(shard, cells), 3);
	assert_int_equal(cells[0].placement->found[0].node, 0);
	assert_string_equal(cells[0].placement->reason, "");
	assert_int_equal(cells[2].node, 1023);
	assert_uint_in_range(cells[2].placement->found[0].node, 0, 1022);
	assert_string_not_equal(cells[2].placement->reason, "");
	tide_shard_free(shard);
}

static void
strict_refuses_a_node_this_machine_does_not_have(void **state)
{
	struct tide_shard_conf conf = conf_of(TIDE_SHARD_BY_NODE, 8);

	conf.enforce = TIDE_ENFORCE_STRICT;
	conf.topo = one;
	tide_shard_free(tide_shard_create(&conf));
	conf.topo = topo;
	is_refused(&conf, EPERM, "128 bytes on node 1005");
}

static void
strict_refuses_pages_that_lie_elsewhere_with_exdev(void **state)
{
	struct tide_shard_conf conf = conf_of(TIDE_SHARD_BY_NODE, 8);

	conf.enforce = TIDE_ENFORCE_STRICT;
	mbind_idle = true;
	is_refused(&conf, EXDEV, "128 bytes on node ");
}

static void
no_memory_that_may_be_used_is_enomem(void **state)
{
	struct tide_shard_conf conf = conf_of(TIDE_SHARD_BY_NODE, 8);
	struct tide_topology *barred =
		tide_topology_parse("node 0 cpus 0 memory 1G\nnode 1 cpus 1\nallowed nodes 1\n");

	assert_non_null(barred);
	conf.topo = barred;
	is_refused(&conf, ENOMEM, "of 2 node(s) none has memory this process may use");
	tide_topology_free(barred);
}

static void
a_machine_that_cannot_be_read_is_eio(void **state)
{
	struct tide_shard_conf conf = conf_of(TIDE_SHARD_BY_NODE, 8);

	conf.topo = NULL;
	unreadable = true;
	assert_null(tide_shard_create(&conf));
	assert_int_equal(rte_errno, EIO);
}

static void
an_allocation_that_fails_is_enomem_and_leaves_nothing(void **state)
{
	struct tide_shard_conf conf = conf_of(TIDE_SHARD_BY_NODE, 8);
	struct tide_shard *shard = NULL;
	unsigned int maps = count_maps(), k = 0;

	conf.topo = NULL;
	conf.enforce = TIDE_ENFORCE_STRICT;
	test_log_catch();
	do {
		rte_errno = 0;
		fails_in = ++k;
		shard = tide_shard_create(&conf);
		if (shard == NULL)
			assert_int_equal(rte_errno, ENOMEM);
	} while (shard == NULL);
	fails_in = 0;
	test_log_caught();
	/* The shard and its list of regions at least. */
	assert_true(k > 2);
	tide_shard_free(shard);
	assert_true(count_maps() <= maps + 1);
}

struct counters {
	uint64_t first, second;
};

#define THREADS 4
#define ADDS    100000

static pthread_barrier_t ready;

static void *
add_often(void *arg)
{
	const struct tide_shard *shard = arg;

	pthread_barrier_wait(&ready);

	/* The CPU is said to change all the time. */
	for (unsigned int i = 0; i < ADDS; i++) {
		struct counters *cell;

		cpu_now = (int)(i % 5);
		cell = tide_shard_local(shard);
		tide_shard_add(&cell->first, 1);
		tide_shard_add(&cell->second, 3);
	}
	return NULL;
}

static void
sums_of_many_threads_are_exact_at_rest(void **state)
{
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_NODE, sizeof(struct counters));
	struct tide_shard_cell cells[TIDE_NODE_MAX];
	pthread_t threads[THREADS];
	uint64_t sum = 0;
	unsigned int n;

	assert_int_equal(pthread_barrier_init(&ready, NULL, THREADS), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_often, shard), 0);
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	pthread_barrier_destroy(&ready);
	assert_int_equal(tide_shard_sum(shard, 0), THREADS * ADDS);
	assert_int_equal(
		tide_shard_sum(shard, offsetof(struct counters, second)), 3 * THREADS * ADDS);
	n = walk(shard, cells);
	for (unsigned int i = 0; i < n; i++)
		sum += tide_shard_read(cells[i].cell);
	assert_int_equal(sum, THREADS * ADDS);
	/* CPUs 0, 1 and 3 are for node 0, 2 and 4 for node 1005; none is for 1023. */
	assert_int_equal(tide_shard_read(tide_shard_on(shard, 0)), THREADS * ADDS / 5 * 3);
	assert_int_equal(tide_shard_read(tide_shard_on(shard, 1005)), THREADS * ADDS / 5 * 2);
	assert_int_equal(tide_shard_read(tide_shard_on(shard, 1023)), 0);
	tide_shard_free(shard);
}

static void
an_offset_that_is_no_counter_in_the_cell_sums_to_0(void **state)
{
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_NODE, 129);
	struct tide_shard_cell cells[TIDE_NODE_MAX];
	unsigned int n = walk(shard, cells);

	for (unsigned int i = 0; i < n; i++)
		memset(cells[i].cell, 0xff, tide_shard_size(shard));
	/* The bytes rounded up to are the caller's too. */
	assert_int_equal(tide_shard_sum(shard, 248), 0 - (uint64_t)n);
	assert_int_equal(tide_shard_sum(shard, 256), 0);
	assert_int_equal(tide_shard_sum(shard, 249), 0);
	assert_int_equal(tide_shard_sum(shard, 1), 0);
	assert_int_equal(tide_shard_sum(shard, 4), 0);
	assert_int_equal(tide_shard_sum(shard, SIZE_MAX), 0);
	assert_int_equal(tide_shard_sum(shard, SIZE_MAX - 7), 0);
	tide_shard_free(shard);
}

static void
a_sum_wraps(void **state)
{
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_NODE, 8);
	uint64_t *counter = tide_shard_on(shard, 0);

	tide_shard_add(counter, UINT64_MAX);
	tide_shard_add(tide_shard_on(shard, 1005), 3);
	assert_int_equal(tide_shard_sum(shard, 0), 2);
	tide_shard_add_own(counter, 1);
	assert_int_equal(tide_shard_read(counter), 0);
	tide_shard_free(shard);
}

static void
the_check_sees_what_is_out_of_order(void **state)
{
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_NODE, 8);
	struct tidei_shard *s = (struct tidei_shard *)shard;
	struct tide_shard_cell first = s->cells[0], second = s->cells[1];
	const struct tide_shard_cell *near = s->near[2];

	s->cells[1].cell = (char *)second.cell + 8;
	assert_int_equal(tidei_shard_check(shard), -EINVAL);
	s->cells[1].cell = first.cell;
	assert_int_equal(tidei_shard_check(shard), -EINVAL);
	s->cells[1] = first;
	s->cells[0] = second;
	assert_int_equal(tidei_shard_check(shard), -EINVAL);
	s->cells[0] = first;
	s->cells[1] = second;
	s->near[2] = NULL;
	assert_int_equal(tidei_shard_check(shard), -EINVAL);
	s->near[2] = near;
	s->near[1005] = s->near[0];
	assert_int_equal(tidei_shard_check(shard), -EINVAL);
	s->near[0] = &s->cells[1];
	s->near[1005] = &s->cells[0];
	s->cells[0] = second;
	s->cells[1] = first;
	assert_int_equal(tidei_shard_check(shard), -EINVAL);
	s->near[0] = &s->cells[0];
	s->near[1005] = &s->cells[1];
	s->cells[0] = first;
	s->cells[1] = second;
	shard->local[1] = &first;
	assert_int_equal(tidei_shard_check(shard), -EINVAL);
	shard->local[1] = NULL;
	assert_int_equal(tidei_shard_check(shard), 0);
	tide_shard_free(shard);
}

/* With EAL. */

static void
put_lcores_on_nodes(void)
{
	lcore_nodes[0] = 1005;
	lcore_nodes[1] = 0;
	lcore_nodes[4] = TIDE_NODE_UNKNOWN;
	lcore_nodes[7] = 1005;
}

static void
each_lcore_has_a_cell_and_all_other_threads_one(void **state)
{
	/* Lcore 4 has no node, nor have other threads: they go where the main lcore is. */
	static const int nodes[] = {1005, 0, 1005, 1005, 1005};
	struct tide_shard_cell cells[RTE_MAX_LCORE + 1];
	struct tide_shard *shard;
	unsigned int i;

	put_lcores_on_nodes();
	shard = shard_of(TIDE_SHARD_BY_LCORE, 8);
	assert_int_equal(walk(shard, cells), RTE_DIM(lcores) + 1);
	for (i = 0; i < RTE_DIM(nodes); i++) {
		unsigned int id = i < RTE_DIM(lcores) ? lcores[i] : LCORE_ID_ANY;

		assert_int_equal(cells[i].lcore_id, id);
		assert_int_equal(cells[i].node, nodes[i]);
		assert_int_equal(cells[i].placement->requested, nodes[i]);
		assert_ptr_equal(tide_shard_for_lcore(shard, id), cells[i].cell);
	}
	/* Cells of a node lie together. */
	assert_ptr_equal(cells[0].placement, cells[3].placement);
	assert_ptr_not_equal(cells[0].placement, cells[1].placement);
	assert_null(tide_shard_for_lcore(shard, 2));
	assert_null(tide_shard_for_lcore(shard, RTE_MAX_LCORE - 1));
	assert_null(tide_shard_for_lcore(shard, RTE_MAX_LCORE));
	assert_null(tide_shard_for_lcore(shard, LCORE_ID_ANY - 1));
	assert_null(tide_shard_on(shard, 0));
	assert_null(tide_shard_on(shard, 1005));
	assert_null(tide_shard_on(shard, TIDE_NODE_UNKNOWN));
	tide_shard_free(shard);
}

static void
cells_of_lcores_on_one_node_do_not_overlap(void **state)
{
	struct tide_shard_cell cells[RTE_MAX_LCORE + 1];
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_LCORE, 129);
	unsigned int i, n = walk(shard, cells);

	for (i = 0; i < n; i++) {
		assert_int_equal((uintptr_t)cells[i].cell % TIDE_SHARD_ALIGN, 0);
		for (size_t b = 0; b < 256; b++)
			assert_int_equal(((unsigned char *)cells[i].cell)[b], 0);
	}
	for (i = 0; i < n; i++)
		memset(cells[i].cell, (int)i + 1, 256);
	for (i = 0; i < n; i++) {
		for (size_t b = 0; b < 256; b++)
			assert_int_equal(((unsigned char *)cells[i].cell)[b], i + 1);
	}
	/* Behind a cell begins the next. */
	assert_int_not_equal(tide_shard_sum(shard, 248), 0);
	assert_int_equal(tide_shard_sum(shard, 256), 0);
	tide_shard_free(shard);
}

static void
a_main_lcore_without_a_node_means_any_node(void **state)
{
	struct tide_shard_conf conf = conf_of(TIDE_SHARD_BY_LCORE, 8);
	struct tide_shard_cell cells[RTE_MAX_LCORE + 1];
	struct tide_shard *shard;

	for (unsigned int i = 0; i < RTE_DIM(lcores); i++)
		lcore_nodes[lcores[i]] = TIDE_NODE_UNKNOWN;
	conf.topo = one;
	conf.enforce = TIDE_ENFORCE_STRICT;
	shard = tide_shard_create(&conf);
	assert_non_null(shard);
	assert_int_equal(tidei_shard_check(shard), 0);
	assert_int_equal(walk(shard, cells), RTE_DIM(lcores) + 1);
	for (unsigned int i = 0; i <= RTE_DIM(lcores); i++) {
		assert_int_equal(cells[i].node, TIDE_NODE_UNKNOWN);
		assert_int_equal(cells[i].placement->local, cells[i].placement->pages);
	}
	tide_shard_free(shard);
}

static void
strict_by_lcore_on_a_node_without_memory_is_enomem(void **state)
{
	struct tide_shard_conf conf = conf_of(TIDE_SHARD_BY_LCORE, 8);
	struct tide_shard_cell cells[RTE_MAX_LCORE + 1];
	struct tide_shard *shard;

	conf.enforce = TIDE_ENFORCE_STRICT;
	for (unsigned int i = 0; i < RTE_DIM(lcores); i++)
		lcore_nodes[lcores[i]] = 0;
	lcore_nodes[7] = 2;
	is_refused(&conf, ENOMEM, "node 2 cannot give memory");
	lcore_nodes[7] = 3;
	is_refused(&conf, EPERM, "node 3 cannot give memory");
	shard = shard_of(TIDE_SHARD_BY_LCORE, 8);
	assert_int_equal(walk(shard, cells), RTE_DIM(lcores) + 1);
	assert_int_equal(cells[3].node, 3);
	tide_shard_free(shard);
}

#define ROUNDS 1000

/* What one lcore or thread saw. */
struct seen {
	const struct tide_shard *shard;
	void *cell; /* The same each time, else NULL. */
};

static int
look(void *arg)
{
	struct seen *seen = arg;

	seen->cell = tide_shard_local(seen->shard);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		/* Where it runs now is not asked. */
		cpu_now = (int)(i % 5);
		if (tide_shard_local(seen->shard) != seen->cell)
			seen->cell = NULL;
	}
	cpu_now = REAL;
	return 0;
}

static void *
look_as_a_thread(void *arg)
{
	struct seen *seen = arg;

	look(seen);
	return NULL;
}

static void *
look_as_registered(void *arg)
{
	struct seen *seen = arg;

	if (rte_thread_register() == 0) {
		look(seen);
		rte_thread_unregister();
	}
	return NULL;
}

static void *
seen_by_lcore(const struct tide_shard *shard, unsigned int lcore_id)
{
	struct seen seen = {.shard = shard};

	if (lcore_id == rte_get_main_lcore()) {
		look(&seen);
	} else {
		assert_int_equal(rte_eal_remote_launch(look, &seen, lcore_id), 0);
		rte_eal_wait_lcore(lcore_id);
	}
	return seen.cell;
}

static void *
seen_by_thread(const struct tide_shard *shard, void *(*look_as)(void *arg))
{
	struct seen seen = {.shard = shard};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, look_as, &seen), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	return seen.cell;
}

static void
an_lcore_finds_its_own_cell_each_time(void **state)
{
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_LCORE, 8);

	for (unsigned int i = 0; i < RTE_DIM(lcores); i++) {
		void *cell = seen_by_lcore(shard, lcores[i]);

		assert_non_null(cell);
		assert_ptr_equal(cell, tide_shard_for_lcore(shard, lcores[i]));
		assert_ptr_not_equal(cell, tide_shard_for_lcore(shard, LCORE_ID_ANY));
	}
	tide_shard_free(shard);
}

static void
an_lcore_finds_the_cell_of_its_node_each_time(void **state)
{
	struct tide_shard *shard;

	put_lcores_on_nodes();
	lcore_nodes[7] = 2;
	shard = shard_of(TIDE_SHARD_BY_NODE, 8);
	assert_ptr_equal(seen_by_lcore(shard, 0), tide_shard_on(shard, 1005));
	assert_ptr_equal(seen_by_lcore(shard, 1), tide_shard_on(shard, 0));
	assert_ptr_equal(seen_by_lcore(shard, 7), tide_shard_on(shard, 1005));
	/* On CPUs of several nodes: it goes by the CPU, as threads do, and does not stay. */
	assert_null(seen_by_lcore(shard, 4));
	assert_null(shard->local[4]);
	assert_non_null(shard->local[7]);
	tide_shard_free(shard);
}

static void
threads_without_a_cell_share_one_by_lcore(void **state)
{
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_LCORE, 8);
	void *others = tide_shard_for_lcore(shard, LCORE_ID_ANY);

	assert_non_null(others);
	assert_ptr_equal(seen_by_thread(shard, look_as_a_thread), others);
	/* Its id came after the shard. */
	assert_ptr_equal(seen_by_thread(shard, look_as_registered), others);
	tide_shard_free(shard);
}

static void *
make_as_registered(void *arg)
{
	struct tide_shard **shards = arg;

	if (rte_thread_register() != 0)
		return NULL;
	shards[0] = shard_of(TIDE_SHARD_BY_LCORE, 8);
	shards[1] = shard_of(TIDE_SHARD_BY_NODE, 8);
	rte_thread_unregister();
	return NULL;
}

static void
an_id_that_threads_may_take_in_turn_does_not_tell_the_node(void **state)
{
	struct tide_shard_cell cells[RTE_MAX_LCORE + 1];
	struct tide_shard *shards[2] = {NULL};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, make_as_registered, shards), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_non_null(shards[0]);
	assert_non_null(shards[1]);
	/* By lcore the id has a cell for its current owner: lcore 2 is the first free id. */
	assert_int_equal(walk(shards[0], cells), RTE_DIM(lcores) + 2);
	assert_int_equal(cells[2].lcore_id, 2);
	assert_ptr_equal(seen_by_thread(shards[0], look_as_registered), cells[2].cell);
	/* By node it depends on where that one runs. */
	assert_null(shards[1]->local[2]);
	assert_non_null(shards[1]->local[0]);
	tide_shard_free(shards[0]);
	tide_shard_free(shards[1]);
}

static int
add_to_own(void *arg)
{
	const struct tide_shard *shard = arg;
	struct counters *cell = tide_shard_local(shard);

	for (unsigned int i = 0; i < ADDS; i++) {
		tide_shard_add_own(&cell->first, 1);
		tide_shard_add_own(&cell->second, 2);
	}
	return 0;
}

static void
one_writer_per_lcore_needs_no_atomics_to_be_exact(void **state)
{
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_LCORE, sizeof(struct counters));
	uint64_t before = 0, now;
	bool working = true;

	for (unsigned int i = 1; i < RTE_DIM(lcores); i++)
		assert_int_equal(rte_eal_remote_launch(add_to_own, shard, lcores[i]), 0);
	/* A sum that is taken meanwhile never goes back. */
	while (working) {
		working = false;
		for (unsigned int i = 1; i < RTE_DIM(lcores); i++)
			working = working || rte_eal_get_lcore_state(lcores[i]) == RUNNING;
		now = tide_shard_sum(shard, 0);
		assert_true(now >= before);
		before = now;
		sched_yield();
	}
	rte_eal_mp_wait_lcore();
	add_to_own(shard);
	assert_int_equal(tide_shard_sum(shard, 0), RTE_DIM(lcores) * ADDS);
	assert_int_equal(tide_shard_sum(shard, offsetof(struct counters, second)),
		2 * RTE_DIM(lcores) * ADDS);
	for (unsigned int i = 0; i < RTE_DIM(lcores); i++)
		assert_int_equal(tide_shard_read(tide_shard_for_lcore(shard, lcores[i])), ADDS);
	assert_int_equal(tide_shard_read(tide_shard_for_lcore(shard, LCORE_ID_ANY)), 0);
	tide_shard_free(shard);
}

static void
the_check_sees_lcores_that_come_to_a_wrong_cell(void **state)
{
	struct tide_shard *shard = shard_of(TIDE_SHARD_BY_LCORE, 8);
	struct tidei_shard *s = (struct tidei_shard *)shard;
	void *own = shard->local[4], *second = shard->local[1];

	/* Lcores 0 and 1 with one cell between them. */
	s->cells[1].cell = shard->local[1] = s->cells[0].cell;
	assert_int_equal(tidei_shard_check(shard), -EINVAL);
	s->cells[1].cell = shard->local[1] = second;
	shard->local[4] = shard->local[1];
	assert_int_equal(tidei_shard_check(shard), -EINVAL);
	shard->local[4] = NULL;
	assert_int_equal(tidei_shard_check(shard), -EINVAL);
	shard->local[4] = own;
	/* No thread has id 2. */
	shard->local[2] = own;
	assert_int_equal(tidei_shard_check(shard), -EINVAL);
	shard->local[2] = NULL;
	assert_int_equal(tidei_shard_check(shard), 0);
	tide_shard_free(shard);
}

#define CASE(claim) cmocka_unit_test_setup(claim, set_up)

int
main(void)
{
	const struct CMUnitTest without_eal[] = {
		CASE(cells_by_lcore_need_eal),
		CASE(cells_by_node_need_no_eal),
		CASE(no_topology_means_this_machine),
		CASE(bad_wishes_are_refused_with_einval),
		CASE(each_size_is_rounded_up_and_every_cell_zeroed_apart_and_aligned),
		CASE(nodes_that_may_give_memory_have_a_cell_and_no_others),
		CASE(threads_without_an_lcore_id_go_by_the_cpu_they_run_on),
		CASE(best_effort_falls_to_memory_there_is_and_says_so),
		CASE(strict_refuses_a_node_this_machine_does_not_have),
		CASE(strict_refuses_pages_that_lie_elsewhere_with_exdev),
		CASE(no_memory_that_may_be_used_is_enomem),
		CASE(a_machine_that_cannot_be_read_is_eio),
		CASE(an_allocation_that_fails_is_enomem_and_leaves_nothing),
		CASE(sums_of_many_threads_are_exact_at_rest),
		CASE(an_offset_that_is_no_counter_in_the_cell_sums_to_0),
		CASE(a_sum_wraps),
		CASE(the_check_sees_what_is_out_of_order),
	};
	const struct CMUnitTest with_eal[] = {
		CASE(each_lcore_has_a_cell_and_all_other_threads_one),
		CASE(cells_of_lcores_on_one_node_do_not_overlap),
		CASE(a_main_lcore_without_a_node_means_any_node),
		CASE(strict_by_lcore_on_a_node_without_memory_is_enomem),
		CASE(an_lcore_finds_its_own_cell_each_time),
		CASE(an_lcore_finds_the_cell_of_its_node_each_time),
		CASE(threads_without_a_cell_share_one_by_lcore),
		CASE(an_id_that_threads_may_take_in_turn_does_not_tell_the_node),
		CASE(one_writer_per_lcore_needs_no_atomics_to_be_exact),
		CASE(the_check_sees_lcores_that_come_to_a_wrong_cell),
	};
	int ret;

	let_all_be();
	topo = tide_topology_parse(machine);
	one = tide_topology_parse(one_node);
	if (topo == NULL || one == NULL)
		return 1;
	ret = cmocka_run_group_tests(without_eal, NULL, NULL);
	test_eal_start(false, 64, LCORES);
	ret += cmocka_run_group_tests(with_eal, NULL, NULL);
	tide_topology_free(topo);
	tide_topology_free(one);
	return ret;
}
