/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Packets allocated from chunks, one thread. "test_pktbuf no-huge" runs EAL without huge pages. */

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <rte_mempool.h>
#include <rte_memzone.h>

#include "eal.h"
#include "log.h"
#include "pktbuf_internal.h"
#include "tide_mempool.h"
#include "tide_pktbuf.h"
#include "tide_pool.h"
#include "tide_pool_query.h"

#define CHUNK_SMALL 1024
/* What a chunk of 1 KB has for packets, and so many of one byte fit. */
#define ROOM_SMALL  (CHUNK_SMALL - 128)
#define FIT_SMALL   (ROOM_SMALL / 32)

static bool huge;
static struct tide_pktbuf *set;
static struct rte_mempool *plain; /* As a driver fills them: 2 KB each, few. */

static const int node0[] = {0};

static struct tide_pktbuf_conf
conf_of(uint32_t packets, uint32_t chunk_size, uint32_t chunks)
{
	return (struct tide_pktbuf_conf){
		.name = "test",
		.nodes = node0,
		.nb_nodes = 1,
		.packets = packets,
		.chunks = chunks,
		.chunk_size = chunk_size,
	};
}

static void
set_with(uint32_t packets, uint32_t chunk_size, uint32_t chunks)
{
	struct tide_pktbuf_conf conf = conf_of(packets, chunk_size, chunks);

	set = tide_pktbuf_create(&conf);
	assert_non_null(set);
	assert_int_equal(tide_pktbuf_check(set), 0);
}

static struct tide_pktbuf_stats
stats_of_node0(void)
{
	struct tide_pktbuf_stats stats;

	assert_int_equal(tide_pktbuf_check(set), 0);
	assert_int_equal(tide_pktbuf_stats(set, 0, &stats), 0);
	return stats;
}

static int
clean_up(void **state)
{
	int ret = tide_pktbuf_check(set);

	if (ret == 0)
		ret = tide_pktbuf_free(set);
	set = NULL;
	return ret != 0 || rte_mempool_in_use_count(plain) != 0;
}

/* A plain packet of n segments, len bytes each, its bytes counted through. */
static struct rte_mbuf *
plain_packet(unsigned int n, uint16_t len)
{
	struct rte_mbuf *head = NULL, *m;
	uint8_t byte = 0;
	char *data;

	for (unsigned int i = 0; i < n; i++) {
		m = rte_pktmbuf_alloc(plain);
		assert_non_null(m);
		data = rte_pktmbuf_append(m, len);
		assert_non_null(data);
		for (unsigned int k = 0; k < len; k++)
			data[k] = (char)byte++;
		if (head == NULL)
			head = m;
		else
			assert_int_equal(rte_pktmbuf_chain(head, m), 0);
	}
	return head;
}

static void
holds_counted_bytes(const struct rte_mbuf *m, uint32_t len)
{
	const uint8_t *data = rte_pktmbuf_mtod(m, const uint8_t *);

	assert_int_equal(rte_pktmbuf_pkt_len(m), len);
	assert_int_equal(rte_pktmbuf_data_len(m), len);
	assert_int_equal(m->nb_segs, 1);
	assert_null(m->next);
	for (uint32_t i = 0; i < len; i++)
		assert_int_equal(data[i], (uint8_t)i);
}

static void
refused(const struct rte_mbuf *m, int error)
{
	assert_null(m);
	assert_int_equal(rte_errno, error);
}

static void
a_packet_has_room_for_its_length_and_no_more(void **state)
{
	const uint32_t lens[] = {1, 7, 8, 63, 64, 65, 1500, 9000, 65383, 65384};
	const char *reason;
	struct rte_mbuf *m;

	set_with(16, 0, 16);
	for (unsigned int i = 0; i < RTE_DIM(lens); i++) {
		m = tide_pktbuf_alloc(set, lens[i]);
		assert_non_null(m);
		assert_int_equal(rte_mbuf_check(m, 1, &reason), 0);
		assert_int_equal(rte_mbuf_refcnt_read(m), 1);
		assert_int_equal(rte_mbuf_ext_refcnt_read(m->shinfo), 1);
		assert_int_equal(m->buf_len, lens[i]);
		assert_int_equal(rte_pktmbuf_headroom(m), 0);
		assert_int_equal(rte_pktmbuf_pkt_len(m), 0);
		assert_null(rte_pktmbuf_append(m, (uint16_t)(lens[i] + 1)));
		assert_non_null(rte_pktmbuf_append(m, (uint16_t)lens[i]));
		memset(m->buf_addr, 0x5a, m->buf_len);
		assert_null(rte_pktmbuf_prepend(m, 1));
		rte_pktmbuf_free(m);
	}
	assert_int_equal(stats_of_node0().packets_out, 0);
}

static void
headroom_is_in_front_of_the_data(void **state)
{
	struct tide_pktbuf_conf conf = conf_of(4, CHUNK_SMALL, 4);
	struct rte_mbuf *m, *copy;

	conf.headroom = 100;
	set = tide_pktbuf_create(&conf);
	assert_non_null(set);
	refused(tide_pktbuf_alloc(set, ROOM_SMALL - 24 - 100 + 1), EMSGSIZE);
	m = tide_pktbuf_alloc(set, ROOM_SMALL - 24 - 100);
	assert_non_null(m);
	assert_int_equal(m->buf_len, ROOM_SMALL - 24);
	assert_int_equal(rte_pktmbuf_headroom(m), 100);
	assert_non_null(rte_pktmbuf_prepend(m, 100));
	rte_pktmbuf_free(m);
	m = plain_packet(1, 60);
	copy = tide_pktbuf_copy(set, m);
	holds_counted_bytes(copy, 60);
	assert_non_null(rte_pktmbuf_prepend(copy, 100));
	rte_pktmbuf_free(copy);
	rte_pktmbuf_free(m);
}

