/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Prints an arena. */

#include <inttypes.h>

#include "arena_internal.h"

static void
dump_node(const struct tide_arena *arena, const struct tidei_arena_node *node, FILE *out)
{
	struct tide_arena_stats stats;

	tide_arena_stats(arena, node->node, &stats);
	fprintf(out,
		"%s: node %d: %" PRIu64 " of %" PRIu64 " bytes remaining, %" PRIu32 " of %" PRIu32
		" chunks out, at most %" PRIu32 "; %" PRIu64 " allocations of %" PRIu64
		" bytes, %" PRIu64 " bytes wasted, %" PRIu64 " refills, %" PRIu64 " failures",
		arena->more->name, stats.node, stats.remaining, stats.capacity, stats.chunks_out,
		stats.chunks, stats.chunks_high, stats.allocs, stats.bytes, stats.waste,
		stats.refills, stats.failures);
	if (stats.stale_writes != 0)
		fprintf(out, ", %" PRIu64 " stale writes", stats.stale_writes);
	if (stats.unregistered != 0)
		fprintf(out, ", %" PRIu64 " chunks used by threads that are no online readers",
			stats.unregistered);
	if (stats.chunks_out == stats.chunks && stats.remaining != 0)
		fputs("; no chunk is free: what remains serves only the threads that have "
		      "those chunks",
			out);
	fputs("; ", out);
	tide_placement_dump(tide_arena_placement(arena, stats.node), out);
}

void
tide_arena_dump(const struct tide_arena *arena, FILE *out)
{
	const struct tidei_arena *more = arena->more;
	uint64_t epoch = tide_arena_epoch(arena);
	struct tide_arena_stalled stalled;

	for (unsigned int i = 0; i < more->nb_nodes; i++)
		dump_node(arena, more->nodes[i], out);
	fprintf(out,
		"%s: epoch %" PRIu64 ", %" PRIu64 " closed and not reclaimed of at most %" PRIu32,
		more->name, epoch,
		epoch - atomic_load_explicit(&more->oldest, memory_order_relaxed),
		more->epochs - 1);
	fputc('\n', out);
	if (tide_arena_stalled(arena, &stalled) != 0)
		return;
	fprintf(out, "%s: ", more->name);
	tide_arena_stalled_dump(&stalled, out);
	fputc('\n', out);
}

void
tide_arena_stalled_dump(const struct tide_arena_stalled *stalled, FILE *out)
{
	fprintf(out, "reader \"%s\" (id %u, ", stalled->name, stalled->reader);
	if (stalled->lcore_id != LCORE_ID_ANY)
		fprintf(out, "lcore %u, ", stalled->lcore_id);
	fprintf(out,
		"thread %" PRIu32 ") has not been quiescent since epoch %" PRIu64
		" was closed %" PRIu64 ".%06" PRIu64 " s ago",
		stalled->tid, stalled->epoch, stalled->stalled_us / 1000000,
		stalled->stalled_us % 1000000);
}
