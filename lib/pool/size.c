/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Computes how many buffers and bytes one node needs. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_version.h>

#include "magazine.h"
#include "mempool_friend.h"
#include "region_friend.h"
#include "sys_friend.h"
#include "tide_pool_size.h"

/* Buffers come in multiples of it. */
#define ROUND_TO 64

/* A set of more could not be made. */
#define BUFFERS_MAX TIDEI_OBJECTS_MAX

#define MICROSECONDS 1000000

/* Wide enough for any product of the inputs: two of 64 and 32 bits, and a few of 32 and 32. */
typedef unsigned __int128 wide;

static wide
count_buffers(const struct tide_pool_need *need)
{
	wide cached = tidei_cache_most(need->cache_size, RTE_VERSION);
	wide lcores = (wide)need->lcores * (need->burst + cached);
	wide held = (wide)need->hold_pps * need->hold_us;

	return (wide)need->rx_queues * need->rx_desc + (wide)need->tx_queues * need->tx_desc +
	       lcores + need->depth + (held + MICROSECONDS - 1) / MICROSECONDS;
}

static int
page_bytes(enum tide_page page, uint64_t *bytes, bool *huge)
{
	switch (page) {
	case TIDE_PAGE_AUTO:
	case TIDE_PAGE_HUGE:
	case TIDE_PAGE_2M:
		*bytes = tidei_page_bytes(TIDE_PAGE_2M);
		*huge = true;
		return 0;
	case TIDE_PAGE_1G:
		*bytes = tidei_page_bytes(TIDE_PAGE_1G);
		*huge = true;
		return 0;
	case TIDE_PAGE_THP:
	case TIDE_PAGE_4K:
		*bytes = tidei_page_base();
		*huge = false;
		return 0;
	}
	return -EINVAL;
}

/* With physical addresses no buffer crosses a huge page. */
static uint64_t
count_pages(const struct tide_pool_size *size, bool huge)
{
	uint64_t per_page = huge ? size->page_size / size->object : 0;

	if (per_page != 0)
		return (size->buffers + per_page - 1) / per_page;
	return (size->bytes + size->page_size - 1) / size->page_size;
}

static void
write_command(struct tide_pool_size *size, int node)
{
	uint64_t needed = size->pages + tidei_eal_takes(node, size->page_size);
	uint64_t total = needed, have;
	struct tidei_huge_now now;

	/* The file takes the total, which includes the pages in use now. */
	if (tidei_huge_now(node, size->page_size, &now) == 0) {
		have = tidei_huge_to_be_had(node, size->page_size, &now);
		if (have + now.spare >= needed)
			return;
		total = now.total + (needed - have);
	}
	tidei_huge_command(node, size->page_size, total, size->command, sizeof(size->command));
}

int
tide_pool_size(const struct tide_pool_need *need, int node, enum tide_page page,
	struct tide_pool_size *size)
{
	uint32_t used = sizeof(struct rte_mempool_objhdr) + sizeof(struct rte_mbuf) +
	                need->priv_size + need->data_room;
	uint32_t element = used - sizeof(struct rte_mempool_objhdr);
	struct tide_pool_size answer = {0};
	wide buffers = count_buffers(need);
	bool huge;

	if (need->data_room < RTE_PKTMBUF_HEADROOM || need->priv_size % RTE_MBUF_PRIV_ALIGN != 0 ||
		page_bytes(page, &answer.page_size, &huge) < 0)
		return -EINVAL;
	buffers = (buffers + ROUND_TO - 1) / ROUND_TO * ROUND_TO;
	if (buffers > BUFFERS_MAX)
		return -EOVERFLOW;
	answer.buffers = (uint32_t)buffers;
	answer.object = rte_mempool_calc_obj_size(element, 0, NULL);
	answer.padding = answer.object - used;
	answer.bytes = (uint64_t)answer.buffers * answer.object;
	answer.pages = count_pages(&answer, huge);
	if (huge)
		write_command(&answer, node);
	*size = answer;
	return 0;
}
