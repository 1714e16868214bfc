/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Tests what put refuses in each ledger mode, and that misuse does not harm the allocator. */

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cell.h"
#include "depot.h"
#include "ledger.h"
#include "magazine_pool.h"
#include "put.h"
#include "range.h"
#include "segment.h"

/* Check that a put refuses one bad pointer as this kind. */
static void
assert_refused(struct pool *p, void *bad, enum tidei_misuse_kind kind)
{
	uint32_t before = tidei_magazines_count(p->mags);
	uint64_t counted = tidei_magazines_counters(p->mags).misuses[kind];
	struct refusals r;

	assert_int_equal(put_noting(p->mags, &bad, 1, &r), 1);
	assert_int_equal(r.noted[0].kind, kind);
	assert_ptr_equal(r.noted[0].object, bad);
	assert_int_equal(r.noted[0].nth, counted + 1);
	pool_assert(p, before);
	/* The same without a listener. */
	assert_int_equal(tidei_magazines_put(p->mags, &bad, 1, NULL), 1);
	assert_int_equal(tidei_magazines_counters(p->mags).misuses[kind], counted + 2);
}

static void
pointers_that_are_no_objects_are_refused_in_each_mode(void **state)
{
	for (int mode = 0; mode < TIDEI_LEDGER_MODES; mode++) {
		struct pool p = pool_full(130, 192, (enum tidei_ledger_mode)mode);
		char elsewhere[192], *end = p.base + 130 * 192;
		void *out[130];

		assert_int_equal(tidei_magazines_get(p.mags, out, 130, NULL), 0);
		assert_refused(&p, elsewhere, TIDEI_MISUSE_FOREIGN);
		assert_refused(&p, NULL, TIDEI_MISUSE_FOREIGN);
		assert_refused(&p, (void *)UINTPTR_MAX, TIDEI_MISUSE_FOREIGN);
		assert_refused(&p, p.base - 1, TIDEI_MISUSE_FOREIGN);
		assert_refused(&p, p.base - 192, TIDEI_MISUSE_FOREIGN);
		assert_refused(&p, end, TIDEI_MISUSE_FOREIGN);
		assert_refused(&p, p.base + (UINT64_C(1) << 38), TIDEI_MISUSE_FOREIGN);
		assert_refused(&p, p.base + (UINT64_C(192) << 32), TIDEI_MISUSE_FOREIGN);
		assert_refused(&p, p.base - (UINT64_C(192) << 32), TIDEI_MISUSE_FOREIGN);
		assert_refused(&p, end - 1, TIDEI_MISUSE_MISALIGNED);
		assert_refused(&p, end - 191, TIDEI_MISUSE_MISALIGNED);
		for (unsigned int off = 1; off < 192; off++)
			assert_refused(&p, (char *)out[7] + off, TIDEI_MISUSE_MISALIGNED);
		assert_int_equal(tidei_magazines_put(p.mags, out, 130, NULL), 0);
		pool_done(&p);
	}
}

static void
pointers_into_page_gaps_are_misaligned(void **state)
{
	for (int mode = 0; mode < TIDEI_LEDGER_MODES; mode++) {
		struct pool p =
			pool_empty(100, 1408, (enum tidei_ledger_mode)mode, 60 * (size_t)4096);

		pool_add_pages(&p, 4096);
		/* A page has two objects; a third would begin in the gap after them. */
		for (unsigned int page = 0; page < 49; page++) {
			assert_refused(
				&p, p.base + page * 4096 + 2 * 1408, TIDEI_MISUSE_MISALIGNED);
			assert_refused(&p, p.base + page * 4096 + 4032, TIDEI_MISUSE_MISALIGNED);
			assert_refused(&p, p.base + page * 4096 + 64, TIDEI_MISUSE_MISALIGNED);
		}
		assert_refused(&p, p.base + 49 * 4096 + 2 * 1408, TIDEI_MISUSE_FOREIGN);
		assert_refused(&p, p.base + 50 * 4096, TIDEI_MISUSE_FOREIGN);
		pool_done(&p);
	}
}