/* Longest packet where 16 bits bound it, not the chunk. */
static void
a_packet_of_65535_bytes_fits_a_large_chunk(void **state)
{
	struct rte_mbuf *m;

	set_with(2, 1 << 17, 1);
	refused(tide_pktbuf_alloc(set, 65536), EMSGSIZE);
	refused(tide_pktbuf_alloc(set, UINT32_MAX), EMSGSIZE);
	m = tide_pktbuf_alloc(set, 65535);
	assert_non_null(m);
	assert_int_equal(m->buf_len, 65535);
	memset(m->buf_addr, 1, m->buf_len);
	rte_pktmbuf_free(m);
}

static void
an_impossible_request_is_refused_with_its_errno_and_takes_nothing(void **state)
{
	struct tide_pktbuf_stats stats;
	struct rte_mbuf *held[2], *m;

	set_with(2, CHUNK_SMALL, 1);
	refused(tide_pktbuf_alloc(set, 0), EINVAL);
	refused(tide_pktbuf_alloc(set, ROOM_SMALL - 24 + 1), EMSGSIZE);
	refused(tide_pktbuf_copy(set, NULL), EINVAL);
	m = rte_pktmbuf_alloc(plain);
	refused(tide_pktbuf_copy(set, m), EINVAL);
	rte_pktmbuf_free(m);
	refused(tide_pktbuf_alloc_on(set, 1, 64), ENOENT);
	refused(tide_pktbuf_alloc_on(set, -1, 64), ENOENT);
	refused(tide_pktbuf_alloc_on(set, TIDE_NODE_MAX, 64), ENOENT);
	refused(tide_pktbuf_copy_on(set, 1, NULL), ENOENT);
	stats = stats_of_node0();
	assert_int_equal(stats.mbufs_out, 0);
	assert_int_equal(stats.packets, 0);
	assert_int_equal(tide_pktbuf_nb_nodes(set), 1);
	assert_int_equal(tide_pktbuf_node_id(set, 0), 0);
	assert_int_equal(tide_pktbuf_node_id(set, 1), TIDE_NODE_UNKNOWN);
	assert_int_equal(tide_pktbuf_stats(set, 1, &stats), -ENOENT);
	assert_null(tide_pktbuf_placement(set, 1));
	assert_int_equal(tide_pktbuf_dma_map(set, RTE_MAX_ETHPORTS), -EINVAL);

	held[0] = tide_pktbuf_alloc(set, ROOM_SMALL - 24 - 32);
	assert_non_null(held[0]);
	/* Nothing but the mbuf was taken, and it went back. */
	refused(tide_pktbuf_alloc(set, 64), ENOMEM);
	stats = stats_of_node0();
	assert_int_equal(stats.mbufs_out, 1);
	assert_int_equal(stats.no_chunk, 1);
	/* The rest of the chunk still serves a smaller packet. */
	held[1] = tide_pktbuf_alloc(set, 8);
	assert_non_null(held[1]);
	refused(tide_pktbuf_alloc(set, 8), ENOBUFS);
	stats = stats_of_node0();
	assert_int_equal(stats.no_mbuf, 1);
	assert_int_equal(stats.packets_out, 2);
	rte_pktmbuf_free_bulk(held, 2);
}

static void
a_copy_has_all_that_is_known_of_the_packet(void **state)
{
	const struct rte_mbuf_dynfield field = {
		.name = "test_pktbuf", .size = sizeof(uint64_t), .align = alignof(uint64_t)};
	int at = rte_mbuf_dynfield_register(&field);
	struct rte_mbuf *m, *copy;

	assert_true(at >= 0);
	set_with(4, CHUNK_SMALL, 4);
	m = plain_packet(1, 200);
	m->port = 3;
	m->packet_type = RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4;
	m->ol_flags = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_TX_IPV4;
	m->vlan_tci = 12;
	m->vlan_tci_outer = 34;
	m->hash.fdir.lo = 0x01020304;
	m->hash.fdir.hi = 0x05060708;
	m->tx_offload = 0x1122334455667788;
	m->timesync = 9;
	*RTE_MBUF_DYNFIELD(m, at, uint64_t *) = 0xfeedfacecafebeef;
	copy = tide_pktbuf_copy(set, m);
	assert_non_null(copy);
	assert_int_equal(copy->port, 3);
	assert_int_equal(copy->packet_type, m->packet_type);
	assert_int_equal(copy->ol_flags, m->ol_flags | RTE_MBUF_F_EXTERNAL);
	assert_int_equal(copy->vlan_tci, 12);
	assert_int_equal(copy->vlan_tci_outer, 34);
	assert_int_equal(copy->hash.fdir.lo, 0x01020304);
	assert_int_equal(copy->hash.fdir.hi, 0x05060708);
	assert_int_equal(copy->tx_offload, 0x1122334455667788);
	assert_int_equal(copy->timesync, 9);
	assert_int_equal(*RTE_MBUF_DYNFIELD(copy, at, uint64_t *), 0xfeedfacecafebeef);
	assert_int_equal(copy->buf_len, 200);
	holds_counted_bytes(copy, 200);
	/* It does not refer to the packet. */
	memset(rte_pktmbuf_mtod(m, void *), 0xff, 200);
	rte_pktmbuf_free(m);
	holds_counted_bytes(copy, 200);
	rte_pktmbuf_free(copy);
	/* Nor does its mbuf keep anything of it. */
	copy = tide_pktbuf_alloc(set, 8);
	assert_int_equal(copy->ol_flags, RTE_MBUF_F_EXTERNAL);
	assert_int_equal(copy->tx_offload, 0);
	assert_int_equal(copy->port, RTE_MBUF_PORT_INVALID);
	rte_pktmbuf_free(copy);
}

