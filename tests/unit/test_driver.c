/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Tests the tide ops behind rte_mempool: populate in pieces, misuse, threads, registration. */

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mempool.h>
#include <rte_string_fns.h>

#include "eal.h"
#include "layout.h"
#include "log.h"
#include "mempool_tide_internal.h"
#include "tide_mempool.h"

/* Objects may cross pages: a piece of memory has as many as fit. */
#define ACROSS RTE_MEMPOOL_F_NO_IOVA_CONTIG

/* Make an empty mempool with the tide ops; the caller populates it. */
static struct rte_mempool *
make_empty(const char *name, unsigned int n, unsigned int elt_size, unsigned int cache,
	unsigned int flags)
{
	struct rte_mempool *mp =
		rte_mempool_create_empty(name, n, elt_size, cache, 0, SOCKET_ID_ANY, flags);

	assert_non_null(mp);
	assert_int_equal(rte_mempool_set_ops_byname(mp, TIDE_MEMPOOL_OPS, NULL), 0);
	return mp;
}

static struct rte_mempool *
make(const char *name, unsigned int n, unsigned int elt_size, unsigned int cache)
{
	struct rte_mempool *mp = make_empty(name, n, elt_size, cache, 0);

	assert_int_equal(rte_mempool_populate_default(mp), n);
	return mp;
}

static void
done(struct rte_mempool *mp)
{
	const char *wrong;

	if (tide_mempool_check(mp, &wrong) != 0)
		fail_msg("%s", wrong);
	rte_mempool_free(mp);
}

static void
every_object_comes_from_one_thread_at_each_size(void **state)
{
	static const unsigned int sizes[] = {1, 63, 64, 65, 4097};
	static const unsigned int elts[] = {8, 24, 64, 100, 2176, 65536};

	for (size_t i = 0; i < RTE_DIM(sizes) * RTE_DIM(elts); i++) {
		unsigned int n = sizes[i % RTE_DIM(sizes)], elt = elts[i / RTE_DIM(sizes)];
		void **objs, *more;
		struct rte_mempool *mp;

		if ((size_t)n * elt > 64 << 20)
			continue;
		mp = make("every", n, elt, 0);
		objs = calloc(n, sizeof(*objs));
		assert_int_equal(rte_mempool_get_bulk(mp, objs, n), 0);
		for (unsigned int k = 0; k < n; k++)
			memset(objs[k], 0x5a, elt);
		assert_int_equal(rte_mempool_get(mp, &more), -ENOBUFS);
		assert_int_equal(rte_mempool_avail_count(mp), 0);
		rte_mempool_put_bulk(mp, objs, n);
		assert_int_equal(rte_mempool_avail_count(mp), n);
		free(objs);
		done(mp);
	}
}

static void
regions_of_any_size_and_start_become_one_pool(void **state)
{
	/* Pieces for less than one object to many, at unaligned starts. */
	static const unsigned int pieces[] = {16, 1, 0, 3, 100, 16, 7, 16, 64, 200};
	struct rte_mempool *mp = make_empty("pieces", 423, 200, 0, ACROSS);
	size_t stride = mp->header_size + mp->elt_size + mp->trailer_size;
	char *mem[RTE_DIM(pieces)];
	void *objs[423];

	for (size_t i = 0; i < RTE_DIM(pieces); i++) {
		size_t len = pieces[i] * stride + 40;
		int ret;

		mem[i] = rte_malloc(NULL, len + 128, 0);
		assert_non_null(mem[i]);
		ret = rte_mempool_populate_iova(mp, mem[i] + 3, RTE_BAD_IOVA, len + 61, NULL, NULL);
		assert_int_equal(ret, pieces[i]);
	}
	assert_int_equal(mp->populated_size, 423);
	assert_int_equal(rte_mempool_get_bulk(mp, objs, 423), 0);
	for (size_t i = 0; i < 423; i++) {
		assert_ptr_equal(rte_mempool_from_obj(objs[i]), mp);
		memset(objs[i], 0xff, 200);
	}
	rte_mempool_put_bulk(mp, objs, 423);
	assert_int_equal(rte_mempool_avail_count(mp), 423);
	done(mp);
	for (size_t i = 0; i < RTE_DIM(pieces); i++)
		rte_free(mem[i]);
}