static void
pointers_between_segments_are_foreign(void **state)
{
	for (int mode = 0; mode < TIDEI_LEDGER_MODES; mode++) {
		struct pool p =
			pool_empty(100, 192, (enum tidei_ledger_mode)mode, 60 * (size_t)4096);

		for (unsigned int i = 0; i < 10; i++)
			pool_add(&p, (10 - i) * 4096, 10);
		assert_refused(&p, p.base + 4096 - 192, TIDEI_MISUSE_FOREIGN);
		for (unsigned int i = 1; i <= 10; i++) {
			assert_refused(&p, p.base + i * 4096 + 10 * 192, TIDEI_MISUSE_FOREIGN);
			assert_refused(&p, p.base + i * 4096 + 20 * 192, TIDEI_MISUSE_FOREIGN);
			assert_refused(&p, p.base + i * 4096 + 96, TIDEI_MISUSE_MISALIGNED);
		}
		assert_refused(&p, p.base + 11 * 4096, TIDEI_MISUSE_FOREIGN);
		pool_done(&p);
	}
}

static void
a_full_ledger_refuses_every_double_free(void **state)
{
	static const unsigned int bursts[] = {1, 2, 7, 32, 63, 64, 65, 128, 200};
	struct pool p = pool_full(2000, 192, TIDEI_LEDGER_FULL);
	void *out[200], *twice[400];

	for (size_t i = 0; i < NB(bursts); i++) {
		unsigned int n = bursts[i];

		assert_int_equal(tidei_magazines_get(p.mags, out, n, NULL), 0);
		/* Twice in one burst. */
		memcpy(twice, out, n * sizeof(*out));
		memcpy(twice + n, out, n * sizeof(*out));
		assert_int_equal(tidei_magazines_put(p.mags, twice, 2 * n, NULL), n);
		pool_assert(&p, 2000);
		/* Once more, in the other order and in another thread. */
		for (unsigned int k = 0; k < n; k++)
			twice[k] = out[n - 1 - k];
		assert_int_equal(tidei_magazines_put(p.mags, twice, n, NULL), n);
		assert_int_equal(worker_put(p.mags, 0, out, n), n);
		pool_assert(&p, 2000);
	}
	pool_assert_usable(&p);
	pool_done(&p);
}

static void
the_good_objects_of_a_bad_burst_go_back(void **state)
{
	for (unsigned int at = 0; at < 70; at++) {
		struct pool p = pool_full(200, 192, (enum tidei_ledger_mode)(at % 3));
		void *out[70];
		struct refusals r;

		assert_int_equal(tidei_magazines_get(p.mags, out, 70, NULL), 0);
		out[at] = (char *)out[at] + 8;
		assert_int_equal(put_noting(p.mags, out, 70, &r), 1);
		assert_ptr_equal(r.noted[0].object, out[at]);
		pool_assert(&p, 199);
		out[at] = (char *)out[at] - 8;
		assert_int_equal(tidei_magazines_put(p.mags, &out[at], 1, NULL), 0);
		pool_assert_usable(&p);
		pool_done(&p);
	}
}

static void
a_sampled_ledger_refuses_a_double_free_of_one_object_in_sixteen(void **state)
{
	struct pool p = pool_full(1600, 64, TIDEI_LEDGER_SAMPLED);
	unsigned int refused = 0;
	void **out = calloc(1600, sizeof(*out)), *one;

	assert_int_equal(tidei_magazines_get(p.mags, out, 1600, NULL), 0);
	assert_int_equal(tidei_magazines_put(p.mags, out, 1600, NULL), 0);
	for (unsigned int i = 0; i < 1600; i++) {
		if (!tidei_magazines_record(p.mags, pool_slot(&p, p.object[i])).known)
			continue;
		/* The slot decides, so a fault that recurs at the same address is noticed each time. */
		assert_int_equal(i % TIDEI_LEDGER_SAMPLE, 0);
		one = p.object[i];
		refused += tidei_magazines_put(p.mags, &one, 1, NULL);
	}
	assert_int_equal(refused, 1600 / TIDEI_LEDGER_SAMPLE);
	free(out);
	pool_done(&p);
}

