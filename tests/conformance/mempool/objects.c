/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Claims about objects, as one thread sees them. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"

static enum verdict
one_thread_gets_all(struct trial *t)
{
	struct audit b;

	NEED(audit_make(&b, t, 1000, 200, 0, 0));
	NEED(audit_all_free(&b));
	audit_close(&b);
	return VERDICT_PASS;
}

static enum verdict
pool_sizes(struct trial *t)
{
	static const unsigned int sizes[] = {
		1, 2, 63, 64, 65, 127, 128, 129, 1023, 1024, 4097, 65535, 65536, 65537};
	struct audit b;

	for (size_t i = 0; i < RTE_DIM(sizes); i++) {
		NEED(audit_make(&b, t, sizes[i], 64, 0, 0));
		NEED(audit_all_free(&b));
		audit_close(&b);
	}
	return VERDICT_PASS;
}

/* Choose a byte that differs from those of the neighbours. */
static int
pattern(unsigned int i)
{
	return (int)(i * 37 + 11) & 0xff;
}

/* Check that each object has the requested size and alignment and overlaps no other. */
static bool
objects_are_apart(struct audit *b, void **objs, size_t elt_size, size_t align)
{
	for (unsigned int i = 0; i < b->n; i++) {
		if ((uintptr_t)objs[i] % align != 0) {
			fails(b->t, "an object of %zu bytes at %p is not aligned to %zu", elt_size,
				objs[i], align);
			return false;
		}
		memset(objs[i], pattern(i), elt_size);
	}
	for (unsigned int i = 0; i < b->n; i++) {
		const unsigned char *bytes = objs[i];

		for (size_t k = 0; k < elt_size; k++) {
			if (bytes[k] == pattern(i))
				continue;
			fails(b->t,
				"byte %zu of an object of %zu bytes belongs to another object too",
				k, elt_size);
			return false;
		}
		if (rte_mempool_from_obj(objs[i]) != b->mp) {
			fails(b->t, "the header before an object of %zu bytes was overwritten",
				elt_size);
			return false;
		}
	}
	return true;
}

static enum verdict
sizes_with_flags(struct trial *t, const unsigned int *sizes, size_t n_sizes, unsigned int flags,
	size_t align)
{
	struct audit b;
	void *objs[70];

	for (size_t i = 0; i < n_sizes; i++) {
		NEED(audit_make(&b, t, RTE_DIM(objs), sizes[i], 0, flags));
		NEED(audit_get(&b, objs, b.n));
		NEED(objects_are_apart(&b, objs, sizes[i], align));
		NEED(audit_put(&b, objs, b.n));
		NEED(audit_all_free(&b));
		audit_close(&b);
	}
	return VERDICT_PASS;
}

static enum verdict
element_sizes(struct trial *t)
{
	static const unsigned int sizes[] = {8, 16, 24, 40, 56, 64, 72, 100, 128, 1000, 2048, 2176,
		2312, 4032, 4104, 9216, 10000, 65528, 65536};

	return sizes_with_flags(t, sizes, RTE_DIM(sizes), 0, RTE_MEMPOOL_ALIGN);
}

static enum verdict
flags(struct trial *t)
{
	static const unsigned int sizes[] = {8, 24, 200, 2176};
	static const struct {
		unsigned int flags;
		size_t align;
	} ways[] = {
		{RTE_MEMPOOL_F_NO_SPREAD, RTE_MEMPOOL_ALIGN},
		{RTE_MEMPOOL_F_NO_CACHE_ALIGN, 8},
		{RTE_MEMPOOL_F_NO_IOVA_CONTIG, RTE_MEMPOOL_ALIGN},
		{RTE_MEMPOOL_F_NO_IOVA_CONTIG | RTE_MEMPOOL_F_NO_CACHE_ALIGN, 8},
		{RTE_MEMPOOL_F_SP_PUT | RTE_MEMPOOL_F_SC_GET, RTE_MEMPOOL_ALIGN},
	};
	enum verdict v = VERDICT_PASS;

	for (size_t i = 0; i < RTE_DIM(ways) && v == VERDICT_PASS; i++)
		v = sizes_with_flags(t, sizes, RTE_DIM(sizes), ways[i].flags, ways[i].align);
	return v;
}

static void
shuffle(uint64_t *state, void **objs, unsigned int n)
{
	for (unsigned int i = n; i > 1; i--) {
		unsigned int k = random_below(state, i);
		void *object = objs[k];

		objs[k] = objs[i - 1];
		objs[i - 1] = object;
	}
}

