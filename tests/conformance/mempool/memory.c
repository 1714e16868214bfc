/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Claims about the memory of a pool: pieces, pages, addresses. */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "audit.h"

static size_t
stride_of(const struct rte_mempool *mp)
{
	return (size_t)mp->header_size + mp->elt_size + mp->trailer_size;
}

/*
 * Allocate memory inside one page, because a handler may leave out an object that would cross two pages.
 * Alignment to a power of two is enough, because pieces are smaller than pages.
 */
static char *
alloc_piece(size_t len)
{
	return rte_malloc("piece", len, rte_align32pow2((uint32_t)len));
}

/* Add len bytes at mem, which EAL allocated, as one piece. */
static int
add_piece(struct rte_mempool *mp, char *mem, size_t len)
{
	return rte_mempool_populate_iova(mp, mem, rte_mem_virt2iova(mem), len, NULL, NULL);
}

/*
 * A pool from pieces of room for `each` objects that start `skew` bytes after a cache line, with
 * `tail` bytes too many at the end.
 */
static enum verdict
pieces(struct trial *t, unsigned int each, unsigned int elt_size, size_t skew, size_t tail)
{
	unsigned int n = each * 25;
	struct rte_mempool *mp = pool_empty(t, n, elt_size, 0, 0);
	struct audit b;

	NEED(mp != NULL);
	for (unsigned int made = 0; made < n; made += each) {
		size_t align = skew == 0 ? 0 : RTE_MEMPOOL_ALIGN - skew;
		size_t len = each * stride_of(mp) + align + tail;
		char *mem = alloc_piece(len + skew);
		int ret;

		CHECK(t, mem != NULL, "no memory for a piece of %zu bytes", len);
		ret = add_piece(mp, mem + skew, len);
		CHECK(t, ret == (int)each,
			"a piece of %zu bytes, %zu off a cache line, with room for %u objects of "
			"%u "
			"bytes gave %d",
			len, skew, each, elt_size, ret);
	}
	CHECK(t, mp->populated_size == n, "%u of %u objects are in the pool", mp->populated_size,
		n);
	NEED(audit_open(&b, t, mp, n));
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

static enum verdict
pieces_of_16(struct trial *t)
{
	return pieces(t, 16, 64, 0, 0);
}

static enum verdict
pieces_of_1(struct trial *t)
{
	enum verdict v = pieces(t, 1, 200, 0, 0);

	return v == VERDICT_PASS ? pieces(t, 1, 2176, 0, 0) : v;
}

static enum verdict
unaligned_pieces(struct trial *t)
{
	static const size_t skews[] = {1, 8, 33, 63};
	enum verdict v = VERDICT_PASS;

	for (size_t i = 0; i < RTE_DIM(skews) && v == VERDICT_PASS; i++)
		v = pieces(t, 20, 64, skews[i], i * 21);
	return v;
}

/* Add pieces without room for an object, down to 0 bytes, before, between and after others. */
static enum verdict
pieces_too_small(struct trial *t)
{
	static const size_t lengths[] = {0, 1, 64, 100};
	struct rte_mempool *mp = pool_empty(t, 40, 64, 0, 0);
	struct audit b;

	NEED(mp != NULL);
	for (size_t i = 0; i <= RTE_DIM(lengths); i++) {
		size_t len = i < RTE_DIM(lengths) ? lengths[i] : stride_of(mp) - 1;
		char *mem = alloc_piece(20 * stride_of(mp));
		int ret;

		CHECK(t, mem != NULL, "no memory for a piece");
		ret = add_piece(mp, mem, len);
		CHECK(t, ret == 0, "a piece of %zu bytes, less than an object of %zu, gave %d", len,
			stride_of(mp), ret);
		if (i == 1 || i == 3) {
			ret = add_piece(mp, mem, 20 * stride_of(mp));
			CHECK(t, ret == 20, "a piece for 20 objects gave %d after one too small",
				ret);
		}
		CHECK(t, rte_mempool_avail_count(mp) == mp->populated_size,
			"after a piece too small %u of %u objects are counted",
			rte_mempool_avail_count(mp), mp->populated_size);
		if (mp->populated_size == mp->size)
			break;
	}
	NEED(audit_open(&b, t, mp, 40));
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

/* Add memory for more objects than the pool has. */
static enum verdict
no_more_than_size(struct trial *t)
{
	struct rte_mempool *mp = pool_empty(t, 70, 200, 0, 0);
	struct audit b;
	char *mem;
	int ret;

	NEED(mp != NULL);
	mem = rte_malloc("piece", 200 * stride_of(mp), RTE_MEMPOOL_ALIGN);
	CHECK(t, mem != NULL, "no memory for a piece");
	ret = add_piece(mp, mem, 200 * stride_of(mp));
	CHECK(t, ret == 70, "memory for 200 objects gave %d to a pool of 70", ret);
	NEED(audit_open(&b, t, mp, 70));
	NEED(audit_all_free(&b));
	return VERDICT_PASS;
}

/* Check that each object is one run of I/O addresses, the one in its header. */
static enum verdict
addresses_hold(struct audit *b)
{
	for (unsigned int i = 0; i < b->n; i++) {
		rte_iova_t iova = rte_mempool_virt2iova(b->object[i]);

		size_t last = b->mp->elt_size - 1;

		/* I/O addresses are contiguous inside a page. */
		for (size_t k = 0; k <= last; k = k + 4096 < last || k == last ? k + 4096 : last) {
			rte_iova_t real = rte_mem_virt2iova(b->object[i] + k);

			CHECK(b->t, real == iova + k,
				"byte %zu of an object is at I/O address %#" PRIx64
				", its header says %#" PRIx64,
				k, real, iova + k);
		}
	}
	return VERDICT_PASS;
}

static enum verdict
pages(struct trial *t, unsigned int n, unsigned int elt_size)
{
	enum verdict v;
	struct audit b;

	NEED(audit_make(&b, t, n, elt_size, 0, 0));
	v = addresses_hold(&b);
	if (v != VERDICT_PASS)
		return v;
	NEED(audit_all_free(&b));
	audit_close(&b);
	return VERDICT_PASS;
}

/* Small objects, packet buffers, and some larger than a small page. */
static enum verdict
pages_of_eal(struct trial *t)
{
	static const struct {
		unsigned int n, elt_size;
	} pool[] = {{20000, 24}, {4000, 2176}, {500, 9344}, {100, 65536}};
	enum verdict v = VERDICT_PASS;

	for (size_t i = 0; i < RTE_DIM(pool) && v == VERDICT_PASS; i++)
		v = pages(t, pool[i].n, pool[i].elt_size);
	return v;
}

/* Add pages that the kernel allocated one by one, each as a piece. */
static enum verdict
pages_apart(struct trial *t)
{
	struct rte_mempool *mp = pool_empty(t, 900, 1000, 0, 0);
	const size_t page = 4096, pages_wanted = 300;
	enum verdict v;
	struct audit b;
	char *mem;

	NEED(mp != NULL);
	mem = mmap(NULL, pages_wanted * page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | MAP_LOCKED, -1, 0);
	CHECK(t, mem != MAP_FAILED, "no memory for pages: %s", strerror(errno));
	/* By descending address, so that no piece continues the one before. */
	for (size_t i = pages_wanted; i-- > 0;) {
		int ret = add_piece(mp, mem + i * page, page);

		CHECK(t, ret == 3, "a page with room for 3 objects of 1000 bytes gave %d", ret);
	}
	NEED(audit_open(&b, t, mp, 900));
	v = addresses_hold(&b);
	if (v != VERDICT_PASS)
		return v;
	NEED(audit_all_free(&b));
	audit_close(&b);
	return VERDICT_PASS;
}

/* Add memory without I/O addresses, where objects may cross pages. */
static enum verdict
no_addresses(struct trial *t)
{
	struct rte_mempool *mp = pool_empty(t, 500, 3000, 0, 0);
	struct audit b;
	size_t len;
	char *mem;
	int ret;

	NEED(mp != NULL);
	/* Room for a handler that keeps objects inside small pages anyway. */
	len = 501 * (size_t)4096;
	mem = aligned_alloc(4096, len);
	CHECK(t, mem != NULL, "no memory for a piece");
	ret = rte_mempool_populate_iova(mp, mem, RTE_BAD_IOVA, len, NULL, NULL);
	CHECK(t, ret == 500, "memory for 500 objects without I/O addresses gave %d", ret);
	NEED(audit_open(&b, t, mp, 500));
	for (unsigned int i = 0; i < b.n; i++)
		CHECK(t, rte_mempool_virt2iova(b.object[i]) == RTE_BAD_IOVA,
			"an object of memory without I/O addresses has one");
	NEED(audit_all_free(&b));
	audit_close(&b);
	return VERDICT_PASS;
}

const struct claim claims_memory[] = {
	{.name = "pages-4k",
		.sentence = "a pool on 4 KB pages (--no-huge) is whole",
		.basis = BASIS_CONTRACT,
		.memory = MEMORY_SMALL,
		.run = pages_of_eal},
	{.name = "pages-huge-va",
		.sentence = "a pool on huge pages is whole, virtual addresses as I/O addresses",
		.basis = BASIS_CONTRACT,
		.memory = MEMORY_HUGE,
		.run = pages_of_eal},
	{.name = "pages-huge-pa",
		.sentence = "the same with physical addresses, no object across a seam",
		.basis = BASIS_CONTRACT,
		.memory = MEMORY_PA,
		.run = pages_of_eal},
	{.name = "pieces-4k-pa",
		.sentence =
			"a pool made of 4 KB pages one by one, with physical addresses, is whole",
		.basis = BASIS_CONTRACT,
		.memory = MEMORY_PA,
		.run = pages_apart},
	{.name = "pieces-of-16",
		.sentence = "a pool can be made of pieces of 16 objects",
		.basis = BASIS_CONTRACT,
		.run = pieces_of_16},
	{.name = "pieces-of-1",
		.sentence = "a pool can be made of pieces of 1 object",
		.basis = BASIS_CONTRACT,
		.run = pieces_of_1},
	{.name = "pieces-unaligned",
		.sentence = "pieces may start anywhere and have any length",
		.basis = BASIS_CONTRACT,
		.run = unaligned_pieces},
	{.name = "pieces-too-small",
		.sentence =
			"a piece with no room for an object, or of 0 bytes, gives 0 and no harm",
		.basis = BASIS_CONTRACT,
		.run = pieces_too_small},
	{.name = "no-more-than-size",
		.sentence = "memory for more objects than the pool has makes no more",
		.basis = BASIS_CONTRACT,
		.run = no_more_than_size},
	{.name = "no-io-addresses",
		.sentence = "memory without I/O addresses makes a pool",
		.basis = BASIS_CONTRACT,
		.run = no_addresses},
	{.name = NULL},
};