/* An undetected double free hands the object out twice, and the check reports it. */
static void
assert_not_noticed(struct pool p, void *one)
{
	void **out = calloc(p.nb + 1, sizeof(*out));
	unsigned int seen = 0;
	const char *wrong;
	uint32_t nb = 0;

	assert_int_equal(tidei_magazines_put(p.mags, &one, 1, NULL), 0);
	wrong = tidei_magazines_check(p.mags);
	assert_non_null(wrong);
	assert_string_equal(wrong, "an object is free twice");
	assert_int_equal(tidei_magazines_get(p.mags, out, p.nb, NULL), 0);
	assert_int_equal(tidei_magazines_get(p.mags, out + p.nb, 1, NULL), 0);
	for (unsigned int i = 0; i <= p.nb; i++) {
		seen += out[i] == one;
		if (out[i] != one || seen == 1)
			out[nb++] = out[i];
	}
	assert_int_equal(seen, 2);
	assert_int_equal(tidei_magazines_put(p.mags, out, nb, NULL), 0);
	free(out);
	pool_done(&p);
}

static void
without_a_word_a_double_free_is_not_noticed(void **state)
{
	struct pool off = pool_full(40, 64, TIDEI_LEDGER_OFF);
	struct pool sampled = pool_full(40, 64, TIDEI_LEDGER_SAMPLED);

	assert_not_noticed(off, off.base);
	assert_not_noticed(sampled, sampled.base + 64);
}

/* Put one object twice and let both puts pass, as in a race: the word is set to out in between. */
static void
put_as_if_raced(struct pool *p, void *object)
{
	_Atomic uint32_t *word;

	assert_int_equal(tidei_magazines_put(p->mags, &object, 1, NULL), 0);
	word = &p->mags->ledger[pool_slot(p, object)];
	*word |= LEDGER_OUT;
	assert_int_equal(tidei_magazines_put(p->mags, &object, 1, NULL), 0);
}

static void
endless_unnoticed_double_frees_end_no_put(void **state)
{
	for (int mode = 0; mode < TIDEI_LEDGER_MODES; mode++) {
		struct pool p = pool_full(1000, 192, (enum tidei_ledger_mode)mode);
		void *one, *out[500];

		assert_int_equal(tidei_magazines_get(p.mags, &one, 1, NULL), 0);
		for (int i = 0; i < 20000; i++)
			tidei_magazines_put(p.mags, &one, 1, NULL);
		/* Other threads do not wait either. */
		assert_int_equal(worker_put(p.mags, 0, &one, 1), mode == TIDEI_LEDGER_FULL);
		/* The dropped copies are counted. */
		assert_uint_in_range(
			tidei_magazines_counters(p.mags).misuses[TIDEI_MISUSE_DOUBLE_FREE], 18000,
			20000);
		for (int i = 0; i < 100; i++) {
			assert_int_equal(tidei_magazines_get(p.mags, out, 500, NULL), 0);
			tidei_magazines_put(p.mags, out, 500, NULL);
		}
		assert_uint_in_range(tidei_magazines_count(p.mags), 500, 1000);
		pool_free(&p);
	}
}

/* Make the state that a thread leaves which stops in a get, in this cell, after it took a full magazine. */
static void
stop_in_a_get(struct tidei_magazines *mags, struct tidei_cell *cell)
{
	atomic_store(&cell->busy, 1);
	assert_int_not_equal(tidei_depot_get(mags, cell, STATE_FULL), NO_MAGAZINE);
}

static void
endless_unnoticed_double_frees_end_no_put_while_others_are_stopped(void **state)
{
	for (uint32_t stopped = 1; stopped <= 8; stopped++) {
		struct pool p = pool_full(1000, 192, TIDEI_LEDGER_OFF);
		void *one;

		assert_int_equal(tidei_magazines_get(p.mags, &one, 1, NULL), 0);
		for (uint32_t i = 1; i <= stopped; i++)
			stop_in_a_get(p.mags, &p.mags->cell[p.mags->nb_cells - i]);
		/* This works while the depot has a full magazine to drop. */
		for (int i = 0; i < 20000; i++)
			assert_int_equal(tidei_magazines_put(p.mags, &one, 1, NULL), 0);
		assert_uint_in_range(
			tidei_magazines_counters(p.mags).misuses[TIDEI_MISUSE_DOUBLE_FREE], 18000,
			20000);
		pool_free(&p);
	}
}