static void
many_segments_become_one(void **state)
{
	struct rte_mbuf *m, *copy;

	set_with(4, 0, 2);
	m = plain_packet(5, 256);
	copy = tide_pktbuf_copy(set, m);
	holds_counted_bytes(copy, 5 * 256);
	rte_pktmbuf_free(copy);
	rte_pktmbuf_free(m);
	/* Together longer than any packet can be. */
	m = plain_packet(40, 2000);
	refused(tide_pktbuf_copy(set, m), EMSGSIZE);
	rte_pktmbuf_free(m);
}

static void
copies_of_clones_and_of_compact_packets_are_packets_of_their_own(void **state)
{
	struct rte_mbuf *m, *clone, *first, *second;

	set_with(4, CHUNK_SMALL, 4);
	m = plain_packet(1, 64);
	clone = rte_pktmbuf_clone(m, plain);
	assert_non_null(clone);
	first = tide_pktbuf_copy(set, clone);
	assert_false(RTE_MBUF_CLONED(first));
	rte_pktmbuf_free(clone);
	rte_pktmbuf_free(m);
	holds_counted_bytes(first, 64);
	second = tide_pktbuf_copy(set, first);
	assert_ptr_not_equal(second->buf_addr, first->buf_addr);
	rte_pktmbuf_free(first);
	holds_counted_bytes(second, 64);
	rte_pktmbuf_free(second);
}

static void
a_burst_copies_what_fits_and_says_why_it_stops(void **state)
{
	struct rte_mbuf *in[70], *out[70];

	set_with(69, CHUNK_SMALL, 12);
	for (unsigned int i = 0; i < RTE_DIM(in); i++)
		in[i] = plain_packet(1, 60);
	assert_int_equal(tide_pktbuf_copy_burst(set, in, out, 0), 0);
	/* One mbuf too few, in the middle of a group. */
	assert_int_equal(tide_pktbuf_copy_burst(set, in, out, 70), 69);
	assert_int_equal(rte_errno, ENOBUFS);
	for (unsigned int i = 0; i < 69; i++)
		holds_counted_bytes(out[i], 60);
	assert_int_equal(tide_pktbuf_copy_burst(set, in, out, 1), 0);
	assert_int_equal(rte_errno, ENOBUFS);
	assert_int_equal(stats_of_node0().no_mbuf, 2);
	rte_pktmbuf_free_bulk(out, 69);
	/* One that cannot be copied: the others' mbufs went back. */
	rte_pktmbuf_reset(in[40]);
	assert_int_equal(tide_pktbuf_copy_burst(set, in, out, 69), 40);
	assert_int_equal(rte_errno, EINVAL);
	assert_int_equal(stats_of_node0().mbufs_out, 40);
	rte_pktmbuf_free_bulk(out, 40);
	rte_pktmbuf_free_bulk(in, RTE_DIM(in));
	assert_int_equal(tide_pktbuf_free(set), 0);

	/* Ten packets to a chunk. */
	set_with(64, CHUNK_SMALL, 2);
	for (unsigned int i = 0; i < RTE_DIM(in); i++)
		in[i] = plain_packet(1, 60);
	assert_int_equal(tide_pktbuf_copy_burst(set, in, out, 64), 20);
	assert_int_equal(rte_errno, ENOMEM);
	assert_int_equal(stats_of_node0().mbufs_out, 20);
	rte_pktmbuf_free_bulk(out, 20);
	rte_pktmbuf_free_bulk(in, RTE_DIM(in));
}

static void
one_packet_that_is_held_keeps_its_chunk(void **state)
{
	struct rte_mbuf *held, *other[2 * FIT_SMALL];
	struct tide_pktbuf_stats stats;
	unsigned int n = 0;

	set_with(4 * FIT_SMALL, CHUNK_SMALL, 3);
	held = tide_pktbuf_alloc(set, 5);
	memcpy(rte_pktmbuf_append(held, 5), "held", 5);
	for (; n < RTE_DIM(other); n++) {
		other[n] = tide_pktbuf_alloc(set, 8);
		assert_non_null(other[n]);
	}
	assert_int_equal(stats_of_node0().chunks_out, 3);
	rte_pktmbuf_free_bulk(other, n);
	/* Its chunk was closed; the second is free again, the third is open. */
	stats = stats_of_node0();
	assert_int_equal(stats.chunks_out, 2);
	assert_int_equal(stats.chunks_open, 1);
	assert_int_equal(stats.packets_out, 1);
	/* However much is allocated and freed meanwhile. */
	for (unsigned int i = 0; i < 20 * FIT_SMALL; i++) {
		other[0] = tide_pktbuf_alloc(set, 8);
		memset(rte_pktmbuf_append(other[0], 8), 0xff, 8);
		rte_pktmbuf_free(other[0]);
	}
	assert_string_equal(rte_pktmbuf_mtod(held, char *), "held");
	assert_int_equal(stats_of_node0().chunks_out, 2);
	rte_pktmbuf_free(held);
	assert_int_equal(stats_of_node0().chunks_out, 1);
}

static void
an_open_chunk_is_used_again_when_its_packets_are_back(void **state)
{
	struct rte_mbuf *m;

	set_with(1, CHUNK_SMALL, 1);
	for (unsigned int i = 0; i < 10 * FIT_SMALL; i++) {
		m = tide_pktbuf_alloc(set, 1);
		assert_non_null(m);
		rte_pktmbuf_free(m);
	}
	assert_int_equal(stats_of_node0().packets, 10 * FIT_SMALL);
	assert_int_equal(stats_of_node0().bytes, 10 * FIT_SMALL * 32);
	assert_int_equal(stats_of_node0().waste, 0);
}

