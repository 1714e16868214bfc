/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: where the memory of the pools is, for people. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "placement.h"
#include "tide_pool_query.h"

static void
print_bytes(uint64_t bytes, FILE *out)
{
	static const char *const units[] = {"kB", "MB", "GB"};
	unsigned int unit = 0;

	for (bytes >>= 10; unit < 2 && bytes >= 1024 && bytes % 1024 == 0; unit++)
		bytes >>= 10;
	fprintf(out, "%" PRIu64 " %s", bytes, units[unit]);
}

static void
print_where(int node, FILE *out)
{
	if (node >= 0)
		fprintf(out, "on node %d", node);
	else if (node == -ENOENT)
		fprintf(out, "in no memory");
	else
		fprintf(out, "nowhere the kernel could tell (%s)", strerror(-node));
}

void
fwd_pools_print_made(const struct fwd *fwd, FILE *out)
{
	for (unsigned int i = 0; i < tide_pool_nb_nodes(fwd->pool); i++) {
		const struct tide_placement *made = fwd_pool_place(fwd, i)->made;
		size_t len = 0;
		void *addr = NULL;

		tide_pool_memory(fwd->pool, made->requested, &addr, &len);
		fprintf(out,
			"pool of node %d: %u buffers in memory 0x%" PRIxPTR "-0x%" PRIxPTR
			" (%zu kB, %s), %" PRIu64 " of %" PRIu64 " pages of ",
			made->requested, tide_pool_on(fwd->pool, made->requested)->size,
			(uintptr_t)addr, (uintptr_t)addr + len, len >> 10,
			made->backing == TIDE_BACKING_EAL ? "EAL" : "own", made->local,
			made->pages);
		print_bytes(made->page_size, out);
		fprintf(out, " on node %d", made->requested);
		if (made->unknown != 0)
			fprintf(out, ", %" PRIu64 " unknown", made->unknown);
		fputc('\n', out);
	}
}

static uint64_t
pages_on(const struct tide_placement *found, int node)
{
	for (unsigned int i = 0; i < found->nb_found; i++) {
		if (found->found[i].node == node)
			return found->found[i].pages;
	}
	return 0;
}

void
fwd_pool_print_pages(const struct tide_monitor_pool *place, FILE *out)
{
	const char *comma = "";

	if (place->change.moved == 0) {
		fprintf(out, "all %" PRIu64 " pages of ", place->now.pages);
		print_bytes(place->now.page_size, out);
		fprintf(out, " are where they were made");
		return;
	}
	for (unsigned int i = 0; i < place->now.nb_found; i++) {
		const struct tide_pages_on_node *there = &place->now.found[i];
		uint64_t before = pages_on(place->made, there->node);

		if (there->pages <= before)
			continue;
		fprintf(out, "%s%" PRIu64 " of %" PRIu64 " pages of ", comma, there->pages,
			place->now.pages);
		print_bytes(place->now.page_size, out);
		fprintf(out, " are ");
		print_where(there->node, out);
		fprintf(out, " now (%" PRIu64 " when it was made)", before);
		comma = ", ";
	}
}

/* Return the only move between nodes that there was; NULL: none, or several. */
static const struct tide_pages_moved *
only_move(const struct tide_placement_change *change)
{
	const struct tide_pages_moved *only = NULL;

	for (unsigned int i = 0; i < change->nb_moves; i++) {
		if (change->moves[i].to < 0 || change->moves[i].from < 0)
			continue;
		if (only != NULL)
			return NULL;
		only = &change->moves[i];
	}
	return only;
}

/* Tell whether another pool was made there: moving pages back would take its pages along. */
static bool
others_live_on(const struct fwd *fwd, unsigned int self, int node)
{
	for (unsigned int i = 0; i < tide_pool_nb_nodes(fwd->pool); i++) {
		if (i != self && pages_on(fwd_pool_place(fwd, i)->made, node) != 0)
			return true;
	}
	return false;
}

static bool
reached_a_node(const struct tide_placement_change *change)
{
	for (unsigned int i = 0; i < change->nb_moves; i++) {
		if (change->moves[i].to >= 0)
			return true;
	}
	return false;
}

/* What may have moved them and what to do. */
static void
print_remedy(const struct fwd *fwd, unsigned int i, FILE *out)
{
	const struct tide_placement_change *change = &fwd_pool_place(fwd, i)->change;
	const struct tide_pages_moved *move = only_move(change);

	if (!reached_a_node(change)) {
		fprintf(out, ": swapped out, or just on their way to another node; huge pages are "
			     "never swapped (--page 2M)");
		return;
	}
	fprintf(out, ": something moved them (migratepages, numad, a change of the cpuset's nodes; "
		     "memory compaction does not); restart to place them again");
	if (move != NULL && !others_live_on(fwd, i, move->to))
		fprintf(out, ", or move what this process has there back: migratepages %d %d %d",
			(int)getpid(), move->to, move->from);
}

void
fwd_pool_print_place(const struct fwd *fwd, unsigned int i, FILE *out)
{
	const struct tide_monitor_pool *place = fwd_pool_place(fwd, i);

	fprintf(out, "pool of node %d: ", place->made->requested);
	fwd_pool_print_pages(place, out);
	if (place->change.moved != 0)
		print_remedy(fwd, i, out);
}