static void
a_get_drops_the_second_copy_of_an_object(void **state)
{
	static const unsigned int bursts[] = {1, 8, 32, 100};

	/* With one segment, then with two. */
	for (size_t i = 0; i < 2 * NB(bursts); i++) {
		bool two = i >= NB(bursts);
		struct pool p = two ? pool_empty(300, 192, TIDEI_LEDGER_FULL, 1 << 20)
		                    : pool_full(300, 192, TIDEI_LEDGER_FULL);
		unsigned int got = 0, n = bursts[i % NB(bursts)];
		void *out[300], *more[100];

		if (two) {
			pool_add(&p, 1 << 19, 150);
			pool_add(&p, 0, 150);
		}

		assert_int_equal(tidei_magazines_get(p.mags, out, 300, NULL), 0);
		for (unsigned int k = 0; k < 300; k++)
			if (k % 50 == 7)
				put_as_if_raced(&p, out[k]);
			else
				assert_int_equal(tidei_magazines_put(p.mags, &out[k], 1, NULL), 0);
		assert_string_equal(tidei_magazines_check(p.mags), "an object is free twice");
		memset(out, 0, sizeof(out));
		while (got + n <= 300) {
			assert_int_equal(tidei_magazines_get(p.mags, out + got, n, NULL), 0);
			got += n;
		}
		assert_int_equal(tidei_magazines_get(p.mags, more, n, NULL), -ENOBUFS);
		pool_assert(&p, 300 - got);
		assert_int_equal(
			tidei_magazines_counters(p.mags).misuses[TIDEI_MISUSE_DOUBLE_FREE], 6);
		assert_int_equal(tidei_magazines_put(p.mags, out, got, NULL), 0);
		pool_assert_usable(&p);
		pool_done(&p);
	}
}

static void
a_copy_whose_first_is_held_is_dropped(void **state)
{
	struct pool p = pool_full(40, 192, TIDEI_LEDGER_FULL);
	void *out[40], *held, *more;

	assert_int_equal(tidei_magazines_get(p.mags, out, 40, NULL), 0);
	put_as_if_raced(&p, out[5]);
	assert_int_equal(tidei_magazines_get(p.mags, &held, 1, NULL), 0);
	assert_ptr_equal(held, out[5]);
	assert_int_equal(tidei_magazines_get(p.mags, &more, 1, NULL), -ENOBUFS);
	pool_assert(&p, 0);
	assert_int_equal(tidei_magazines_put(p.mags, out, 40, NULL), 0);
	pool_done(&p);
}

static void
an_object_freed_under_a_failing_get_costs_no_other(void **state)
{
	/* A get that finds too few puts back what it took; a faulty thread has freed some of it meanwhile. */
	struct pool p = pool_full(200, 192, TIDEI_LEDGER_FULL);
	struct tidei_entry entry;
	void *out[150];

	assert_int_equal(tidei_magazines_get(p.mags, out, 150, NULL), 0);
	assert_int_equal(worker_put(p.mags, 0, out + 20, 3), 0);
	assert_int_equal(worker_put(p.mags, 0, out + 149, 1), 0);
	entry = cell_begin(p.mags);
	tidei_put_back(p.mags, entry.cell, out, 150);
	cell_end(entry);
	assert_int_equal(tidei_magazines_counters(p.mags).misuses[TIDEI_MISUSE_DOUBLE_FREE], 4);
	pool_assert_usable(&p);
	pool_done(&p);
}

/* Like a log that allocates its lines from the same pool. */
static void
get_and_put(const struct tidei_refusal *refusal, void *arg)
{
	struct pool *p = arg;
	void *out[40];

	assert_int_equal(tidei_magazines_get(p->mags, out, 40, NULL), 0);
	assert_int_equal(tidei_magazines_put(p->mags, out, 40, NULL), 0);
}

static void
a_listener_may_get_and_put(void **state)
{
	struct pool p = pool_full(100, 192, TIDEI_LEDGER_FULL);
	const struct tidei_listener listener = {get_and_put, &p};
	void *bad = p.base + 8;

	assert_int_equal(tidei_magazines_put(p.mags, &bad, 1, &listener), 1);
	pool_assert_usable(&p);
	pool_done(&p);
}

/* Get, in another thread, all objects that are in reach while the listener runs. */
static void
count_in_another_thread(const struct tidei_refusal *refusal, void *arg)
{
	struct pool *p = arg;
	void *out[38];

	assert_int_equal(refusal->kind, TIDEI_MISUSE_DOUBLE_FREE);
	assert_int_equal(worker_get(p->mags, 0, out, 38), 0);
	assert_int_equal(worker_put(p->mags, 0, out, 38), 0);
}