static void
bytes_of_a_chunk_without_a_packet_are_counted_as_waste(void **state)
{
	struct rte_mbuf *m[2];

	set_with(2, CHUNK_SMALL, 2);
	m[0] = tide_pktbuf_alloc(set, 500);
	m[1] = tide_pktbuf_alloc(set, 500);
	assert_int_equal(stats_of_node0().waste, ROOM_SMALL - 528);
	assert_int_equal(stats_of_node0().bytes, 2 * 528);
	rte_pktmbuf_free_bulk(m, 2);
}

static void
freeing_with_packets_out_is_ebusy_and_says_how_many(void **state)
{
	struct rte_mbuf *m[3], *clone;

	assert_int_equal(tide_pktbuf_free(NULL), 0);
	set_with(8, CHUNK_SMALL, 4);
	for (unsigned int i = 0; i < 3; i++)
		m[i] = tide_pktbuf_alloc(set, 64);
	test_log_catch();
	assert_int_equal(tide_pktbuf_free(set), -EBUSY);
	assert_non_null(strstr(test_log_caught(),
		"test: node 0: 3 packets in 1 chunks and 3 of 8 mbufs are still out"));
	/* A clone alone, in an mbuf of another mempool. */
	clone = rte_pktmbuf_clone(m[0], plain);
	rte_pktmbuf_free_bulk(m, 3);
	assert_int_equal(stats_of_node0().mbufs_out, 0);
	test_log_catch();
	assert_int_equal(tide_pktbuf_free(set), -EBUSY);
	assert_non_null(strstr(test_log_caught(), "1 packets in 1 chunks and 0 of 8 mbufs"));
	rte_pktmbuf_free(clone);
	/* An mbuf alone, its data freed. */
	m[0] = tide_pktbuf_alloc(set, 64);
	rte_pktmbuf_detach_extbuf(m[0]);
	assert_int_equal(stats_of_node0().packets_out, 0);
	test_log_catch();
	assert_int_equal(tide_pktbuf_free(set), -EBUSY);
	assert_non_null(strstr(test_log_caught(), "0 packets in 1 chunks and 1 of 8 mbufs"));
	rte_pktmbuf_free(m[0]);
}

static void
a_clone_outlives_the_packet_and_the_mbuf_serves_another(void **state)
{
	struct rte_mbuf *m, *clone, *next;

	set_with(1, CHUNK_SMALL, 1);
	m = tide_pktbuf_alloc(set, 8);
	memcpy(rte_pktmbuf_append(m, 6), "first", 6);
	clone = rte_pktmbuf_clone(m, plain);
	assert_int_equal(rte_mbuf_ext_refcnt_read(m->shinfo), 2);
	rte_pktmbuf_free(m);
	next = tide_pktbuf_alloc(set, 8);
	assert_ptr_equal(next, m);
	memcpy(rte_pktmbuf_append(next, 6), "other", 6);
	assert_string_equal(rte_pktmbuf_mtod(clone, char *), "first");
	assert_int_equal(stats_of_node0().packets_out, 2);
	rte_pktmbuf_free(clone);
	assert_int_equal(stats_of_node0().packets_out, 1);
	rte_pktmbuf_free(next);
}

/* The count of a chunk has more than 16 bits; that of a packet is its own. */
static void
a_packet_has_65534_clones_and_its_chunk_many_more_references(void **state)
{
	enum {
		CLONES = 65534,
		NEIGHBOURS = 8
	};
	struct rte_mbuf **clone = calloc(CLONES + NEIGHBOURS * 1000, sizeof(*clone));
	struct rte_mempool *bare = rte_pktmbuf_pool_create_by_ops(
		"bare", CLONES + NEIGHBOURS * 1000, 0, 0, 0, 0, "tide");
	struct rte_mbuf *m[NEIGHBOURS + 1];
	unsigned int n = 0;

	assert_non_null(clone);
	assert_non_null(bare);
	set_with(NEIGHBOURS + 1, CHUNK_SMALL, 2);
	for (unsigned int i = 0; i <= NEIGHBOURS; i++) {
		m[i] = tide_pktbuf_alloc(set, 60);
		memset(rte_pktmbuf_append(m[i], 60), (int)i, 60);
		for (unsigned int k = 0; k < (i == 0 ? CLONES : 1000); k++) {
			clone[n] = rte_pktmbuf_clone(m[i], bare);
			assert_non_null(clone[n++]);
		}
	}
	assert_int_equal(rte_mbuf_ext_refcnt_read(m[0]->shinfo), UINT16_MAX);
	assert_int_equal(stats_of_node0().chunks_out, 1);
	rte_pktmbuf_free_bulk(m, NEIGHBOURS + 1);
	for (unsigned int i = 0; i < n; i++) {
		assert_int_equal(*rte_pktmbuf_mtod_offset(clone[i], char *, 59),
			i < CLONES ? 0 : 1 + (i - CLONES) / 1000);
		rte_pktmbuf_free(clone[i]);
		if (i == CLONES - 2)
			assert_int_equal(stats_of_node0().packets_out, NEIGHBOURS + 1);
		if (i == CLONES - 1)
			assert_int_equal(stats_of_node0().packets_out, NEIGHBOURS);
	}
	assert_int_equal(rte_mempool_in_use_count(bare), 0);
	rte_mempool_free(bare);
	free(clone);
}

