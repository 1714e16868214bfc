/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* One node of an arena: a mempool of chunks on a region there, the tables beside them, the cells. */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>

#include "arena_internal.h"
#include "eal_friend.h"
#include "tide_log.h"
#include "tide_mempool.h"

static_assert(sizeof(struct tidei_arena_chunk) <= TIDEI_ARENA_HEADER, "a chunk's header fits");

static _Atomic uint64_t nodes_made;

/* Gives each chunk its index, and guards its bytes. */
struct numbering {
	struct tidei_arena_node *node;
	const struct tidei_arena *more;
};

static void
number_chunk(struct rte_mempool *mp, void *arg, void *object, unsigned int index)
{
	struct numbering *numbering = arg;
	struct tidei_arena_chunk *chunk = object;

	chunk->index = index;
	numbering->node->payload[index] = (uintptr_t)object + TIDEI_ARENA_HEADER;
	tidei_arena_seal(numbering->more, numbering->node->payload[index]);
}

/* Cleared memory of EAL as near to a node as there is some. */
static void *
zalloc(const struct tidei_arena *more, int node, size_t n, size_t size)
{
	int heaps[TIDE_NODE_MAX];
	unsigned int i, nb = tidei_eal_heaps(more->topo, node, heaps, RTE_DIM(heaps));
	void *mem = NULL;

	for (i = 0; i < nb && mem == NULL; i++)
		mem = rte_calloc_socket("tide_arena", n, size, TIDEI_ARENA_PAD, heaps[i]);
	return mem;
}

/* Makes each lcore's cell on the lcore's node; if that is unknown, on the node of the chunks. */
static int
make_cells(struct tidei_arena_node *node, const struct tidei_arena *more)
{
	for (unsigned int lcore = 0; lcore < RTE_MAX_LCORE; lcore++) {
		int where = tide_topology_lcore_node(more->topo, lcore);

		node->cells[lcore] = zalloc(more, where != TIDE_NODE_UNKNOWN ? where : node->node,
			1, sizeof(*node->cells[lcore]));
		if (node->cells[lcore] == NULL)
			return -ENOMEM;
	}
	return 0;
}

static int
make_tables(struct tidei_arena_node *node, const struct tidei_arena *more)
{
	size_t heads = (size_t)more->epochs * RTE_MAX_LCORE;

	node->payload = zalloc(more, node->node, more->chunks, sizeof(*node->payload));
	node->next = zalloc(more, node->node, more->chunks, sizeof(*node->next));
	node->heads = zalloc(more, node->node, heads, sizeof(*node->heads));
	node->shared_heads = zalloc(more, node->node, more->epochs, sizeof(*node->shared_heads));
	if (node->payload == NULL || node->next == NULL || node->heads == NULL ||
		node->shared_heads == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < heads; i++)
		node->heads[i] = TIDEI_ARENA_NONE;
	for (uint32_t i = 0; i < more->epochs; i++)
		atomic_init(&node->shared_heads[i], TIDEI_ARENA_NONE);
	return make_cells(node, more);
}

int
tidei_arena_node_make(struct tidei_arena_node **made, const struct tidei_arena *more,
	const struct tide_arena_conf *conf, int id)
{
	struct tidei_arena_node *node = zalloc(more, id, 1, sizeof(*node));
	char name[RTE_MEMPOOL_NAMESIZE];
	struct numbering numbering = {.node = node, .more = more};
	struct tidei_objects_conf objects = {
		.name = name,
		.what = "chunks",
		.topo = more->topo,
		.node = id,
		.count = conf->chunks,
		.size = TIDEI_ARENA_HEADER + conf->chunk_size,
		.each = number_chunk,
		.each_arg = &numbering,
		.ops = conf->ops != NULL ? conf->ops : TIDE_MEMPOOL_OPS,
		.no_iova = !conf->dma,
		.page = conf->page,
		.backing = conf->backing,
		.enforce = conf->enforce,
	};
	int ret = -ENOMEM;

	snprintf(name, sizeof(name), "%s_node%d", conf->name, id);
	if (node != NULL) {
		node->node = id;
		/* Relaxed: it orders nothing. */
		node->serial = 1 + atomic_fetch_add_explicit(&nodes_made, 1, memory_order_relaxed);
		tidei_arena_shared_init(&node->shared);
		ret = make_tables(node, more);
	}
	if (ret < 0)
		TIDE_LOG(arena, ERR,
			"%s: no room in EAL's heap for the tables of %" PRIu32 " chunks: "
			"give EAL more memory",
			name, conf->chunks);
	else
		ret = tidei_objects_make(&node->objects, &objects);
	if (ret < 0)
		tidei_arena_node_free(node, more);
	else
		*made = node;
	return ret;
}

void
tidei_arena_node_free(struct tidei_arena_node *node, const struct tidei_arena *more)
{
	if (node == NULL)
		return;
	/* Others will have this memory. */
	for (uint32_t i = 0; node->objects.mp != NULL && i < more->chunks; i++)
		tidei_arena_unseal(more, node->payload[i]);
	tidei_objects_free(&node->objects);
	for (unsigned int lcore = 0; lcore < RTE_MAX_LCORE; lcore++)
		rte_free(node->cells[lcore]);
	/* Freed as plain memory: the arena is gone. */
	rte_free((void *)(uintptr_t)node->shared_heads);
	rte_free(node->heads);
	rte_free(node->next);
	rte_free(node->payload);
	rte_free(node);
}
