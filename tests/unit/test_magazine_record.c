/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Tests allocation records, ages, walks, counts and the peak. */

#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"
#include "magazine_pool.h"
#include "range.h"

static _Thread_local uint32_t lcore = UINT32_MAX;

static uint32_t
lcore_of_thread(void)
{
	return lcore;
}

static void
become_lcore(void *id)
{
	lcore = *(uint32_t *)id;
}

static struct tidei_record
record_of(const struct pool *p, const void *object)
{
	return tidei_magazines_record(p->mags, pool_slot(p, object));
}

static void
sleep_ms(long ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static uint32_t
own_tid(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

static void
assert_taken_by(const struct pool *p, const void *object, bool is_lcore, uint32_t id)
{
	struct tidei_record r = record_of(p, object);

	assert_true(r.known);
	assert_int_equal(r.lcore, is_lcore);
	assert_int_equal(r.id, id);
	assert_int_equal(r.pid, getpid());
}

static void
an_object_that_never_moved_has_no_record(void **state)
{
	for (int mode = 0; mode < TIDEI_LEDGER_MODES; mode++) {
		struct pool p = pool_full(100, 192, (enum tidei_ledger_mode)mode);

		for (uint32_t i = 0; i < 100; i++)
			assert_false(record_of(&p, p.object[i]).known);
		pool_done(&p);
	}
}

static void
a_record_names_the_thread_or_lcore_that_took_the_object(void **state)
{
	struct pool p = pool_full(2000, 192, TIDEI_LEDGER_FULL);
	uint32_t seven = 7, zero = 0;
	void *plain[40], *as_lcore[40], *as_zero[40], *own[40];

	worker_do(1, become_lcore, &seven);
	worker_do(2, become_lcore, &zero);
	assert_int_equal(worker_get(p.mags, 0, plain, 40), 0);
	assert_int_equal(worker_get(p.mags, 1, as_lcore, 40), 0);
	assert_int_equal(worker_get(p.mags, 2, as_zero, 40), 0);
	assert_int_equal(tidei_magazines_get(p.mags, own, 40, NULL), 0);
	for (unsigned int i = 0; i < 40; i++) {
		assert_taken_by(&p, plain[i], false, worker_tid(0));
		assert_taken_by(&p, as_lcore[i], true, 7);
		assert_taken_by(&p, as_zero[i], true, 0);
		assert_taken_by(&p, own[i], false, own_tid());
	}
	/* The record names the caller that moved the object last, by get or put. */
	assert_int_equal(worker_put(p.mags, 0, as_lcore, 40), 0);
	assert_taken_by(&p, as_lcore[0], false, worker_tid(0));
	assert_int_equal(worker_get(p.mags, 1, as_lcore, 40), 0);
	assert_taken_by(&p, as_lcore[0], true, 7);
	assert_int_equal(tidei_magazines_put(p.mags, plain, 40, NULL), 0);
	assert_int_equal(tidei_magazines_put(p.mags, as_lcore, 40, NULL), 0);
	assert_int_equal(tidei_magazines_put(p.mags, as_zero, 40, NULL), 0);
	assert_int_equal(tidei_magazines_put(p.mags, own, 40, NULL), 0);
	pool_done(&p);
	workers_end();
}

static void
an_object_that_stays_out_keeps_its_record(void **state)
{
	struct pool p = pool_full(500, 192, TIDEI_LEDGER_FULL);
	void *held[3], *out[300];

	assert_int_equal(worker_get(p.mags, 0, held, 3), 0);
	for (unsigned int i = 1; i < 20; i++) {
		assert_int_equal(worker_get(p.mags, i, out, 300), 0);
		assert_taken_by(&p, out[i], false, worker_tid(i));
		for (unsigned int k = 0; k < 3; k++)
			assert_taken_by(&p, held[k], false, worker_tid(0));
		assert_int_equal(worker_put(p.mags, i, out, 300), 0);
	}
	assert_int_equal(tidei_magazines_put(p.mags, held, 3, NULL), 0);
	pool_done(&p);
	workers_end();
}

static void
a_get_of_another_thread_is_never_put_on_record_for_a_holder(void **state)
{
	/* There are more threads than cells: threads without one borrow a cell. */
	enum {
		WORKERS = 40
	};
	struct pool p = pool_full(1000, 192, TIDEI_LEDGER_FULL);
	struct tidei_cell *last = &p.mags->cell[p.mags->nb_cells - 1];
	void *out[WORKERS], *back;
	unsigned int named = 0;

	/* Occupy the cell for threads without one, by an owner that is never known to be dead. */
	atomic_store(&last->owner, 1);
	for (unsigned int i = 0; i < WORKERS; i++)
		assert_int_equal(worker_get(p.mags, i, &out[i], 1), 0);
	for (unsigned int i = 0; i < WORKERS; i++) {
		struct tidei_record r = record_of(&p, out[i]);

		assert_true(r.known);
		assert_false(r.lcore);
		if (r.id != 0)
			assert_int_equal(r.id, worker_tid(i));
		named += r.id != 0;
	}
	/* The other cells have owners: this thread and 30 workers, which records name. */
	assert_int_equal(named, 30);
	/* Records name the owners also after borrowers worked in their cells. */
	for (unsigned int i = 0; i < 30; i++) {
		assert_int_equal(worker_get(p.mags, i, &back, 1), 0);
		assert_taken_by(&p, back, false, worker_tid(i));
		assert_int_equal(worker_put(p.mags, i, &back, 1), 0);
	}
	/* A thread that finds the last cell free owns it for one get, and the record names it. */
	atomic_store(&last->owner, 0);
	assert_int_equal(worker_get(p.mags, WORKERS - 1, &back, 1), 0);
	assert_taken_by(&p, back, false, worker_tid(WORKERS - 1));
	assert_int_equal(atomic_load(&last->owner), 0);
	assert_int_equal(worker_put(p.mags, WORKERS - 1, &back, 1), 0);
	assert_int_equal(tidei_magazines_put(p.mags, out, WORKERS, NULL), 0);
	pool_done(&p);
	workers_end();
}

static void
threads_that_end_make_room_for_others(void **state)
{
	struct pool p = pool_full(1000, 192, TIDEI_LEDGER_FULL);
	void *out[32];

	for (unsigned int round = 0; round < 10; round++) {
		for (unsigned int i = 0; i < 30; i++) {
			assert_int_equal(worker_get(p.mags, i, out, 32), 0);
			assert_taken_by(&p, out[5], false, worker_tid(i));
			assert_int_equal(worker_put(p.mags, i, out, 32), 0);
		}
		workers_end();
		/* The kernel removes a thread a little after it was joined. */
		sleep_ms(20);
	}
	pool_assert_usable(&p);
	pool_done(&p);
}

static void
a_sampled_ledger_has_records_of_one_object_in_sixteen(void **state)
{
	struct pool p = pool_full(1600, 64, TIDEI_LEDGER_SAMPLED);
	void **out = calloc(1600, sizeof(*out));
	unsigned int known = 0;

	assert_int_equal(tidei_magazines_get(p.mags, out, 1600, NULL), 0);
	for (unsigned int i = 0; i < 1600; i++) {
		if (!record_of(&p, out[i]).known)
			continue;
		assert_taken_by(&p, out[i], false, own_tid());
		known++;
	}
	assert_int_equal(known, 100);
	assert_int_equal(tidei_magazines_put(p.mags, out, 1600, NULL), 0);
	free(out);
	pool_done(&p);
}

static void
without_a_ledger_nothing_is_on_record(void **state)
{
	struct pool p = pool_full(100, 64, TIDEI_LEDGER_OFF);
	void *out[100];

	assert_int_equal(tidei_magazines_get(p.mags, out, 100, NULL), 0);
	for (unsigned int i = 0; i < 100; i++)
		assert_false(record_of(&p, out[i]).known);
	assert_int_equal(tidei_magazines_put(p.mags, out, 100, NULL), 0);
	pool_done(&p);
}

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Check that the bounds of an age contain `low` to `high`, to a tick of 10 ms of the coarse clock. */
static void
assert_age(const struct tidei_record *r, uint64_t low, uint64_t high)
{
	assert_true(r->age_min_ms <= r->age_max_ms);
	assert_true(r->age_min_ms <= high + 10);
	assert_true(r->age_max_ms + 10 >= low);
	/* The bounds are at most two units of the ledger's clock apart. */
	assert_true(r->age_max_ms - r->age_min_ms <= 2 * (1 << WHEN_LOG_MS));
}

static void
ages_are_true_and_rise(void **state)
{
	struct pool p = pool_full(100, 192, TIDEI_LEDGER_FULL);
	uint64_t before[3], after[3];
	uint32_t min_before = 0, max_before = 0;
	void *out[3][16];

	for (unsigned int i = 0; i < 3; i++) {
		before[i] = now_ms();
		assert_int_equal(tidei_magazines_get(p.mags, out[i], 16, NULL), 0);
		after[i] = now_ms();
		sleep_ms(400);
	}
	for (unsigned int round = 0; round < 8; round++) {
		struct tidei_record r[3];
		uint64_t from = now_ms();

		for (unsigned int i = 0; i < 3; i++)
			r[i] = record_of(&p, out[i][round]);
		for (unsigned int i = 0; i < 3; i++)
			assert_age(&r[i], from - after[i], now_ms() - before[i]);
		/* The object that was taken first is the oldest. */
		assert_true(r[0].age_max_ms > r[1].age_max_ms);
		assert_true(r[1].age_max_ms > r[2].age_max_ms);
		/* Each object gets older. */
		assert_true(r[0].age_max_ms >= max_before && r[0].age_min_ms >= min_before);
		max_before = r[0].age_max_ms;
		min_before = r[0].age_min_ms;
		sleep_ms(90);
	}
	assert_true(min_before >= 1200);
	assert_int_equal(tidei_magazines_put(p.mags, out[0], 48, NULL), 0);
	pool_done(&p);
}

static void
an_object_that_comes_again_is_young_again(void **state)
{
	struct pool p = pool_full(16, 192, TIDEI_LEDGER_FULL);
	void *out[16];

	assert_int_equal(tidei_magazines_get(p.mags, out, 16, NULL), 0);
	sleep_ms(600);
	assert_true(record_of(&p, out[3]).age_min_ms > 200);
	assert_int_equal(tidei_magazines_put(p.mags, out, 16, NULL), 0);
	assert_int_equal(tidei_magazines_get(p.mags, out, 16, NULL), 0);
	assert_int_equal(record_of(&p, out[3]).age_min_ms, 0);
	assert_true(record_of(&p, out[3]).age_max_ms < 600);
	assert_int_equal(tidei_magazines_put(p.mags, out, 16, NULL), 0);
	pool_done(&p);
}

static void
gets_after_a_pause_have_a_true_age_from_the_eighth_on(void **state)
{
	/* Pause after each possible number of gets since the last reading of the clock. */
	struct pool pool[CLOCK_EVERY];
	void *out[CLOCK_EVERY][40];
	unsigned int late = 0;

	for (unsigned int phase = 0; phase < CLOCK_EVERY; phase++) {
		pool[phase] = pool_full(100, 192, TIDEI_LEDGER_FULL);
		for (unsigned int i = 0; i < CLOCK_EVERY + phase; i++)
			assert_int_equal(
				tidei_magazines_get(pool[phase].mags, &out[phase][i], 1, NULL), 0);
	}
	sleep_ms(700);
	for (unsigned int phase = 0; phase < CLOCK_EVERY; phase++) {
		struct pool *p = &pool[phase];
		unsigned int first = CLOCK_EVERY + phase, nb = first + 20, told_late = 0;

		for (unsigned int i = first; i < nb; i++) {
			struct tidei_record r;

			assert_int_equal(tidei_magazines_get(p->mags, &out[phase][i], 1, NULL), 0);
			r = record_of(p, out[phase][i]);
			told_late += r.age_max_ms >= 500;
			if (i >= first + CLOCK_EVERY - 1)
				assert_int_equal(r.age_min_ms, 0);
		}
		late = told_late > late ? told_late : late;
		assert_int_equal(tidei_magazines_put(p->mags, out[phase], nb, NULL), 0);
		pool_done(p);
	}
	/* See magazine.h. All seven only if nothing interrupted this thread for long. */
	assert_true(late < CLOCK_EVERY);
}

static void
each_get_of_a_slow_thread_has_a_true_age(void **state)
{
	struct pool p = pool_full(100, 192, TIDEI_LEDGER_FULL);
	void *out[30];

	for (unsigned int i = 0; i < 30; i++) {
		sleep_ms(40);
		assert_int_equal(tidei_magazines_get(p.mags, &out[i], 1, NULL), 0);
		assert_int_equal(record_of(&p, out[i]).age_min_ms, 0);
		assert_true(record_of(&p, out[i]).age_max_ms < 300);
	}
	assert_int_equal(tidei_magazines_put(p.mags, out, 30, NULL), 0);
	pool_done(&p);
}

/* The objects that a walk visited, in order. */
struct seen {
	uint32_t slot[2000];
	unsigned int nb, stop_at;
};

static int
see(const struct tidei_magazines *mags, uint32_t slot, void *arg)
{
	struct seen *seen = arg;

	seen->slot[seen->nb++] = slot;
	return seen->nb == seen->stop_at ? 42 : 0;
}

static void
a_walk_sees_what_is_out_by_ascending_slot_in_each_mode(void **state)
{
	for (int mode = 0; mode < TIDEI_LEDGER_MODES; mode++) {
		struct pool p =
			pool_empty(1000, 1408, (enum tidei_ledger_mode)mode, 600 * (size_t)4096);
		struct seen *seen = calloc(1, sizeof(*seen));
		void *out[700];

		pool_add_pages(&p, 4096);
		assert_int_equal(tidei_magazines_walk(p.mags, see, seen), 0);
		assert_int_equal(seen->nb, 0);
		for (unsigned int i = 0; i < 7; i++)
			assert_int_equal(worker_get(p.mags, i % 3, out + i * 100, 100), 0);
		assert_int_equal(worker_put(p.mags, 2, out, 150), 0);
		assert_int_equal(tidei_magazines_walk(p.mags, see, seen), 0);
		assert_int_equal(seen->nb, 550);
		qsort(out + 150, 550, sizeof(*out), compare_pointers);
		for (unsigned int i = 0; i < 550; i++) {
			assert_ptr_equal(
				tidei_magazines_object(p.mags, seen->slot[i]), out[150 + i]);
			assert_true(i == 0 || seen->slot[i] > seen->slot[i - 1]);
		}
		/* The callback ends the walk. */
		seen->nb = 0;
		seen->stop_at = 3;
		assert_int_equal(tidei_magazines_walk(p.mags, see, seen), 42);
		assert_int_equal(seen->nb, 3);
		assert_int_equal(tidei_magazines_put(p.mags, out + 150, 550, NULL), 0);
		free(seen);
		pool_done(&p);
	}
}

static void
the_peak_stays_and_is_low_by_a_pair_per_thread_at_most(void **state)
{
	static const uint32_t peaks[] = {100, 5000, 3000, 8999, 10};
	struct pool p = pool_full(9000, 64, TIDEI_LEDGER_FULL);
	void **out = calloc(9000, sizeof(*out));
	uint32_t most = 0, told, pairs = 4 * 2 * 128;

	assert_int_equal(tidei_magazines_peak(p.mags), 0);
	for (unsigned int i = 0; i < NB(peaks); i++) {
		for (uint32_t k = 0; k < peaks[i]; k += 10)
			assert_int_equal(worker_get(p.mags, i % 3, out + k,
						 peaks[i] - k < 10 ? peaks[i] - k : 10),
				0);
		most = most > peaks[i] ? most : peaks[i];
		told = tidei_magazines_peak(p.mags);
		assert_true(told >= peaks[i] && told <= 9000);
		for (uint32_t k = 0; k < peaks[i]; k++)
			assert_int_equal(tidei_magazines_put(p.mags, out + k, 1, NULL), 0);
		told = tidei_magazines_peak(p.mags);
		assert_true(told <= most && told + pairs >= most);
	}
	free(out);
	pool_done(&p);
	workers_end();
}

/* The thread that adds objects has some in its cell, and gets them without the depot. */
static void
the_peak_counts_the_first_get_of_whoever_added_objects(void **state)
{
	static const uint32_t sizes[] = {1, 40, 64, 100, 700, 6000};
	void *out[32];

	for (unsigned int i = 0; i < NB(sizes); i++) {
		uint32_t n = sizes[i] < NB(out) ? sizes[i] : NB(out);
		struct pool p = pool_full(sizes[i], 64, TIDEI_LEDGER_OFF);

		assert_int_equal(tidei_magazines_peak(p.mags), 0);
		assert_int_equal(tidei_magazines_get(p.mags, out, n, NULL), 0);
		assert_int_equal(tidei_magazines_put(p.mags, out, n, NULL), 0);
		assert_uint_in_range(tidei_magazines_peak(p.mags), n, sizes[i]);
		pool_done(&p);
	}
}

/* All objects are in the cell of the thread that added them. */
static void
the_peak_counts_what_is_stolen(void **state)
{
	struct pool p = pool_full(40, 64, TIDEI_LEDGER_OFF);
	void *out[30];

	assert_int_equal(worker_get(p.mags, 0, out, 30), 0);
	assert_int_equal(worker_put(p.mags, 0, out, 30), 0);
	assert_uint_in_range(tidei_magazines_peak(p.mags), 30, 40);
	pool_done(&p);
	workers_end();
}

static void
failures_and_steals_are_counted(void **state)
{
	struct pool p = pool_full(100, 64, TIDEI_LEDGER_FULL);
	void *out[101];

	/* All objects are in the cell of this thread and in the depot. */
	assert_int_equal(worker_get(p.mags, 0, out, 101), -ENOBUFS);
	assert_int_equal(worker_get(p.mags, 1, out, 101), -ENOBUFS);
	assert_int_equal(tidei_magazines_get(p.mags, out, 101, NULL), -ENOBUFS);
	assert_int_equal(tidei_magazines_counters(p.mags).failures, 3);
	assert_int_equal(worker_get(p.mags, 0, out, 100), 0);
	assert_int_equal(tidei_magazines_counters(p.mags).failures, 3);
	assert_int_equal(worker_put(p.mags, 0, out, 10), 0);
	assert_int_equal(worker_get(p.mags, 1, out, 10), 0);
	assert_true(tidei_magazines_counters(p.mags).steals >= 1);
	assert_int_equal(tidei_magazines_counters(p.mags).reclaims, 0);
	assert_int_equal(tidei_magazines_reclaim(p.mags), 0);
	assert_int_equal(tidei_magazines_put(p.mags, out, 100, NULL), 0);
	pool_done(&p);
	workers_end();
}

static int
group(const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_that_never_moved_has_no_record),
		cmocka_unit_test(a_record_names_the_thread_or_lcore_that_took_the_object),
		cmocka_unit_test(an_object_that_stays_out_keeps_its_record),
		cmocka_unit_test(a_get_of_another_thread_is_never_put_on_record_for_a_holder),
		cmocka_unit_test(threads_that_end_make_room_for_others),
		cmocka_unit_test(a_sampled_ledger_has_records_of_one_object_in_sixteen),
		cmocka_unit_test(without_a_ledger_nothing_is_on_record),
		cmocka_unit_test(ages_are_true_and_rise),
		cmocka_unit_test(an_object_that_comes_again_is_young_again),
		cmocka_unit_test(gets_after_a_pause_have_a_true_age_from_the_eighth_on),
		cmocka_unit_test(each_get_of_a_slow_thread_has_a_true_age),
		cmocka_unit_test(a_walk_sees_what_is_out_by_ascending_slot_in_each_mode),
		cmocka_unit_test(the_peak_counts_the_first_get_of_whoever_added_objects),
		cmocka_unit_test(the_peak_counts_what_is_stolen),
		cmocka_unit_test(the_peak_stays_and_is_low_by_a_pair_per_thread_at_most),
		cmocka_unit_test(failures_and_steals_are_counted),
	};

	tidei_magazines_name_lcores(lcore_of_thread);
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int
main(int argc, char **argv)
{
	return magazine_tests(argc, argv, "magazine_record", group);
}
