/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Tables of flows against a list of all flows, with hashes of all kinds. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <rte_common.h>

#include "flow_table.h"
#include "range.h"

#define FLOWS  8000
#define TABLES 3

static uint64_t seed;

static uint64_t
draw(uint64_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % below;
}

/* The list. */
struct known {
	union fwd_flow_key key;
	uint64_t hash, packets, bytes;
};

static struct known known[FLOWS];
static unsigned int nb_known;
static struct fwd_flow_table table[TABLES];
static void *memory[FLOWS * TABLES];
static unsigned int nb_memory;

/* From hashes as they are to all alike; some agree except in the last bits that are looked at. */
static uint64_t
real_hash(const union fwd_flow_key *key)
{
	const struct fwd_flow_secret secret = {{0x1111222233334444, 0x123456789abcdef1, 77}};

	return fwd_flow_hash(key, &secret);
}

static uint64_t
one_root(const union fwd_flow_key *key)
{
	return real_hash(key) / FWD_FLOW_ROOTS * FWD_FLOW_ROOTS + 5;
}

static uint64_t
few(const union fwd_flow_key *key)
{
	return real_hash(key) % 7;
}

static uint64_t
last_bits(const union fwd_flow_key *key)
{
	return real_hash(key) % 16 << 60;
}

static uint64_t
all_ones(const union fwd_flow_key *key)
{
	return UINT64_MAX;
}

static uint64_t
none(const union fwd_flow_key *key)
{
	return 0;
}

static uint64_t (*const hashes[])(const union fwd_flow_key *key) = {
	real_hash, one_root, few, last_bits, all_ones, none};

static void
forget(void)
{
	while (nb_memory > 0)
		free(memory[--nb_memory]);
	memset(table, 0, sizeof(table));
	nb_known = 0;
}

static union fwd_flow_key
any_key(unsigned int variety)
{
	union fwd_flow_key key = {.word = {0}};

	key.version = draw(2) == 0 ? 4 : 6;
	key.proto = draw(2) == 0 ? 6 : 17;
	key.dport = draw(variety);
	if (key.version == 4)
		key.v4.dst[3] = draw(4);
	else
		key.v6.dst[15] = draw(4);
	return key;
}

static void
count_known(const union fwd_flow_key *key, uint64_t hash, uint64_t bytes)
{
	unsigned int i = 0;

	while (i < nb_known && memcmp(&known[i].key, key, sizeof(*key)) != 0)
		i++;
	if (i == nb_known)
		known[nb_known++] = (struct known){.key = *key, .hash = hash};
	known[i].packets++;
	known[i].bytes += bytes;
}

/* Make a record of exactly its length: the sanitizers find an access beyond it. */
static struct fwd_flow *
make(const union fwd_flow_key *key, uint64_t hash)
{
	struct fwd_flow *flow = malloc(fwd_flow_size(key));

	assert_non_null(flow);
	memory[nb_memory++] = flow;
	memset(flow, 0x5a, fwd_flow_size(key));
	fwd_flow_init(flow, key, hash);
	return flow;
}

static void
count(struct fwd_flow_table *to, const union fwd_flow_key *key, uint64_t hash, uint64_t bytes)
{
	struct fwd_flow **place = fwd_flow_place(to, key, hash);

	if (*place == NULL)
		*place = make(key, hash);
	(*place)->packets++;
	(*place)->bytes += bytes;
}

/* Packets of some flows into one table or several. */
static void
fill(uint64_t (*hash)(const union fwd_flow_key *key), unsigned int packets, unsigned int variety,
	unsigned int tables)
{
	for (unsigned int i = 0; i < packets; i++) {
		union fwd_flow_key key = any_key(variety);
		/* Two short packets are as long as a long one. */
		uint64_t bytes = 60 + 60 * draw(2);

		count(&table[draw(tables)], &key, hash(&key), bytes);
		count_known(&key, hash(&key), bytes);
	}
}

static void
holds_what_is_known(struct fwd_flow_table *t)
{
	static struct fwd_flow *all[FLOWS + 1];
	struct fwd_flow_top top = {.heap = all, .most = RTE_DIM(all)};

	for (unsigned int i = 0; i < nb_known; i++) {
		struct fwd_flow *flow = *fwd_flow_place(t, &known[i].key, known[i].hash);

		assert_non_null(flow);
		assert_true(fwd_flow_same(&flow->key, &known[i].key));
		assert_int_equal(flow->packets, known[i].packets);
		assert_int_equal(flow->bytes, known[i].bytes);
	}
	for (unsigned int root = 0; root < FWD_FLOW_ROOTS; root++)
		fwd_flow_offer(&top, t, root);
	assert_int_equal(top.nb, nb_known);
}

