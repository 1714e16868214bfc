/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_POOL_SIZE_H
#define TIDE_POOL_SIZE_H

/**
 * @file
 * The size of a pool: the buffers, bytes and pages that one node needs for its queues and lcores.
 *
 * It needs no EAL and no pool set, so that a program can reserve pages before it starts EAL.
 *
 * An example:
 * @include pool_size.c
 */

#include <stdint.h>

#include "tide_region.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Most buffers of one node's pool that its users have at a time. */
struct tide_pool_need {
	unsigned int rx_queues; /**< Receive queues filled from this node's pool. */
	unsigned int rx_desc; /**< Descriptors per receive queue. */
	unsigned int tx_queues; /**< Transmit queues that buffers of this pool can sit in. */
	unsigned int tx_desc; /**< Descriptors per transmit queue. */
	unsigned int lcores; /**< Lcores that allocate or free buffers of this pool. */
	unsigned int burst; /**< Buffers that an lcore works on at a time. */
	unsigned int cache_size; /**< Buffers of the per-lcore mempool cache. */
	unsigned int depth; /**< Buffers in rings between stages, in total. */
	unsigned int hold_us; /**< Longest time that buffers stay elsewhere, microseconds. */
	uint64_t hold_pps; /**< Packets per second that stay so. */
	uint16_t data_room; /**< As in tide_pool_conf. */
	uint16_t priv_size; /**< As in tide_pool_conf. */
};

/** The size of a pool on one node. */
struct tide_pool_size {
	uint32_t buffers; /**< Buffers, rounded up to a multiple of 64. */
	uint32_t object; /**< Bytes per buffer, with mempool header, mbuf and padding. */
	uint32_t padding; /**< Those of object that align it or spread it over channels. */
	uint64_t bytes; /**< buffers * object. */
	uint64_t page_size; /**< Bytes of a page, as pages and command assume. */
	uint64_t pages; /**< Pages needed. */
	/**
	 * Shell command that reserves them on `node`. If EAL runs on huge pages and has none on the
	 * node yet, the command reserves one for EAL too. Empty if nothing is to be reserved: for
	 * base pages, if enough pages are free, and if the node has less memory than that.
	 */
	char command[160];
};

/**
 * Compute how many buffers, bytes and pages one node needs. MT-safe.
 *
 *     buffers = rx_queues * rx_desc + tx_queues * tx_desc
 *             + lcores * (burst + cached) + depth + hold_pps * hold_us / 10^6
 *
 * The formula assumes that every queue is full. A mempool cache keeps up to 1.5 times cache_size
 * before it flushes (CACHE_FLUSHTHRESH_MULTIPLIER in rte_mempool.c), and exactly cache_size from
 * DPDK 26.07 on. `cached` is the limit of the DPDK that the library was built with.
 *
 * The pages are of one size: 2 MB for TIDE_PAGE_AUTO, HUGE and 2M, 1 GB for 1G, base pages for THP
 * and 4K. So with AUTO and HUGE the answer is for 2 MB pages even if a region would use 1 GB pages.
 *
 * @param need  What the users of the pool need; not NULL.
 * @param node  Node id that the command is for; TIDE_NODE_UNKNOWN: the machine as a whole.
 * @param page  Requested page size.
 * @param size  Where to store the answer; written only on success.
 * @return
 *   - 0: stored.
 *   - -EINVAL: data_room is below RTE_PKTMBUF_HEADROOM, priv_size is not a multiple of
 *     RTE_MBUF_PRIV_ALIGN, or the page size is unknown.
 *   - -EOVERFLOW: more than 2^27 buffers, the most that a mempool of the tide ops has.
 */
int tide_pool_size(const struct tide_pool_need *need, int node, enum tide_page page,
	struct tide_pool_size *size);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_POOL_SIZE_H */