/* Get bulks of any size and put them in any other size and order; the audit detects each wrong object. */
static enum verdict
any_order(struct trial *t)
{
	uint64_t seed = t->seed;
	unsigned int held = 0;
	void *objs[2500];
	struct audit b;

	NEED(audit_make(&b, t, RTE_DIM(objs), 128, 0, 0));
	for (unsigned int round = 0; round < 3000; round++) {
		unsigned int n = 1 + random_below(&seed, 300);

		if (held + n <= b.n && random_below(&seed, 2) == 0) {
			NEED(audit_get(&b, objs + held, n));
			held += n;
		} else if (held > 0) {
			n = RTE_MIN(n, held);
			shuffle(&seed, objs, held);
			held -= n;
			NEED(audit_put(&b, objs + held, n));
		}
		CHECK(t, rte_mempool_avail_count(b.mp) == b.n - held,
			"with %u of %u objects free the count is %u (seed %" PRIu64 ")", b.n - held,
			b.n, rte_mempool_avail_count(b.mp), t->seed);
	}
	NEED(audit_put(&b, objs, held));
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

static enum verdict
data_kept(struct trial *t)
{
	void *objs[500], *again[500];
	struct audit b;

	NEED(audit_make(&b, t, RTE_DIM(objs), 200, 0, 0));
	NEED(audit_get(&b, objs, b.n));
	for (unsigned int i = 0; i < b.n; i++)
		memset(objs[i], pattern((unsigned int)audit_find(&b, objs[i])), 200);
	NEED(audit_put(&b, objs, b.n));
	NEED(audit_get(&b, again, b.n));
	for (unsigned int i = 0; i < b.n; i++)
		for (unsigned int k = 0; k < 200; k++)
			CHECK(t,
				((unsigned char *)again[i])[k] ==
					pattern((unsigned int)audit_find(&b, again[i])),
				"byte %u of an object changed between put and get", k);
	return VERDICT_PASS;
}

/* Check that two pools of the same handler share nothing. */
static enum verdict
pools_apart(struct trial *t)
{
	void *first[100], *second[100];
	struct audit a, b;

	NEED(audit_make(&a, t, 100, 200, 0, 0));
	NEED(audit_make(&b, t, 100, 200, 0, 0));
	NEED(audit_get(&a, first, 100));
	NEED(audit_get(&b, second, 100));
	NEED(audit_put(&a, first, 100));
	CHECK(t, rte_mempool_avail_count(b.mp) == 0, "a put to one pool filled another");
	NEED(audit_put(&b, second, 100));
	NEED(audit_all_free(&a));
	NEED(audit_all_free(&b));
	audit_close(&a);
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

static enum verdict
contig_blocks(struct trial *t)
{
	struct rte_mempool_info info;
	void *first[8];
	struct audit b;
	size_t stride;
	char *object;

	NEED(audit_make(&b, t, 4096, 200, 0, 0));
	if (rte_mempool_get_ops(b.mp->ops_index)->dequeue_contig_blocks == NULL)
		return skips(t, "the handler has no blocks");
	CHECK(t, rte_mempool_ops_get_info(b.mp, &info) == 0 && info.contig_block_size > 0,
		"get_info does not return the size of a block");
	CHECK(t, rte_mempool_get_contig_blocks(b.mp, first, RTE_DIM(first)) == 0,
		"no %zu blocks in a full pool of %u objects", RTE_DIM(first), b.n);
	stride = (size_t)b.mp->header_size + b.mp->elt_size + b.mp->trailer_size;
	for (size_t i = 0; i < RTE_DIM(first); i++) {
		object = first[i];
		for (unsigned int k = 0; k < info.contig_block_size; k++) {
			void *one = object + k * stride;

			NEED(audit_note_get(&b, &one, 1));
		}
	}
	for (size_t i = 0; i < RTE_DIM(first); i++) {
		object = first[i];
		for (unsigned int k = 0; k < info.contig_block_size; k++) {
			void *one = object + k * stride;

			NEED(audit_put(&b, &one, 1));
		}
	}
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

const struct claim claims_objects[] = {
	{.name = "one-thread-gets-all",
		.sentence = "one thread can take every object, one by one and in one bulk",
		.basis = BASIS_CONTRACT,
		.run = one_thread_gets_all},
	{.name = "pool-sizes",
		.sentence = "pools of 1, 2, 63, 64, 65 ... 65,537 objects are whole",
		.basis = BASIS_CONTRACT,
		.run = pool_sizes},
	{.name = "element-sizes",
		.sentence = "elements of 8 bytes to 64 KB are as large as asked, aligned and apart",
		.basis = BASIS_CONTRACT,
		.run = element_sizes},
	{.name = "flags",
		.sentence = "each creation flag is accepted and keeps its alignment",
		.basis = BASIS_CONTRACT,
		.run = flags},
	{.name = "any-order",
		.sentence = "bulks of any size come and go in any order",
		.basis = BASIS_CONTRACT,
		.run = any_order},
	{.name = "data-kept",
		.sentence = "what is written to an object is still there after put and get",
		.basis = BASIS_CONTRACT,
		.run = data_kept},
	{.name = "pools-apart",
		.sentence = "two pools share no object",
		.basis = BASIS_CONTRACT,
		.run = pools_apart},
	{.name = "contig-blocks",
		.sentence = "blocks of contiguous objects are whole (handlers that offer them)",
		.basis = BASIS_CONTRACT,
		.run = contig_blocks},
	{.name = NULL},
};