static void
an_allocator_that_does_not_fit_in_memory_is_enomem_and_leaves_nothing(void **state)
{
	struct rte_malloc_socket_stats before, after;
	struct rte_mempool *mp;
	int ret;

	assert_int_equal(rte_malloc_get_socket_stats(0, &before), 0);
	/* 128 M objects need an allocator of gigabytes; this process has 256 MB. */
	mp = make_empty("toolarge", 1 << 27, 8, 0, 0);
	ret = rte_mempool_populate_default(mp);
	assert_int_equal(ret, -ENOMEM);
	rte_mempool_free(mp);
	assert_int_equal(rte_malloc_get_socket_stats(0, &after), 0);
	assert_int_equal(after.heap_allocsz_bytes, before.heap_allocsz_bytes);
}

static void
populate_that_fails_half_way_says_how_much_it_added(void **state)
{
	struct rte_mempool *mp = make_empty("halfway", 60, 1400, 0, 0);
	size_t page_size, per;
	void *objs[60];
	char *mem;

	assert_int_equal(rte_mempool_get_page_size(mp, &page_size), 0);
	if (page_size == 0 || page_size > 1 << 16) {
		rte_mempool_free(mp);
		skip();
	}
	per = page_size / (mp->header_size + mp->elt_size + mp->trailer_size);
	mem = rte_malloc(NULL, 3 * page_size, (unsigned int)page_size);
	assert_non_null(mem);
	assert_int_equal(
		rte_mempool_populate_iova(mp, mem + page_size, RTE_BAD_IOVA, page_size, NULL, NULL),
		per);
	/* The second page of three is in the mempool already. */
	assert_int_equal(
		rte_mempool_populate_iova(mp, mem, RTE_BAD_IOVA, 3 * page_size, NULL, NULL), per);
	assert_int_equal(mp->populated_size, 2 * per);
	assert_int_equal(rte_mempool_get_bulk(mp, objs, (unsigned int)(2 * per)), 0);
	rte_mempool_put_bulk(mp, objs, (unsigned int)(2 * per));
	done(mp);
	rte_free(mem);
}

static void
populate_of_a_region_already_there_is_refused(void **state)
{
	struct rte_mempool *mp = make_empty("twice", 20, 200, 0, ACROSS);
	char *mem = rte_malloc(NULL, 1 << 16, 64);
	size_t len = 10 * (size_t)(mp->header_size + mp->elt_size + mp->trailer_size);

	assert_int_equal(rte_mempool_populate_iova(mp, mem, RTE_BAD_IOVA, len, NULL, NULL), 10);
	assert_int_equal(
		rte_mempool_populate_iova(mp, mem, RTE_BAD_IOVA, len, NULL, NULL), -EINVAL);
	assert_int_equal(rte_mempool_avail_count(mp), 10);
	done(mp);
	rte_free(mem);
}

static void
a_pool_whose_memory_was_dropped_can_be_populated_again(void **state)
{
	/* Pages of 12 objects: this process has pages of 4 KB, and no object crosses a page. */
	struct rte_mempool *mp = make_empty("again", 120, 200, 0, 0);
	char *mem = rte_malloc(NULL, 10 * 4096, 4096);
	void *objs[120];

	/* By descending address, so that each page is a segment; then one page again, which fails. */
	for (int i = 9; i > 0; i--)
		assert_int_equal(rte_mempool_populate_iova(
					 mp, mem + i * 4096, RTE_BAD_IOVA, 4096, NULL, NULL),
			12);
	assert_int_equal(
		rte_mempool_populate_virt(mp, mem + 4096, 4096, 4096, NULL, NULL), -EINVAL);
	assert_int_equal(mp->nb_mem_chunks, 0);
	assert_int_equal(
		rte_mempool_populate_iova(mp, mem, RTE_BAD_IOVA, 10 * 4096, NULL, NULL), 120);
	assert_int_equal(rte_mempool_get_bulk(mp, objs, 120), 0);
	rte_mempool_put_bulk(mp, objs, 120);
	done(mp);
	rte_free(mem);
}

