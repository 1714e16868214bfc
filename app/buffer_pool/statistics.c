/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Fill each pool to the end, then read what the arena has counted all along. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <rte_errno.h>

#include "example.h"

/* Sizes as they come, each at an alignment of its own. */
static const struct {
	size_t size, align;
} request[] = {
	{1, 1},
	{100, 256},
	{1500, 64},
	{700, 8},
	{3000, 128},
};

static int
fill(struct example *ex, int node, struct app_error *err)
{
	uint64_t taken = 0;

	for (;; taken++) {
		size_t size = request[taken % RTE_DIM(request)].size;
		size_t align = request[taken % RTE_DIM(request)].align;
		void *found = tide_arena_alloc_on(ex->arena, node, size, align);

		if (found == NULL)
			break;
		if ((uintptr_t)found % align != 0)
			return app_fail(
				err, APP_EXIT_RUN, "%p is not aligned to %zu", found, align);
	}
	if (rte_errno != ENOMEM)
		return app_fail(err, APP_EXIT_RUN, "node %d is not full but fails: %s", node,
			rte_strerror(rte_errno));
	printf("  Node %d: %" PRIu64 " allocations of 1 to 3000 bytes, each aligned; the next: "
	       "%s\n",
		node, taken, rte_strerror(ENOMEM));
	return 0;
}

/*
 * Print where all bytes went: bytes that are taken are allocated or are waste at the end of a chunk. The counters
 * are of the arena's whole life, so they include what was reset.
 */
static void
print_row(const struct tide_arena_stats *s)
{
	printf("  %4d %11" PRIu64 " %10" PRIu64 " %8" PRIu64 " %7" PRIu64 " %8" PRIu64 " %5" PRIu32
	       " %5" PRIu32 " %9" PRIu64 "\n",
		s->node, s->allocs, s->bytes, s->waste, s->refills, s->failures, s->chunks_out,
		s->chunks_high, s->remaining);
}

int
step_statistics(struct example *ex, struct app_error *err)
{
	struct tide_arena_stats stats;

	printf("Filling the pools, then reading their statistics:\n");
	for (unsigned int i = 0; i < ex->nb_nodes; i++) {
		if (fill(ex, ex->nodes[i], err) != 0)
			return -1;
	}
	printf("  node allocations      bytes    waste refills failures   out  most remaining\n");
	for (unsigned int i = 0; i < ex->nb_nodes; i++) {
		tide_arena_stats(ex->arena, ex->nodes[i], &stats);
		print_row(&stats);
	}
	return 0;
}
