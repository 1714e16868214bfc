/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Compares random sequences of correct and wrong gets and puts, in many threads in turn, with a naive model. */

#include <errno.h>

#include "magazine_pool.h"

#define BURST_MAX 1500

/* A naive model of an allocator: the set of objects that are out. */
struct model {
	struct pool *p;
	unsigned int *seed;
	bool *out; /* By index in p->object, which is sorted. */
	void **held; /* The objects that are out. */
	uint32_t nb_held;
	unsigned int workers;
	uint64_t failures, doubles, foreign, misaligned;
	void *burst[BURST_MAX + 1];
};

static unsigned int
below(struct model *m, unsigned int limit)
{
	return (unsigned int)rand_r(m->seed) % limit;
}

static uint32_t
place_of(const struct model *m, const void *object)
{
	char **found =
		bsearch(&object, m->p->object, m->p->nb, sizeof(*m->p->object), compare_pointers);

	assert_non_null(found);
	return (uint32_t)(found - m->p->object);
}

static unsigned int
burst_size(struct model *m)
{
	static const unsigned int limits[] = {1, 8, 32, 33, 64, 256, 300, 1024, BURST_MAX};

	return 1 + below(m, limits[below(m, NB(limits))]);
}

static void
get_some(struct model *m)
{
	unsigned int n = burst_size(m);
	bool fits = n <= m->p->nb - m->nb_held;
	int ret;

	memset(m->burst, 0xa5, sizeof(m->burst));
	ret = worker_get(m->p->mags, below(m, m->workers), m->burst, n);
	assert_int_equal(ret, fits ? 0 : -ENOBUFS);
	assert_int_equal((uintptr_t)m->burst[n], UINT64_C(0xa5a5a5a5a5a5a5a5));
	if (!fits) {
		m->failures++;
		if (n <= TIDEI_GET_EXACT)
			assert_memory_equal(m->burst, m->burst + n, sizeof(void *));
		return;
	}
	for (unsigned int i = 0; i < n; i++) {
		uint32_t place = place_of(m, m->burst[i]);

		assert_false(m->out[place]);
		m->out[place] = true;
		/* The memory belongs to the owner of the object. */
		*(uint64_t *)m->burst[i] = place;
		m->held[m->nb_held++] = m->burst[i];
	}
}

/* Move outstanding objects to the burst: the newest, the oldest or random ones. */
static unsigned int
choose_held(struct model *m, unsigned int n)
{
	unsigned int how = below(m, 3), k = 0;

	for (; k < n && m->nb_held > 0; k++) {
		uint32_t at = how == 0 ? m->nb_held - 1 : how == 1 ? 0 : below(m, m->nb_held);
		uint32_t place = place_of(m, m->held[at]);

		assert_int_equal(*(uint64_t *)m->held[at], place);
		m->burst[k] = m->held[at];
		m->held[at] = m->held[--m->nb_held];
		m->out[place] = false;
	}
	return k;
}

/* Insert a bad pointer at a random place of a burst of k, `good` of which are right. Returns the new length. */
static unsigned int
spoil(struct model *m, unsigned int k, unsigned int good)
{
	unsigned int at = below(m, k + 1);
	void *bad;

	switch (below(m, 3)) {
	case 0:
		if (tidei_magazines_mode(m->p->mags) != TIDEI_LEDGER_FULL || good == 0 || k != good)
			return k;
		bad = m->burst[below(m, k)];
		m->doubles++;
		break;
	case 1:
		bad = m->p->base + m->p->bytes + below(m, 1 << 30);
		m->foreign++;
		break;
	default:
		bad = m->p->object[below(m, m->p->nb)] + 1 + below(m, 7);
		m->misaligned++;
	}
	m->burst[k] = m->burst[at];
	m->burst[at] = bad;
	return k + 1;
}

static void
put_some(struct model *m)
{
	unsigned int good = choose_held(m, burst_size(m)), n = good;

	while (n < BURST_MAX && below(m, 4) == 0)
		n = spoil(m, n, good);
	assert_int_equal(worker_put(m->p->mags, below(m, m->workers), m->burst, n), n - good);
}

static void
assert_agrees(struct model *m)
{
	struct tidei_counters c = tidei_magazines_counters(m->p->mags);

	pool_assert(m->p, m->p->nb - m->nb_held);
	assert_int_equal(c.failures, m->failures);
	assert_int_equal(c.misuses[TIDEI_MISUSE_DOUBLE_FREE], m->doubles);
	assert_int_equal(c.misuses[TIDEI_MISUSE_FOREIGN], m->foreign);
	assert_int_equal(c.misuses[TIDEI_MISUSE_MISALIGNED], m->misaligned);
	assert_true(tidei_magazines_peak(m->p->mags) <= m->p->nb);
}

static int
is_out(const struct tidei_magazines *mags, uint32_t slot, void *arg)
{
	struct model *m = arg;

	m->out[place_of(m, tidei_magazines_object(mags, slot))] ^= true;
	return 0;
}

