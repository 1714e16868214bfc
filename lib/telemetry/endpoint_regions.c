/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The endpoint /tide/regions: where the memory of mempools of any ops is, as the kernel says. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "endpoint.h"
#include "locate_friend.h"
#include "mempool_friend.h"
#include "region_friend.h"
#include "sys_friend.h"

/* A mempool. It can be freed once its memory is listed; then the kernel knows no node of the pages. */
struct pool {
	char name[RTE_MEMPOOL_NAMESIZE];
	int node; /* Requested; TIDE_NODE_UNKNOWN: any. */
	struct tidei_list memory; /* struct tidei_stretch */
	struct tidei_list regions; /* struct region */
	/* Of all regions. */
	uint64_t bytes;
	struct tide_placement sum;
	int refused; /* As with each. */
};

/* A stretch of its memory, and what the kernel says of it. */
struct region {
	const struct tidei_stretch *stretch;
	struct tide_placement now;
	int refused; /* 0, or the negative errno with which the kernel refuses to say where the pages are. */
};

struct request {
	const char *name; /* Requested mempool; empty: all. */
	struct tidei_list pools; /* struct pool */
	bool no_memory;
};

static void
copy_pool(struct rte_mempool *mp, void *arg)
{
	struct request *request = arg;
	struct pool *pool;

	if (request->name[0] != '\0' && strcmp(mp->name, request->name) != 0)
		return;
	pool = tidei_list_add(&request->pools, sizeof(*pool));
	if (pool == NULL) {
		request->no_memory = true;
		return;
	}
	snprintf(pool->name, sizeof(pool->name), "%s", mp->name);
	pool->node = tidei_mempool_home(mp);
	if (tidei_memory_read(&pool->memory, mp) < 0)
		request->no_memory = true;
}

static void
free_pools(struct request *request)
{
	TIDEI_LIST_EACH (request->pools, struct pool, pool) {
		tidei_list_free(&pool->memory);
		tidei_list_free(&pool->regions);
	}
	tidei_list_free(&request->pools);
}

/* Returns 0, or -ENOMEM. */
static int
measure(struct pool *pool)
{
	tidei_memory_join(&pool->memory);
	TIDEI_LIST_EACH (pool->memory, const struct tidei_stretch, stretch) {
		struct region *region = tidei_list_add(&pool->regions, sizeof(*region));

		if (region == NULL)
			return -ENOMEM;
		region->stretch = stretch;
		region->refused = tidei_stretch_measure(stretch, pool->node, &region->now);
		if (region->refused == -ENOMEM)
			return -ENOMEM;
		pool->bytes += stretch->to - stretch->from;
		if (region->refused == 0)
			tidei_placement_add(&pool->sum, &region->now);
		else
			pool->refused = region->refused;
	}
	return 0;
}

static void
add_pages(struct tidei_answer *answer, const struct tide_placement *now, int refused)
{
	char name[32];

	tidei_answer_unsigned(answer, "pages", now->pages);
	for (unsigned int i = 0; i < now->nb_found; i++) {
		if (now->found[i].node < 0)
			continue;
		snprintf(name, sizeof(name), "pages_node_%d", now->found[i].node);
		tidei_answer_unsigned(answer, name, now->found[i].pages);
	}
	if (now->unknown != 0)
		tidei_answer_unsigned(answer, "pages_unknown", now->unknown);
	if (refused != 0)
		tidei_answer_string(answer, "refused", strerror(-refused));
}

static void
add_region(struct tidei_answer *answer, const struct region *region)
{
	const struct tidei_stretch *stretch = region->stretch;
	char address[32];

	snprintf(address, sizeof(address), "0x%" PRIxPTR, stretch->from);
	tidei_answer_string(answer, "address", address);
	tidei_answer_unsigned(answer, "bytes", stretch->to - stretch->from);
	tidei_answer_unsigned(answer, "page_size", stretch->page_size);
	add_pages(answer, &region->now, region->refused);
}

static void
add_pool(struct tidei_answer *answer, const struct pool *pool)
{
	tidei_answer_string(answer, "name", pool->name);
	if (pool->node != TIDE_NODE_UNKNOWN)
		tidei_answer_signed(answer, "node", pool->node);
	tidei_answer_unsigned(answer, "bytes", pool->bytes);
	add_pages(answer, &pool->sum, pool->refused);
	tidei_answer_unsigned(answer, "regions", pool->regions.nb);
}

static void
add_pools(struct tidei_answer *answer, const struct request *request)
{
	unsigned int nb = 0;

	TIDEI_LIST_EACH (request->pools, const struct pool, pool) {
		tidei_answer_open_entry(answer, "pool", nb++);
		add_pool(answer, pool);
		tidei_answer_close(answer);
	}
}

static void
add_regions(struct tidei_answer *answer, const struct pool *pool)
{
	unsigned int nb = 0;

	add_pool(answer, pool);
	TIDEI_LIST_EACH (pool->regions, const struct region, region) {
		tidei_answer_open_entry(answer, "region", nb++);
		add_region(answer, region);
		tidei_answer_close(answer);
	}
}

static void
answer_request(struct tidei_answer *answer, struct request *request)
{
	TIDEI_LIST_EACH (request->pools, struct pool, pool)
		request->no_memory = request->no_memory || measure(pool) < 0;
	if (request->no_memory) {
		tidei_answer_refuse(answer, "no answer: %s", strerror(ENOMEM));
		return;
	}
	tidei_answer_start(answer);
	if (request->name[0] == '\0')
		add_pools(answer, request);
	else
		add_regions(answer, request->pools.at);
}

void
tidei_endpoint_regions(const char *params, struct tidei_answer *answer)
{
	struct request request = {.name = params};

	if (tidei_mempools_walk(copy_pool, &request) < 0)
		tidei_answer_refuse(answer, TIDEI_ENDPOINT_ENDED);
	else if (params[0] != '\0' && request.pools.nb == 0 && !request.no_memory)
		tidei_answer_refuse(answer, TIDEI_ENDPOINT_ABSENT, params);
	else
		answer_request(answer, &request);
	free_pools(&request);
}