/* Where the kernel and DPDK have it. */
static void
io_addresses_are_those_of_the_data(void **state)
{
	struct rte_mbuf *m[100];
	rte_iova_t at, end;

	set_with(RTE_DIM(m), 0, 4);
	for (unsigned int i = 0; i < RTE_DIM(m); i++) {
		m[i] = tide_pktbuf_alloc(set, 1 + i * 23);
		rte_pktmbuf_append(m[i], (uint16_t)(1 + i * 23));
		at = rte_pktmbuf_iova(m[i]);
		end = rte_pktmbuf_iova_offset(m[i], i * 23);
		if (set->nodes[0].chunk[0]->iova == RTE_BAD_IOVA) {
			assert_int_equal(at, RTE_BAD_IOVA);
			continue;
		}
		assert_int_equal(at, rte_mem_virt2iova(rte_pktmbuf_mtod(m[i], void *)));
		assert_int_equal(
			end, rte_mem_virt2iova(rte_pktmbuf_mtod_offset(m[i], void *, i * 23)));
	}
	if (huge)
		assert_int_not_equal(set->nodes[0].chunk[0]->iova, RTE_BAD_IOVA);
	rte_pktmbuf_free_bulk(m, RTE_DIM(m));
}

static void
io_addresses_that_are_not_known_stay_so(void **state)
{
	struct rte_mbuf *m;

	set_with(1, CHUNK_SMALL, 1);
	set->nodes[0].chunk[0]->iova = RTE_BAD_IOVA;
	m = tide_pktbuf_alloc(set, 64);
	assert_int_equal(rte_mbuf_iova_get(m), RTE_BAD_IOVA);
	rte_pktmbuf_free(m);
}

/* Fill until dry: what is held, per MB of all the memory there is for it. */
static void
packets_of_64_bytes_held_per_mb_are_8_times_as_many(void **state)
{
	const int nodes[] = {0};
	struct tide_pool_conf conf = {
		.name = "plain",
		.nodes = nodes,
		.nb_nodes = 1,
		.buffers = 8192,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
		.page = TIDE_PAGE_4K,
		.backing = TIDE_BACKING_OWN,
	};
	struct tide_pool *pool = tide_pool_create(&conf);
	enum {
		PACKETS = 65536
	};
	struct rte_mbuf **held = calloc(PACKETS, sizeof(*held)), *m;
	struct tide_pktbuf_conf compact = conf_of(PACKETS, 0, 0);
	double compact_per_mb, plain_per_mb;
	unsigned int n = 0;
	size_t len;
	void *addr;

	assert_non_null(pool);
	assert_non_null(held);
	assert_int_equal(tide_pool_memory(pool, 0, &addr, &len), 0);
	while (n < PACKETS && tide_pool_get(pool, 0, &held[n], 1) == 0)
		n++;
	plain_per_mb = n / ((double)len / (1 << 20));
	rte_pktmbuf_free_bulk(held, n);
	assert_int_equal(tide_pool_free(pool), 0);

	compact.chunks = (uint32_t)tide_pktbuf_chunks(&compact, PACKETS, 64);
	compact.page = TIDE_PAGE_4K;
	compact.backing = TIDE_BACKING_OWN;
	set = tide_pktbuf_create(&compact);
	assert_non_null(set);
	m = plain_packet(1, 64);
	for (n = 0; n < PACKETS; n++) {
		held[n] = tide_pktbuf_copy(set, m);
		if (held[n] == NULL)
			break;
	}
	rte_pktmbuf_free(m);
	assert_int_equal(n, PACKETS);
	assert_int_equal(stats_of_node0().chunks_out, compact.chunks);
	compact_per_mb = n / ((double)stats_of_node0().memory / (1 << 20));
	print_message("%.0f of 64 bytes held per MB, plain %.0f: %.2f times\n", compact_per_mb,
		plain_per_mb, compact_per_mb / plain_per_mb);
	assert_true(compact_per_mb >= 8 * plain_per_mb);
	rte_pktmbuf_free_bulk(held, n);
	free(held);
}

/* Objects are not spread over memory channels, on any machine. */
static void
a_chunk_takes_its_size_and_a_bare_mbuf_192_bytes(void **state)
{
	const struct rte_mempool *mbufs, *chunks;

	set_with(4, CHUNK_SMALL, 4);
	mbufs = set->nodes[0].mbufs.mp;
	chunks = set->nodes[0].chunks.mp;
	assert_int_equal(mbufs->header_size + mbufs->elt_size + mbufs->trailer_size, 192);
	assert_int_equal(
		chunks->header_size + chunks->elt_size + chunks->trailer_size, CHUNK_SMALL);
	assert_true(mbufs->flags & RTE_MEMPOOL_F_NO_SPREAD);
}

static void
the_chunks_reckoned_are_the_chunks_needed(void **state)
{
	const uint32_t lens[] = {1, 9, 64, 65, 200, 872};
	struct rte_mbuf *m[100];
	struct tide_pktbuf_conf conf = conf_of(RTE_DIM(m), CHUNK_SMALL, 0);

	for (unsigned int i = 0; i < RTE_DIM(lens); i++) {
		conf.chunks = (uint32_t)tide_pktbuf_chunks(&conf, RTE_DIM(m), lens[i]);
		set = tide_pktbuf_create(&conf);
		assert_non_null(set);
		for (unsigned int k = 0; k < RTE_DIM(m); k++) {
			m[k] = tide_pktbuf_alloc(set, lens[i]);
			assert_non_null(m[k]);
		}
		assert_int_equal(stats_of_node0().chunks_out, conf.chunks);
		rte_pktmbuf_free_bulk(m, RTE_DIM(m));
		assert_int_equal(tide_pktbuf_free(set), 0);
	}
	set = NULL;
	assert_int_equal(tide_pktbuf_chunks(&conf, 1, 0), 0);
	assert_int_equal(tide_pktbuf_chunks(&conf, 1, ROOM_SMALL - 24 + 1), 0);
	assert_int_equal(tide_pktbuf_chunks(&conf, 0, 64), 0);
	assert_int_equal(tide_pktbuf_chunks(&conf, UINT64_MAX, ROOM_SMALL - 24), UINT64_MAX);
	conf.chunk_size = 1000;
	assert_int_equal(tide_pktbuf_chunks(&conf, 1, 64), 0);
	set_with(1, CHUNK_SMALL, 1);
}