static void
misuse_is_counted_and_the_pool_stays_whole(void **state)
{
	struct rte_mempool *mp = make("misuse", 100, 200, 0), *other = make("other", 10, 200, 0);
	struct tide_mempool_stats stats;
	void *objs[100], *foreign, *inside;

	assert_int_equal(rte_mempool_get_bulk(mp, objs, 100), 0);
	assert_int_equal(rte_mempool_get(other, &foreign), 0);
	inside = (char *)objs[5] + 8;
	rte_mempool_ops_enqueue_bulk(mp, &foreign, 1);
	rte_mempool_ops_enqueue_bulk(mp, &inside, 1);
	rte_mempool_ops_enqueue_bulk(mp, objs, 100);
	rte_mempool_ops_enqueue_bulk(mp, objs, 3);
	assert_int_equal(rte_mempool_avail_count(mp), 100);
	assert_int_equal(tide_mempool_stats(mp, &stats), 0);
	assert_int_equal(stats.double_free, 3);
	assert_int_equal(stats.foreign, 1);
	assert_int_equal(stats.misaligned, 1);
	assert_int_equal(stats.failures, 0);
	rte_mempool_put(other, foreign);
	done(other);
	done(mp);
}

/* Count how often a text contains another. */
static unsigned int
times(const char *text, const char *wanted)
{
	unsigned int n = 0;

	for (; (text = strstr(text, wanted)) != NULL; text++)
		n++;
	return n;
}

static void
each_misuse_is_logged_when_asked_for(void **state)
{
	struct rte_mempool *mp = make("logeach", 10, 200, 0);
	void *objs[3], *foreign = objs;

	assert_int_equal(rte_mempool_get_bulk(mp, objs, 3), 0);
	rte_mempool_ops_enqueue_bulk(mp, objs, 3);
	test_log_catch();
	rte_mempool_ops_enqueue_bulk(mp, objs, 2);
	rte_mempool_ops_enqueue_bulk(mp, objs, 2);
	assert_int_equal(times(test_log_caught(), "was freed though it is free"), 1);
	assert_int_equal(tide_mempool_set_misuse(mp, TIDE_MISUSE_LOG), 0);
	test_log_catch();
	rte_mempool_ops_enqueue_bulk(mp, objs, 2);
	rte_mempool_ops_enqueue_bulk(mp, &foreign, 1);
	assert_int_equal(times(test_log_caught(), "was freed though it is free"), 2);
	test_log_catch();
	rte_mempool_ops_enqueue_bulk(mp, &foreign, 1);
	assert_int_equal(times(test_log_caught(), "no object of this pool"), 1);
	assert_int_equal(tide_mempool_set_misuse(mp, (enum tide_misuse_policy)3), -EINVAL);
	done(mp);
}