static void
a_listener_told_by_a_get_keeps_no_free_objects(void **state)
{
	struct pool p = pool_full(40, 192, TIDEI_LEDGER_FULL);
	const struct tidei_listener listener = {count_in_another_thread, &p};
	void *out[40];

	assert_int_equal(tidei_magazines_get(p.mags, out, 40, NULL), 0);
	assert_int_equal(tidei_magazines_put(p.mags, out + 1, 39, NULL), 0);
	put_as_if_raced(&p, out[0]);
	assert_int_equal(tidei_magazines_get(p.mags, out, 40, &listener), 0);
	pool_assert(&p, 0);
	assert_int_equal(tidei_magazines_put(p.mags, out, 40, NULL), 0);
	pool_assert_usable(&p);
	pool_done(&p);
}

static void
take_all_in_another_thread(const struct tidei_refusal *refusal, void *arg)
{
	struct pool *p = arg;
	void *out[40];

	assert_int_equal(refusal->kind, TIDEI_MISUSE_MISALIGNED);
	assert_int_equal(worker_get(p->mags, 0, out, 40), 0);
	assert_int_equal(worker_put(p->mags, 0, out, 40), 0);
}

static void
a_listener_told_by_a_put_keeps_no_free_objects(void **state)
{
	struct pool p = pool_full(40, 192, TIDEI_LEDGER_FULL);
	const struct tidei_listener listener = {take_all_in_another_thread, &p};
	void *out[40], *bad = p.base + 8;

	/* Then all free objects are in the cell of this thread. */
	assert_int_equal(tidei_magazines_get(p.mags, out, 40, NULL), 0);
	assert_int_equal(tidei_magazines_put(p.mags, out, 40, NULL), 0);
	assert_int_equal(tidei_magazines_put(p.mags, &bad, 1, &listener), 1);
	pool_assert_usable(&p);
	pool_done(&p);
}

/* Like the policy to abort. */
static void
end_process(const struct tidei_refusal *refusal, void *arg)
{
	_exit(7);
}

/* Put 29 objects and two copies of another. Get bursts until the get that finds a copy ends the process. */
static void
end_in_a_get(struct tidei_magazines *mags, void *objects, unsigned int burst)
{
	const struct tidei_listener listener = {end_process, NULL};
	struct pool p = {.mags = mags};
	void *out[40];

	tidei_magazines_init(mags, 40, 192, TIDEI_LEDGER_FULL);
	if (tidei_magazines_add(mags, objects, 40) == 0 &&
		tidei_magazines_get(mags, out, 40, NULL) == 0 &&
		tidei_magazines_put(mags, out, 29, NULL) == 0) {
		put_as_if_raced(&p, out[29]);
		while (tidei_magazines_get(mags, out, burst, &listener) == 0)
			;
	}
	_exit(1);
}