static void
count_zone(const struct rte_memzone *mz, void *arg)
{
	unsigned int *count = arg;

	(*count)++;
}

/* Memzones and heap bytes of EAL: what a set could leave behind. */
static size_t
trace(void)
{
	struct rte_malloc_socket_stats stats;
	unsigned int zones = 0;

	rte_memzone_walk(count_zone, &zones);
	assert_int_equal(rte_malloc_get_socket_stats(0, &stats), 0);
	return stats.heap_allocsz_bytes + zones;
}

static void
is_refused(const struct tide_pktbuf_conf *conf, int error)
{
	size_t before = trace();

	test_log_catch();
	assert_null(tide_pktbuf_create(conf));
	assert_int_equal(rte_errno, error);
	assert_int_not_equal(strlen(test_log_caught()), 0);
	assert_int_equal(trace(), before);
}

static void
bad_requests_are_refused_with_nothing_left(void **state)
{
	const struct tide_pktbuf_conf good = conf_of(64, CHUNK_SMALL, 4);
	const int missing[] = {TIDE_NODE_MAX - 1}, twice[] = {0, 0};
	struct tide_pktbuf_conf conf;

	set_with(64, CHUNK_SMALL, 4);
	is_refused(NULL, EINVAL);
#define REFUSED(field, value, error)      \
	do {                              \
		conf = good;              \
		conf.name = "other";      \
		conf.field = value;       \
		is_refused(&conf, error); \
	} while (0)
	REFUSED(name, NULL, EINVAL);
	REFUSED(name, "", EINVAL);
	REFUSED(name, "twelveletter", EINVAL);
	REFUSED(name, "test", EEXIST);
	REFUSED(packets, 0, EINVAL);
	REFUSED(chunks, 0, EINVAL);
	REFUSED(chunks, TIDE_PKTBUF_CHUNKS_MAX + 1, EINVAL);
	REFUSED(chunk_size, 512, EINVAL);
	REFUSED(chunk_size, 1025, EINVAL);
	REFUSED(chunk_size, TIDE_PKTBUF_CHUNK_MAX * 2, EINVAL);
	REFUSED(headroom, ROOM_SMALL - 24, EINVAL);
	REFUSED(cache_size, RTE_MEMPOOL_CACHE_MAX_SIZE + 1, EINVAL);
	REFUSED(cache_size, 65, EINVAL);
	REFUSED(ops, "none such", EINVAL);
	REFUSED(nodes, missing, EINVAL);
	REFUSED(nb_nodes, 0, EINVAL);
	REFUSED(page, (enum tide_page)99, EINVAL);
	conf = good;
	conf.nodes = twice;
	conf.nb_nodes = 2;
	is_refused(&conf, EINVAL);
	/* The mbufs are there, the chunks cannot be. */
	conf = good;
	conf.name = "other";
	conf.chunks = 1 << 23;
	conf.chunk_size = TIDE_PKTBUF_CHUNK_MAX;
	is_refused(&conf, ENOMEM);
	conf = good;
	conf.name = "elevenchars";
	conf.cache_size = 42;
	assert_int_equal(tide_pktbuf_free(set), 0);
	set = tide_pktbuf_create(&conf);
	assert_non_null(set);
}

/* The log of a refused request names the request, the limits and the remedy. */
static void
log_says(struct tide_pktbuf_conf conf, const char *const *words)
{
	const char *text;

	conf.name = "other";
	test_log_catch();
	assert_null(tide_pktbuf_create(&conf));
	assert_int_equal(rte_errno, EINVAL);
	text = test_log_caught();
	for (; *words != NULL; words++) {
		if (strstr(text, *words) == NULL)
			fail_msg("no \"%s\" in: %s", *words, text);
	}
}

#define LOG_SAYS(conf, ...) log_says(conf, (const char *const[]){__VA_ARGS__, NULL})

static void
a_refusal_names_the_request_the_limits_and_the_remedy(void **state)
{
	const struct tide_pktbuf_conf good = conf_of(64, CHUNK_SMALL, 4);
	const int missing[] = {TIDE_NODE_MAX - 1}, twice[] = {0, 0};
	struct tide_pktbuf_conf conf;

	set_with(64, CHUNK_SMALL, 4);
	conf = good, conf.packets = 0;
	LOG_SAYS(conf, "0 packets", "say how many");
	conf = good, conf.chunks = 16777215;
	LOG_SAYS(conf, "16777215 chunks", "1 to 16777214", "tide_pktbuf_chunks()");
	conf = good, conf.chunk_size = 1025;
	LOG_SAYS(conf, "1025 bytes", "power of two", "1024 to 1048576", "0 for 65536");
	conf = good, conf.headroom = ROOM_SMALL;
	LOG_SAYS(conf, "headroom of 896 bytes", "chunk of 1024", "needs 152 itself",
		"larger chunks");
	conf = good, conf.cache_size = 65;
	LOG_SAYS(conf, "cache of 65", "512 is the most", "the 64 of the set", "smaller one");
	conf = good, conf.cache_size = 513;
	LOG_SAYS(conf, "cache of 513", "512 is the most");
	conf = good, conf.nodes = missing;
	LOG_SAYS(conf, "node 1023 does not exist", "this machine has ");
	conf = good, conf.nodes = twice, conf.nb_nodes = 2;
	LOG_SAYS(conf, "node 0 is named twice", "name each once");
}

static void
a_port_that_is_not_there_is_named_with_those_there_are(void **state)
{
	set_with(64, CHUNK_SMALL, 4);
	test_log_catch();
	assert_int_equal(tide_pktbuf_dma_map(set, 7), -EINVAL);
	assert_non_null(strstr(test_log_caught(), "port 7 does not exist; there are 0 port(s)"));
}

