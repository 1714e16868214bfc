/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Tests where the tide ops place objects: not across pages, like DPDK's own handlers, also by IO address. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include <rte_common.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "eal.h"
#include "tide_mempool.h"

#define OBJECTS 20000

/* A page somewhere in the IO address space. */
#define IOVA_BASE UINT64_C(0x40000000)

static struct rte_mempool *
make_empty(const char *name, const char *ops, unsigned int elt, unsigned int flags)
{
	struct rte_mempool *mp =
		rte_mempool_create_empty(name, OBJECTS, elt, 0, 0, SOCKET_ID_ANY, flags);

	assert_non_null(mp);
	assert_int_equal(rte_mempool_set_ops_byname(mp, ops, NULL), 0);
	return mp;
}

static size_t
stride_of(const struct rte_mempool *mp)
{
	return (size_t)mp->header_size + mp->elt_size + mp->trailer_size;
}

/* Count the objects whose header, body or trailer crosses a page boundary. */
static unsigned int
crossings(struct rte_mempool *mp, size_t page)
{
	const struct rte_mempool_objhdr *hdr;
	unsigned int n = 0;

	STAILQ_FOREACH (hdr, &mp->elt_list, next) {
		uintptr_t first = (uintptr_t)hdr + sizeof(*hdr) - mp->header_size;

		n += first / page != (first + stride_of(mp) - 1) / page;
	}
	return n;
}

/* Return the size of the pages that objects must not cross by the rules of DPDK. */
static size_t
page_of(struct rte_mempool *mp)
{
	size_t page;

	assert_int_equal(rte_mempool_get_page_size(mp, &page), 0);
	return page;
}

static void
free_all(struct rte_mempool *mp)
{
	const char *wrong;

	if (strcmp(rte_mempool_get_ops(mp->ops_index)->name, TIDE_MEMPOOL_OPS) == 0 &&
		tide_mempool_check(mp, &wrong) != 0)
		fail_msg("%s", wrong);
	rte_mempool_free(mp);
}

static void
no_object_crosses_a_page_where_dpdk_keeps_them_from_it(void **state)
{
	static const unsigned int elts[] = {2304, 2176, 1500, 192};

	for (size_t i = 0; i < RTE_DIM(elts); i++) {
		struct rte_mempool *mp = make_empty("pages", TIDE_MEMPOOL_OPS, elts[i], 0);

		assert_int_equal(rte_mempool_populate_default(mp), OBJECTS);
		assert_int_equal(crossings(mp, page_of(mp)), 0);
		free_all(mp);
	}
}

static void
objects_cross_pages_where_the_application_allows_it(void **state)
{
	struct rte_mempool *mp =
		make_empty("crossing", TIDE_MEMPOOL_OPS, 2304, RTE_MEMPOOL_F_NO_IOVA_CONTIG);

	assert_int_equal(page_of(mp), 0);
	assert_int_equal(rte_mempool_populate_default(mp), OBJECTS);
	/* 20,000 objects of some 2,400 bytes without gaps. */
	assert_true(crossings(mp, 2 << 20) > 10);
	free_all(mp);
}

/* One object of a pool and its IO address. */
struct at {
	void *object;
	rte_iova_t iova;
};

/* Populate with memory in pieces of `piece` bytes from offset `skew` on, and list the objects. */
static unsigned int
populate(struct rte_mempool *mp, char *mem, size_t len, size_t piece, size_t skew, struct at *at)
{
	struct rte_mempool_objhdr *hdr;
	unsigned int n = 0;

	for (size_t off = skew; off < len && mp->populated_size < mp->size; off += piece) {
		int ret = rte_mempool_populate_iova(
			mp, mem + off, IOVA_BASE + off, RTE_MIN(piece, len - off), NULL, NULL);

		assert_true(ret >= 0 || ret == -ENOBUFS);
	}
	STAILQ_FOREACH (hdr, &mp->elt_list, next)
		at[n++] = (struct at){hdr + 1, hdr->iova};
	return n;
}

static int
compare(const void *a, const void *b)
{
	const char *x = ((const struct at *)a)->object, *y = ((const struct at *)b)->object;

	return (x > y) - (x < y);
}