/* Check that a walk visits each object that is out once. */
static void
assert_walk_agrees(struct model *m)
{
	assert_int_equal(tidei_magazines_walk(m->p->mags, is_out, m), 0);
	for (uint32_t i = 0; i < m->p->nb; i++)
		assert_false(m->out[i]);
	for (uint32_t i = 0; i < m->nb_held; i++)
		m->out[place_of(m, m->held[i])] = true;
}

static void
run_against_model(struct pool *p, unsigned int workers, unsigned int *seed)
{
	struct model m = {.p = p, .seed = seed, .workers = workers};

	m.out = calloc(p->nb, sizeof(*m.out));
	m.held = calloc(p->nb, sizeof(*m.held));
	qsort(p->object, p->nb, sizeof(*p->object), compare_pointers);
	for (int round = 0; round < 1500; round++) {
		if (below(&m, 2))
			get_some(&m);
		else
			put_some(&m);
		if (round % 50 == 0)
			assert_agrees(&m);
	}
	assert_agrees(&m);
	assert_walk_agrees(&m);
	assert_int_equal(tidei_magazines_put(p->mags, m.held, m.nb_held, NULL), 0);
	free(m.out);
	free(m.held);
	pool_done(p);
}

static const size_t strides[] = {8, 24, 64, 192, 200, 2368, 2432, 4096 + 64};

static enum tidei_ledger_mode
mode_of(unsigned int *seed)
{
	return (enum tidei_ledger_mode)(rand_r(seed) % TIDEI_LEDGER_MODES);
}

static uint32_t
objects_of(unsigned int *seed)
{
	static const unsigned int limits[] = {70, 300, 2100, 9000};

	return 1 + (uint32_t)rand_r(seed) % limits[(size_t)rand_r(seed) % NB(limits)];
}

static void
random_bursts_agree_with_a_naive_model_on_one_run(void **state)
{
	unsigned int seed = seed_of_run();

	for (size_t i = 0; i < 2 * NB(strides); i++) {
		struct pool p =
			pool_full(objects_of(&seed), strides[i % NB(strides)], mode_of(&seed));

		run_against_model(&p, 1 + (unsigned int)rand_r(&seed) % 6, &seed);
	}
}

static void
random_bursts_agree_with_a_naive_model_on_pages(void **state)
{
	unsigned int seed = seed_of_run();

	for (size_t i = 0; i < NB(strides) - 1; i++) {
		uint32_t n = objects_of(&seed);
		struct pool p = pool_empty(n, strides[i], mode_of(&seed), (n + 1) * (size_t)4096);

		pool_add_pages(&p, 4096);
		run_against_model(&p, 1 + (unsigned int)rand_r(&seed) % 6, &seed);
	}
}

/* Add all objects in pieces of random size, order and distance. */
static void
add_pieces(struct pool *p, unsigned int *seed)
{
	uint32_t *size = calloc(p->capacity, sizeof(*size)), nb = 0, left = p->capacity;
	size_t *at = calloc(p->capacity, sizeof(*at)), offset = 0;

	while (left > 0) {
		uint32_t n = rand_r(seed) % 3 == 0 ? 1 : 1 + (uint32_t)rand_r(seed) % 200;

		size[nb] = n < left ? n : left;
		at[nb] = offset;
		offset += size[nb] * p->stride + (size_t)(rand_r(seed) % 3) * 8;
		left -= size[nb++];
	}
	for (uint32_t i = 0; i < nb; i++) {
		uint32_t k = rand_r(seed) % 2 ? i : i + (uint32_t)rand_r(seed) % (nb - i);

		pool_add(p, at[k], size[k]);
		size[k] = size[i];
		at[k] = at[i];
	}
	free(size);
	free(at);
}

static void
random_bursts_agree_with_a_naive_model_on_many_segments(void **state)
{
	unsigned int seed = seed_of_run();

	for (size_t i = 0; i < NB(strides); i++) {
		uint32_t n = objects_of(&seed);
		struct pool p = pool_empty(n, strides[i], mode_of(&seed), n * (strides[i] + 16));

		add_pieces(&p, &seed);
		run_against_model(&p, 1 + (unsigned int)rand_r(&seed) % 6, &seed);
	}
}

static void
random_bursts_agree_with_a_naive_model_in_more_threads_than_cells(void **state)
{
	unsigned int seed = seed_of_run();

	for (size_t i = 0; i < 6; i++) {
		struct pool p = pool_full(i % 2 ? 2000 : 700, 64, mode_of(&seed));

		run_against_model(&p, 40, &seed);
	}
}

static int
group(const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bursts_agree_with_a_naive_model_on_one_run),
		cmocka_unit_test(random_bursts_agree_with_a_naive_model_on_pages),
		cmocka_unit_test(random_bursts_agree_with_a_naive_model_on_many_segments),
		cmocka_unit_test(random_bursts_agree_with_a_naive_model_in_more_threads_than_cells),
	};

	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int
main(int argc, char **argv)
{
	return magazine_tests(argc, argv, "magazine_random", group);
}