static void
misuse_aborts_when_asked_for(void **state)
{
	struct rte_mempool *mp;
	void *obj;
	int status;
	pid_t child;

	assert_int_equal(setenv(TIDE_MISUSE_ENV, "abort", 1), 0);
	mp = make("aborts", 10, 200, 0);
	assert_int_equal(unsetenv(TIDE_MISUSE_ENV), 0);
	assert_int_equal(rte_mempool_get(mp, &obj), 0);
	rte_mempool_put(mp, obj);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		signal(SIGABRT, SIG_DFL);
		rte_mempool_ops_enqueue_bulk(mp, &obj, 1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	done(mp);
}

/* The objects that a walk visited. */
struct seen {
	unsigned int held, cached, wrong;
};

static int
see(const struct tide_mempool_outstanding *outstanding, void *arg)
{
	struct seen *seen = arg;

	if (outstanding->cached_by == TIDE_MEMPOOL_NO_LCORE)
		seen->held++;
	else if (outstanding->cached_by == rte_lcore_id())
		seen->cached++;
	else
		seen->wrong++;
	if (outstanding->lcore_id != rte_lcore_id() || outstanding->tid != 0 ||
		outstanding->age_min_ms > outstanding->age_max_ms ||
		outstanding->age_max_ms > 60000)
		seen->wrong++;
	return 0;
}

static int
end_at_once(const struct tide_mempool_outstanding *outstanding, void *arg)
{
	++*(int *)arg;
	return 9;
}

static void
a_walk_tells_held_objects_from_cached_ones(void **state)
{
	struct rte_mempool *mp = make("walk", 1000, 200, 64);
	struct seen seen = {0};
	void *objs[100];
	int calls = 0;

	assert_int_equal(tide_mempool_walk(mp, see, &seen), 0);
	assert_int_equal(seen.held + seen.cached + seen.wrong, 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(rte_mempool_get(mp, &objs[i]), 0);
	assert_int_equal(tide_mempool_walk(mp, see, &seen), 0);
	assert_int_equal(seen.held, 100);
	assert_int_equal(seen.cached, mp->local_cache[rte_lcore_id()].len);
	assert_true(seen.cached > 0);
	assert_int_equal(seen.wrong, 0);
	assert_int_equal(tide_mempool_walk(mp, end_at_once, &calls), 9);
	assert_int_equal(calls, 1);
	rte_mempool_put_bulk(mp, objs, 100);
	done(mp);
}

/* A mempool under random misuse: all its objects in order of address, and which are out. */
struct nonsense {
	struct rte_mempool *mp;
	void *all[3000], *held[3000], *foreign;
	bool out[3000];
	unsigned int nb_held, seed;
	uint64_t doubles, foreigns, misaligned;
};

static int
compare_pointers(const void *a, const void *b)
{
	const char *x = *(void *const *)a, *y = *(void *const *)b;

	return (x > y) - (x < y);
}

static void
mark(struct nonsense *n, const void *object, bool out)
{
	void **found =
		bsearch(&object, n->all, RTE_DIM(n->all), sizeof(n->all[0]), compare_pointers);

	n->out[found - n->all] = out;
}

/* Correct use: get a burst, or put all objects back. */
static void
work(struct nonsense *n)
{
	if (n->nb_held < 1000) {
		assert_int_equal(rte_mempool_get_bulk(n->mp, n->held + n->nb_held, 16), 0);
		for (int i = 0; i < 16; i++)
			mark(n, n->held[n->nb_held++], true);
		return;
	}
	for (; n->nb_held > 0; n->nb_held--) {
		mark(n, n->held[n->nb_held - 1], false);
		rte_mempool_put(n->mp, n->held[n->nb_held - 1]);
	}
}

static void
misuse_at_random(struct nonsense *n)
{
	unsigned int pick = (unsigned int)rand_r(&n->seed) % RTE_DIM(n->all);
	void *bad = n->all[pick];

	switch (rand_r(&n->seed) % 3) {
	case 0:
		if (n->out[pick])
			return;
		n->doubles++;
		break;
	case 1:
		bad = rand_r(&n->seed) % 2 ? n->foreign : (void *)(uintptr_t)rand_r(&n->seed);
		n->foreigns++;
		break;
	default:
		bad = (char *)bad + 1 + rand_r(&n->seed) % 199;
		n->misaligned++;
		break;
	}
	rte_mempool_ops_enqueue_bulk(n->mp, &bad, 1);
}

static void
a_million_random_misuses_leave_the_pool_whole(void **state)
{
	static struct nonsense n;
	struct rte_mempool *other = make("bystander", 64, 200, 0);
	struct tide_mempool_stats stats;

	n.mp = make("nonsense", RTE_DIM(n.all), 200, 0);
	n.seed = (unsigned int)time(NULL);
	print_message("seed %u\n", n.seed);
	assert_int_equal(rte_mempool_get_bulk(n.mp, n.all, RTE_DIM(n.all)), 0);
	rte_mempool_put_bulk(n.mp, n.all, RTE_DIM(n.all));
	qsort(n.all, RTE_DIM(n.all), sizeof(n.all[0]), compare_pointers);
	assert_int_equal(rte_mempool_get(other, &n.foreign), 0);
	while (n.doubles + n.foreigns + n.misaligned < 1000000) {
		if (rand_r(&n.seed) % 4 == 0)
			work(&n);
		else
			misuse_at_random(&n);
	}
	assert_int_equal(rte_mempool_avail_count(n.mp), RTE_DIM(n.all) - n.nb_held);
	rte_mempool_put_bulk(n.mp, n.held, n.nb_held);
	assert_int_equal(tide_mempool_stats(n.mp, &stats), 0);
	assert_int_equal(stats.double_free, n.doubles);
	assert_int_equal(stats.foreign, n.foreigns);
	assert_int_equal(stats.misaligned, n.misaligned);
	assert_int_equal(rte_mempool_get_bulk(n.mp, n.held, RTE_DIM(n.held)), 0);
	rte_mempool_put_bulk(n.mp, n.held, RTE_DIM(n.held));
	rte_mempool_put(other, n.foreign);
	done(other);
	done(n.mp);
}

static void
failures_are_counted(void **state)
{
	struct rte_mempool *mp = make("short", 10, 64, 0);
	struct tide_mempool_stats stats;
	void *objs[11];

	memset(objs, 0xa5, sizeof(objs));
	assert_int_equal(rte_mempool_get_bulk(mp, objs, 11), -ENOBUFS);
	for (size_t i = 0; i < RTE_DIM(objs); i++)
		assert_int_equal((uintptr_t)objs[i], UINT64_C(0xa5a5a5a5a5a5a5a5));
	assert_int_equal(tide_mempool_stats(mp, &stats), 0);
	assert_int_equal(stats.failures, 1);
	done(mp);
}

static void
queries_refuse_an_allocator_of_another_build(void **state)
{
	struct rte_mempool *mp = make("build", 10, 64, 0);
	struct tide_mempool_stats stats;
	struct tidei_magazines *mags = mp->pool_data;

	mags->layout++;
	assert_int_equal(tide_mempool_stats(mp, &stats), -ENOTSUP);
	assert_int_equal(tide_mempool_check(mp, NULL), -ENOTSUP);
	mags->layout--;
	done(mp);
}

static void
queries_refuse_other_ops(void **state)
{
	struct rte_mempool *mp =
		rte_mempool_create("ring", 7, 64, 0, 0, NULL, NULL, NULL, NULL, SOCKET_ID_ANY, 0);
	struct tide_mempool_stats stats;

	assert_non_null(mp);
	assert_int_equal(tide_mempool_stats(mp, &stats), -ENOTSUP);
	assert_int_equal(tide_mempool_check(mp, NULL), -ENOTSUP);
	assert_int_equal(tide_mempool_set_misuse(mp, TIDE_MISUSE_LOG), -ENOTSUP);
	assert_int_equal(tide_mempool_walk(mp, see, NULL), -ENOTSUP);
	rte_mempool_free(mp);
}

static void
queries_refuse_a_pool_without_memory(void **state)
{
	struct rte_mempool *mp = make_empty("bare", 7, 64, 0, 0);
	struct tide_mempool_stats stats;

	assert_int_equal(tide_mempool_stats(mp, &stats), -ENODATA);
	assert_int_equal(tide_mempool_check(mp, NULL), -ENODATA);
	assert_int_equal(tide_mempool_set_misuse(mp, TIDE_MISUSE_LOG), -ENODATA);
	assert_int_equal(tide_mempool_walk(mp, see, NULL), -ENODATA);
	rte_mempool_free(mp);
}

static void *
plain_thread(void *arg)
{
	struct rte_mempool *mp = arg;
	void *objs[32];
	uintptr_t failed = 0;

	failed |= rte_lcore_id() != LCORE_ID_ANY;
	for (int i = 0; i < 1000; i++) {
		failed |= rte_mempool_get_bulk(mp, objs, 32) != 0;
		rte_mempool_put_bulk(mp, objs, 32);
	}
	return (void *)failed;
}

static void
threads_without_an_lcore_id_take_and_give(void **state)
{
	struct rte_mempool *mp = make("plain", 128, 64, 32);
	pthread_t threads[4];

	for (size_t i = 0; i < RTE_DIM(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, plain_thread, mp), 0);
	for (size_t i = 0; i < RTE_DIM(threads); i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(rte_mempool_avail_count(mp), 128);
	done(mp);
}

static struct rte_mempool_ops
named(const char *name)
{
	struct rte_mempool_ops ops = *rte_mempool_get_ops(0);

	rte_strscpy(ops.name, name, sizeof(ops.name));
	return ops;
}

static void
a_second_copy_of_the_driver_is_harmless(void **state)
{
	uint32_t before = rte_mempool_ops_table.num_ops;
	struct rte_mempool_ops again = named(TIDE_MEMPOOL_OPS);

	assert_int_equal(tidei_mempool_register(&again), -EEXIST);
	assert_int_equal(rte_mempool_ops_table.num_ops, before);
}

/* The last test, because the table stays full. */
static void
a_full_table_of_ops_is_an_error(void **state)
{
	char name[24];
	struct rte_mempool_ops ops;

	for (int i = 0; rte_mempool_ops_table.num_ops < RTE_MEMPOOL_MAX_OPS_IDX; i++) {
		snprintf(name, sizeof(name), "filler%d", i);
		ops = named(name);
		assert_int_equal(tidei_mempool_register(&ops), 0);
	}
	ops = named("late");
	assert_int_equal(tidei_mempool_register(&ops), -ENOSPC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_object_comes_from_one_thread_at_each_size),
		cmocka_unit_test(regions_of_any_size_and_start_become_one_pool),
		cmocka_unit_test(
			an_allocator_that_does_not_fit_in_memory_is_enomem_and_leaves_nothing),
		cmocka_unit_test(populate_that_fails_half_way_says_how_much_it_added),
		cmocka_unit_test(populate_of_a_region_already_there_is_refused),
		cmocka_unit_test(a_pool_whose_memory_was_dropped_can_be_populated_again),
		cmocka_unit_test(misuse_is_counted_and_the_pool_stays_whole),
		cmocka_unit_test(each_misuse_is_logged_when_asked_for),
		cmocka_unit_test(misuse_aborts_when_asked_for),
		cmocka_unit_test(a_million_random_misuses_leave_the_pool_whole),
		cmocka_unit_test(a_walk_tells_held_objects_from_cached_ones),
		cmocka_unit_test(failures_are_counted),
		cmocka_unit_test(queries_refuse_other_ops),
		cmocka_unit_test(queries_refuse_an_allocator_of_another_build),
		cmocka_unit_test(queries_refuse_a_pool_without_memory),
		cmocka_unit_test(threads_without_an_lcore_id_take_and_give),
		cmocka_unit_test(a_second_copy_of_the_driver_is_harmless),
		cmocka_unit_test(a_full_table_of_ops_is_an_error),
	};

	test_eal_start(false, 256, "0");
	return cmocka_run_group_tests_name("driver", tests, NULL, NULL);
}