static void
objects_and_io_addresses_are_where_dpdk_puts_them(void **state)
{
	static const size_t pieces[] = {1 << 20, 4096 * 3, 2 << 20, 12345, 4096};
	static const unsigned int elts[] = {2304, 1500, 200, 6000};
	const size_t len = 8 << 20;
	char *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct at *ours = calloc(OBJECTS, sizeof(*ours)),
		  *theirs = calloc(OBJECTS, sizeof(*theirs));

	assert_true(mem != MAP_FAILED);
	for (size_t i = 0; i < RTE_DIM(pieces) * RTE_DIM(elts); i++) {
		unsigned int elt = elts[i / RTE_DIM(pieces)], n;
		size_t piece = pieces[i % RTE_DIM(pieces)], skew = i % 3 * 1000;
		struct rte_mempool *tide = make_empty("tide", TIDE_MEMPOOL_OPS, elt, 0);
		struct rte_mempool *ring = make_empty("ring", "ring_mp_mc", elt, 0);

		n = populate(ring, mem, len, piece, skew, theirs);
		assert_int_equal(populate(tide, mem, len, piece, skew, ours), n);
		qsort(ours, n, sizeof(*ours), compare);
		qsort(theirs, n, sizeof(*theirs), compare);
		assert_memory_equal(ours, theirs, n * sizeof(*ours));
		for (unsigned int k = 0; k < n; k++) {
			/* The IO address has the offset of the object, and so its alignment up to a page. */
			assert_int_equal(ours[k].iova - IOVA_BASE,
				(uintptr_t)ours[k].object - (uintptr_t)mem);
			assert_int_equal(ours[k].iova % 4096, (uintptr_t)ours[k].object % 4096);
			assert_int_equal(ours[k].iova % RTE_MEMPOOL_ALIGN, 0);
			assert_int_equal(rte_mempool_virt2iova(ours[k].object), ours[k].iova);
		}
		free_all(tide);
		free_all(ring);
	}
	free(ours);
	free(theirs);
	munmap(mem, len);
}

static void
memory_without_io_addresses_gives_objects_without(void **state)
{
	struct rte_mempool *mp = make_empty("bad", TIDE_MEMPOOL_OPS, 200, 0);
	char *mem = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rte_mempool_objhdr *hdr;

	assert_true(mem != MAP_FAILED);
	assert_true(rte_mempool_populate_iova(mp, mem, RTE_BAD_IOVA, 1 << 20, NULL, NULL) > 3000);
	STAILQ_FOREACH (hdr, &mp->elt_list, next)
		assert_true(hdr->iova == RTE_BAD_IOVA);
	free_all(mp);
	munmap(mem, 1 << 20);
}

static void
the_data_of_an_mbuf_is_where_its_io_address_says(void **state)
{
	struct rte_mempool *mp = rte_pktmbuf_pool_create_by_ops(
		"mbufs", 3000, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, TIDE_MEMPOOL_OPS);
	struct rte_mbuf *m[3000];
	size_t page;

	assert_non_null(mp);
	page = page_of(mp);
	assert_int_equal(rte_pktmbuf_alloc_bulk(mp, m, 3000), 0);
	for (unsigned int i = 0; i < 3000; i++) {
		const char *data = rte_pktmbuf_mtod(m[i], char *);
		rte_iova_t iova = rte_mbuf_data_iova(m[i]), last;

		assert_int_equal(iova, rte_mem_virt2iova(data));
		assert_int_equal(
			iova, rte_mempool_virt2iova(m[i]) + (uintptr_t)data - (uintptr_t)m[i]);
		assert_int_equal(iova % RTE_CACHE_LINE_SIZE, 0);
		assert_int_equal(rte_mempool_virt2iova(m[i]) % RTE_MEMPOOL_ALIGN, 0);
		/* A device writes to the end of the buffer by adding to the address of its start. */
		last = rte_mem_virt2iova((char *)m[i]->buf_addr + m[i]->buf_len - 1);
		assert_int_equal(last, m[i]->buf_iova + m[i]->buf_len - 1);
		if (page != 0)
			assert_int_equal(iova / page, last / page);
	}
	rte_pktmbuf_free_bulk(m, 3000);
	free_all(mp);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_object_crosses_a_page_where_dpdk_keeps_them_from_it),
		cmocka_unit_test(objects_cross_pages_where_the_application_allows_it),
		cmocka_unit_test(objects_and_io_addresses_are_where_dpdk_puts_them),
		cmocka_unit_test(memory_without_io_addresses_gives_objects_without),
		cmocka_unit_test(the_data_of_an_mbuf_is_where_its_io_address_says),
	};
	bool huge = argc > 1 && strcmp(argv[1], "huge") == 0;

	if (huge && test_free_2m_pages() < 200) {
		print_message("skipped: fewer than 200 huge pages of 2 MB are free\n");
		return 77;
	}
	test_eal_start(huge, huge ? 256 : 512, "0");
	return cmocka_run_group_tests_name("driver_pages", tests, NULL, NULL);
}