static void
a_process_that_ends_when_told_by_a_get_loses_no_free_object(void **state)
{
	static const unsigned int bursts[] = {1, 2, 8, 30, 31};

	for (size_t i = 0; i < NB(bursts); i++) {
		size_t size = tidei_magazines_size(40, 192, TIDEI_LEDGER_FULL);
		void *mem =
			mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		void *objects = calloc(40, 192);
		struct pool p = {.mags = mem, .nb = 40};
		int status;
		pid_t child;

		assert_true(mem != MAP_FAILED && objects != NULL);
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			end_in_a_get(mem, objects, bursts[i]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(WEXITSTATUS(status), 7);
		/* A get of one object takes the first copy before it finds the second. */
		tidei_magazines_reclaim(mem);
		pool_assert(&p, bursts[i] == 1 ? 29 : 30);
		free(objects);
		munmap(mem, size);
	}
}

/* An allocator under random misuse. */
struct nonsense {
	struct pool p;
	void *held[3000];
	bool out[3000]; /* By index in p.object. */
	unsigned int nb_held, seed;
	uint64_t count[TIDEI_MISUSE_KINDS];
};

static unsigned int
below(struct nonsense *n, unsigned int limit)
{
	return (unsigned int)rand_r(&n->seed) % limit;
}

static void
mark(struct nonsense *n, const void *object, bool out)
{
	char **found =
		bsearch(&object, n->p.object, n->p.nb, sizeof(*n->p.object), compare_pointers);

	n->out[found - n->p.object] = out;
}

/* Correct use: get a burst, or put back all objects one by one. */
static void
work(struct nonsense *n)
{
	unsigned int burst = 1 + below(n, 40);

	if (n->nb_held + burst < 2000) {
		assert_int_equal(
			tidei_magazines_get(n->p.mags, n->held + n->nb_held, burst, NULL), 0);
		for (; burst > 0; burst--)
			mark(n, n->held[n->nb_held++], true);
		return;
	}
	for (; n->nb_held > 0; n->nb_held--) {
		mark(n, n->held[n->nb_held - 1], false);
		assert_int_equal(
			tidei_magazines_put(n->p.mags, &n->held[n->nb_held - 1], 1, NULL), 0);
	}
}

static void
misuse(struct nonsense *n)
{
	unsigned int pick = below(n, n->p.nb);
	enum tidei_misuse_kind kind = (enum tidei_misuse_kind)below(n, TIDEI_MISUSE_KINDS);
	void *bad = n->p.object[pick];

	switch (kind) {
	case TIDEI_MISUSE_DOUBLE_FREE:
		if (n->out[pick] || tidei_magazines_mode(n->p.mags) != TIDEI_LEDGER_FULL)
			return;
		break;
	case TIDEI_MISUSE_FOREIGN:
		bad = below(n, 2) ? n->p.base + n->p.bytes + below(n, 1 << 30)
		                  : (void *)(uintptr_t)below(n, 1 << 30);
		break;
	default:
		bad = (char *)bad + 1 + below(n, (unsigned int)n->p.stride - 1);
	}
	n->count[kind]++;
	assert_int_equal(tidei_magazines_put(n->p.mags, &bad, 1, NULL), 1);
}

static void
a_million_random_misuses_leave_an_allocator_intact(void **state)
{
	unsigned int seed = seed_of_run();

	for (int mode = 0; mode < TIDEI_LEDGER_MODES; mode++) {
		struct nonsense *n = calloc(1, sizeof(*n));
		struct tidei_counters c;

		n->seed = seed;
		/* Pages, so that the memory has gaps. */
		n->p = pool_empty(3000, 320, (enum tidei_ledger_mode)mode, 300 * (size_t)4096);
		pool_add_pages(&n->p, 4096);
		for (int i = 0; i < 1000000 + 1000000 / 3; i++)
			if (i % 4 == 0)
				work(n);
			else
				misuse(n);
		pool_assert(&n->p, 3000 - n->nb_held);
		c = tidei_magazines_counters(n->p.mags);
		for (unsigned int kind = 0; kind < TIDEI_MISUSE_KINDS; kind++)
			assert_int_equal(c.misuses[kind], n->count[kind]);
		assert_int_equal(tidei_magazines_put(n->p.mags, n->held, n->nb_held, NULL), 0);
		pool_assert_usable(&n->p);
		pool_done(&n->p);
		free(n);
	}
}

static int
group(const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pointers_that_are_no_objects_are_refused_in_each_mode),
		cmocka_unit_test(pointers_into_page_gaps_are_misaligned),
		cmocka_unit_test(pointers_between_segments_are_foreign),
		cmocka_unit_test(a_full_ledger_refuses_every_double_free),
		cmocka_unit_test(the_good_objects_of_a_bad_burst_go_back),
		cmocka_unit_test(a_sampled_ledger_refuses_a_double_free_of_one_object_in_sixteen),
		cmocka_unit_test(without_a_word_a_double_free_is_not_noticed),
		cmocka_unit_test(endless_unnoticed_double_frees_end_no_put),
		cmocka_unit_test(
			endless_unnoticed_double_frees_end_no_put_while_others_are_stopped),
		cmocka_unit_test(a_get_drops_the_second_copy_of_an_object),
		cmocka_unit_test(a_copy_whose_first_is_held_is_dropped),
		cmocka_unit_test(an_object_freed_under_a_failing_get_costs_no_other),
		cmocka_unit_test(a_listener_may_get_and_put),
		cmocka_unit_test(a_listener_told_by_a_get_keeps_no_free_objects),
		cmocka_unit_test(a_listener_told_by_a_put_keeps_no_free_objects),
		cmocka_unit_test(a_process_that_ends_when_told_by_a_get_loses_no_free_object),
		cmocka_unit_test(a_million_random_misuses_leave_an_allocator_intact),
	};

	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int
main(int argc, char **argv)
{
	return magazine_tests(argc, argv, "magazine_misuse", group);
}
