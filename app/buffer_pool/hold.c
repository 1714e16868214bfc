/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Prints where everything is, and waits, so that others can ask the kernel about these addresses. */

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include <rte_common.h>

#include "example.h"
#include "signals.h"

/* Take all chunks of a node, and print the range of addresses that they are in. */
static void
print_chunks(struct example *ex, int node)
{
	const struct tide_placement *placement = tide_arena_placement(ex->arena, node);
	uintptr_t from = UINTPTR_MAX, to = 0;
	unsigned int chunks = 0;
	void *chunk;

	while ((chunk = tide_arena_alloc_on(ex->arena, node, CHUNK_BYTES, 0)) != NULL) {
		from = RTE_MIN(from, (uintptr_t)chunk);
		to = RTE_MAX(to, (uintptr_t)chunk + CHUNK_BYTES);
		chunks++;
	}
	printf("  Node %d: %u chunks at 0x%" PRIxPTR "-0x%" PRIxPTR ", pages of %" PRIu64
	       " bytes\n",
		node, chunks, from, to, placement->page_size);
}

static void
print_counters(const struct example *ex)
{
	size_t size = tide_shard_size(ex->operations);
	struct tide_shard_cell cell;
	unsigned int at = 0;

	while (tide_shard_next(ex->operations, &at, &cell))
		printf("  Node %d: counter at 0x%" PRIxPTR "-0x%" PRIxPTR ", pages of %" PRIu64
		       " bytes\n",
			cell.node, (uintptr_t)cell.cell, (uintptr_t)cell.cell + size,
			cell.placement->page_size);
}

int
step_hold(struct example *ex, struct app_error *err)
{
	printf("Holding still for %u seconds, process %d:\n", ex->opt.hold, (int)getpid());
	if (tide_arena_reset(ex->arena, NULL) != 0)
		return app_fail(err, APP_EXIT_RUN, "no reset: a reader is active");
	for (unsigned int i = 0; i < ex->nb_nodes; i++)
		print_chunks(ex, ex->nodes[i]);
	print_counters(ex);
	printf("  Ready\n");
	fflush(stdout);
	app_signals_wait(ex->opt.hold * UINT64_C(1000000000));
	return 0;
}