static void
a_table_holds_each_flow_once_whatever_the_hash(void **state)
{
	for (unsigned int h = 0; h < RTE_DIM(hashes); h++) {
		fill(hashes[h], 6000, 100, 1);
		assert_int_equal(nb_memory, nb_known);
		holds_what_is_known(&table[0]);
		forget();
	}
}

static void
tables_merge_into_one_without_loss(void **state)
{
	for (unsigned int h = 0; h < RTE_DIM(hashes); h++) {
		uint64_t both = 0;

		fill(hashes[h], 6000, 60, TABLES);
		for (unsigned int root = 0; root < FWD_FLOW_ROOTS; root++) {
			for (unsigned int from = 1; from < TABLES; from++) {
				both += fwd_flow_merge(&table[0], &table[from], root);
				assert_null(table[from].root[root]);
			}
		}
		assert_int_equal(nb_memory - both, nb_known);
		assert_true(both > 0);
		holds_what_is_known(&table[0]);
		forget();
	}
}

static void
merging_nothing_changes_nothing(void **state)
{
	fill(real_hash, 500, 100, 1);
	for (unsigned int root = 0; root < FWD_FLOW_ROOTS; root++)
		assert_int_equal(fwd_flow_merge(&table[0], &table[1], root), 0);
	holds_what_is_known(&table[0]);
	for (unsigned int root = 0; root < FWD_FLOW_ROOTS; root++)
		assert_int_equal(fwd_flow_merge(&table[1], &table[0], root), 0);
	holds_what_is_known(&table[1]);
	forget();
}

static unsigned int
depth(const struct fwd_flow *flow)
{
	unsigned int left, right;

	if (flow == NULL)
		return 0;
	left = depth(flow->child[0]);
	right = depth(flow->child[1]);
	return 1 + RTE_MAX(left, right);
}

/* Some 2,700 flows in one tree: a list would be that long, a tree of random hashes is 20 to 30 deep. */
static void
flows_of_one_root_are_found_in_few_steps(void **state)
{
	fill(one_root, 6000, 1000, 1);
	assert_true(nb_known > 2000);
	assert_uint_in_range(depth(table[0].root[5]), 11, 50);
	forget();
}

/* Most bytes, most packets, then version, protocol, ports and addresses byte by byte. */
static int
by_rank(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	if (x->packets != y->packets)
		return x->packets > y->packets ? -1 : 1;
	return memcmp(&x->key, &y->key, sizeof(x->key));
}

static void
the_top_are_the_first_of_all_in_order(void **state)
{
	static const unsigned int most[] = {1, 2, 3, 7, 10, 100, FLOWS};
	static struct fwd_flow *heap[FLOWS];

	for (unsigned int round = 0; round < 20; round++) {
		/* Few packets to a flow: many flows are alike in bytes, many in packets too. */
		fill(real_hash, 1 + draw(1500), 100, 1);
		qsort(known, nb_known, sizeof(known[0]), by_rank);
		for (unsigned int m = 0; m < RTE_DIM(most); m++) {
			struct fwd_flow_top top = {.heap = heap, .most = most[m]};

			for (unsigned int root = 0; root < FWD_FLOW_ROOTS; root++)
				fwd_flow_offer(&top, &table[0], root);
			fwd_flow_sort(&top);
			assert_int_equal(top.nb, RTE_MIN(most[m], nb_known));
			for (unsigned int i = 0; i < top.nb; i++)
				assert_true(fwd_flow_same(&top.heap[i]->key, &known[i].key));
		}
		forget();
	}
}

static void
a_record_of_ipv4_is_one_cache_line(void **state)
{
	union fwd_flow_key key = {.word = {0}};

	key.version = 4;
	assert_true(fwd_flow_size(&key) <= 64);
	assert_int_equal(fwd_flow_align(&key), 64);
	key.version = 6;
	assert_int_equal(fwd_flow_size(&key), sizeof(struct fwd_flow));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_holds_each_flow_once_whatever_the_hash),
		cmocka_unit_test(tables_merge_into_one_without_loss),
		cmocka_unit_test(merging_nothing_changes_nothing),
		cmocka_unit_test(flows_of_one_root_are_found_in_few_steps),
		cmocka_unit_test(the_top_are_the_first_of_all_in_order),
		cmocka_unit_test(a_record_of_ipv4_is_one_cache_line),
	};

	seed = (uint64_t)time(NULL);
	printf("seed %llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests_name("fwd_flow_table", tests, NULL, NULL);
}