static void
any_ops_and_backing_do(void **state)
{
	const char *const ops[] = {"tide", "ring_mp_mc", "stack"};
	struct tide_pktbuf_conf conf = conf_of(1000, CHUNK_SMALL, 110);
	struct rte_mbuf *m[1000];

	for (unsigned int i = 0; i < 2 * RTE_DIM(ops); i++) {
		conf.ops = ops[i / 2];
		conf.backing = i % 2 == 0 ? TIDE_BACKING_OWN : TIDE_BACKING_AUTO;
		set = tide_pktbuf_create(&conf);
		assert_non_null(set);
		for (unsigned int k = 0; k < RTE_DIM(m); k++) {
			m[k] = tide_pktbuf_alloc(set, 64);
			assert_non_null(m[k]);
			memset(rte_pktmbuf_append(m[k], 64), (int)k, 64);
		}
		for (unsigned int k = 0; k < RTE_DIM(m); k++)
			assert_int_equal(*rte_pktmbuf_mtod_offset(m[k], uint8_t *, 63), k % 256);
		rte_pktmbuf_free_bulk(m, RTE_DIM(m));
		assert_int_equal(stats_of_node0().packets_out, 0);
		assert_int_equal(tide_pktbuf_free(set), 0);
	}
	set_with(1, CHUNK_SMALL, 1);
}

/* Nodes only a text knows: best effort puts all on the memory there is, under their names. */
static void
packets_come_from_the_node_named_or_the_nearest(void **state)
{
	static const char machine[] = "node 0 cpus 0-1 memory 8G distance 2:30,5:17\n"
				      "node 2 cpus 2 memory 8G distance 0:30,5:12\n"
				      "node 5 memory 8G distance 0:17,2:12\n";
	struct tide_topology *topo = tide_topology_parse(machine);
	struct tide_pktbuf_conf conf = conf_of(64, CHUNK_SMALL, 4);
	const int nodes[] = {5, 2};
	struct tide_pktbuf_stats stats;
	struct rte_mbuf *m[2];

	assert_non_null(topo);
	conf.topo = topo;
	conf.nodes = nodes;
	conf.nb_nodes = 2;
	conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
	conf.page = TIDE_PAGE_4K;
	set = tide_pktbuf_create(&conf);
	assert_non_null(set);
	refused(tide_pktbuf_alloc_on(set, 0, 64), ENOENT);
	m[0] = tide_pktbuf_alloc_on(set, 2, 64);
	assert_int_equal(tide_pktbuf_stats(set, 2, &stats), 0);
	assert_int_equal(stats.packets_out, 1);
	/* The lcore is on node 0. */
	m[1] = tide_pktbuf_alloc(set, 64);
	assert_int_equal(tide_pktbuf_stats(set, 5, &stats), 0);
	assert_int_equal(stats.packets_out, 1);
	assert_int_equal(stats.node, 5);
	assert_int_equal(tide_pktbuf_placement(set, 5)->requested, 5);
	assert_int_equal(tide_pktbuf_check(set), 0);
	rte_pktmbuf_free_bulk(m, 2);
	assert_int_equal(tide_pktbuf_free(set), 0);
	/* No nodes named: that of the lcore. */
	conf.nodes = NULL;
	set = tide_pktbuf_create(&conf);
	assert_non_null(set);
	assert_int_equal(set->nb_nodes, 1);
	assert_int_equal(tide_pktbuf_stats(set, 0, &stats), 0);
	assert_int_equal(tide_pktbuf_free(set), 0);
	tide_topology_free(topo);
	set_with(1, CHUNK_SMALL, 1);
}

/* Makes the set while it has an lcore id that is not its own to keep; tells what id that was. */
static void *
make_registered(void *arg)
{
	unsigned int *lcore = arg;
	struct tide_pktbuf_conf conf = conf_of(64, CHUNK_SMALL, 4);

	if (rte_thread_register() != 0)
		return NULL;
	*lcore = rte_lcore_id();
	set = tide_pktbuf_create(&conf);
	rte_thread_unregister();
	return NULL;
}

static void
the_lcore_id_of_a_registered_thread_tells_no_node(void **state)
{
	unsigned int lcore = LCORE_ID_ANY;
	pthread_t thread;

	assert_int_equal(tide_pktbuf_free(set), 0);
	set = NULL;
	assert_int_equal(pthread_create(&thread, NULL, make_registered, &lcore), 0);
	pthread_join(thread, NULL);
	assert_non_null(set);
	assert_true(lcore < RTE_MAX_LCORE);
	assert_int_equal(set->local[lcore], -1);
	assert_int_equal(set->local[rte_lcore_id()], 0);
}

static void
breaks(const char *what)
{
	test_log_catch();
	assert_int_equal(tide_pktbuf_check(set), -EINVAL);
	assert_non_null(strstr(test_log_caught(), what));
}

static void
the_check_sees_each_broken_book(void **state)
{
	struct rte_mbuf *m[2 * FIT_SMALL];
	struct tidei_pktbuf_node *node;
	struct tidei_chunk *closed, *open;
	unsigned int n = 0;

	set_with(4 * FIT_SMALL, CHUNK_SMALL, 4);
	for (; n < FIT_SMALL + 1; n++)
		m[n] = tide_pktbuf_alloc(set, 1);
	node = &set->nodes[0];
	closed = (struct tidei_chunk *)m[0]->shinfo->fcb_opaque;
	open = (struct tidei_chunk *)m[n - 1]->shinfo->fcb_opaque;
	assert_ptr_not_equal(closed, open);
	open->refs += 2;
	breaks("an open chunk counts more packets");
	open->refs -= 4;
	breaks("or has lost its share");
	open->refs += 2;
	closed->refs += 1;
	breaks("a closed chunk counts more packets than it can hold");
	closed->refs -= FIT_SMALL + 1;
	breaks("are not those in the mempool");
	closed->refs += FIT_SMALL;
	node->cells[0].allocated += 1;
	breaks("than can have been allocated");
	node->cells[0].allocated -= 1;
	node->cells[5].chunk = open;
	node->cells[5].at = TIDEI_CHUNK_START;
	breaks("two cells have one chunk open");
	node->cells[5].chunk = NULL;
	node->cells[5].at = node->end;
	assert_int_equal(tide_pktbuf_check(set), 0);
	rte_pktmbuf_free_bulk(m, n);
}

