/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds the nodes on which EAL, once it runs, has heap memory. */

#include <assert.h>

#include <rte_common.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "eal_friend.h"
#include "tide_eal.h"

static_assert(SOCKET_ID_ANY == TIDE_NODE_UNKNOWN, "tide_eal_heap_near() returns one for the other");

static bool
has_heap(int node)
{
	unsigned int i;

	for (i = 0; i < rte_socket_count(); i++) {
		if (rte_socket_id_by_idx(i) == node)
			return true;
	}
	return false;
}

unsigned int
tidei_eal_heaps(const struct tide_topology *topo, int node, int *ids, unsigned int max)
{
	unsigned int i, kept = 0, n = tide_topology_nearest(topo, node, true, ids, max);

	for (i = 0; i < n; i++) {
		if (has_heap(ids[i]))
			ids[kept++] = ids[i];
	}
	if (kept == 0)
		ids[kept++] = SOCKET_ID_ANY;
	return kept;
}

int
tide_eal_heap_near(const struct tide_topology *topo, int node, size_t bytes)
{
	int ids[TIDE_NODE_MAX];
	unsigned int n = tide_topology_nearest(topo, node, true, ids, RTE_DIM(ids));

	for (unsigned int i = 0; i < n; i++) {
		void *trial = rte_malloc_socket("tide_trial", bytes, RTE_CACHE_LINE_SIZE, ids[i]);

		rte_free(trial);
		if (trial != NULL)
			return ids[i];
	}
	return TIDE_NODE_UNKNOWN;
}