static void
the_dump_names_counters_and_placement(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct rte_mbuf *m;

	assert_non_null(f);
	set_with(8, CHUNK_SMALL, 4);
	m = tide_pktbuf_alloc(set, 64);
	tide_pktbuf_dump(set, f);
	fclose(f);
	assert_non_null(strstr(text, "test: node 0: 1 packets out, 1 of 8 mbufs, 1 of 4 chunks (1 "
				     "open); 1 packets of 88 bytes allocated"));
	assert_non_null(strstr(text, "node 0"));
	free(text);
	rte_pktmbuf_free(m);
}

/* Random packets come and go; each keeps its pattern to the end, and the counts are right. */
static void
random_packets_agree_with_a_list_of_them(void **state)
{
	enum {
		HELD = 300,
		STEPS = 200000
	};
	struct {
		struct rte_mbuf *m;
		uint32_t len;
		uint8_t byte;
	} held[HELD] = {{0}};
	unsigned int seed = (unsigned int)time(NULL), out = 0;

	print_message("seed %u\n", seed);
	srandom(seed);
	set_with(HELD, 1 << 13, 120);
	for (unsigned int step = 0; step < STEPS; step++) {
		unsigned int i = (unsigned int)random() % HELD;

		if (held[i].m != NULL) {
			const uint8_t *data = rte_pktmbuf_mtod(held[i].m, const uint8_t *);

			for (uint32_t k = 0; k < held[i].len; k++)
				assert_int_equal(data[k], held[i].byte);
			rte_pktmbuf_free(held[i].m);
			held[i].m = NULL;
			out--;
			continue;
		}
		held[i].len = 1 + (uint32_t)random() % (random() % 8 == 0 ? 8000 : 100);
		held[i].byte = (uint8_t)random();
		held[i].m = tide_pktbuf_alloc(set, held[i].len);
		if (held[i].m == NULL) {
			assert_int_equal(rte_errno, ENOMEM);
			continue;
		}
		memset(rte_pktmbuf_append(held[i].m, (uint16_t)held[i].len), held[i].byte,
			held[i].len);
		out++;
		if (step % 1024 == 0)
			assert_int_equal(stats_of_node0().packets_out, out);
	}
	for (unsigned int i = 0; i < HELD; i++)
		rte_pktmbuf_free(held[i].m);
	assert_int_equal(stats_of_node0().packets_out, 0);
	assert_int_equal(stats_of_node0().chunks_out, 1);
}

static int
make_plain(void **state)
{
	plain = rte_pktmbuf_pool_create_by_ops(
		"plain", 256, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0, "tide");
	return plain == NULL;
}

static int
free_plain(void **state)
{
	rte_mempool_free(plain);
	return 0;
}

#define CASE(name) cmocka_unit_test_teardown(name, clean_up)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE(a_packet_has_room_for_its_length_and_no_more),
		CASE(headroom_is_in_front_of_the_data),
		CASE(a_packet_of_65535_bytes_fits_a_large_chunk),
		CASE(an_impossible_request_is_refused_with_its_errno_and_takes_nothing),
		CASE(a_copy_has_all_that_is_known_of_the_packet),
		CASE(many_segments_become_one),
		CASE(copies_of_clones_and_of_compact_packets_are_packets_of_their_own),
		CASE(a_burst_copies_what_fits_and_says_why_it_stops),
		CASE(one_packet_that_is_held_keeps_its_chunk),
		CASE(an_open_chunk_is_used_again_when_its_packets_are_back),
		CASE(bytes_of_a_chunk_without_a_packet_are_counted_as_waste),
		CASE(freeing_with_packets_out_is_ebusy_and_says_how_many),
		CASE(a_clone_outlives_the_packet_and_the_mbuf_serves_another),
		CASE(a_packet_has_65534_clones_and_its_chunk_many_more_references),
		CASE(io_addresses_are_those_of_the_data),
		CASE(io_addresses_that_are_not_known_stay_so),
		CASE(packets_of_64_bytes_held_per_mb_are_8_times_as_many),
		CASE(a_chunk_takes_its_size_and_a_bare_mbuf_192_bytes),
		CASE(the_chunks_reckoned_are_the_chunks_needed),
		CASE(bad_requests_are_refused_with_nothing_left),
		CASE(a_refusal_names_the_request_the_limits_and_the_remedy),
		CASE(a_port_that_is_not_there_is_named_with_those_there_are),
		CASE(any_ops_and_backing_do),
		CASE(packets_come_from_the_node_named_or_the_nearest),
		CASE(the_lcore_id_of_a_registered_thread_tells_no_node),
		CASE(the_check_sees_each_broken_book),
		CASE(the_dump_names_counters_and_placement),
		CASE(random_packets_agree_with_a_list_of_them),
	};
	bool want_huge = argc < 2 || strcmp(argv[1], "no-huge") != 0;

	huge = test_eal_start(want_huge, 96, "0");
	if (want_huge && !huge) {
		fprintf(stderr, "needs EAL on huge pages: too few 2 MB pages are free\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, make_plain, free_plain);
}
