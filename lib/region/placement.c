/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Compares placements of lib/region, and prints them. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "region_internal.h"

void
tide_placement_dump(const struct tide_placement *found, FILE *out)
{
	unsigned int i;

	if (found->requested == TIDE_NODE_UNKNOWN)
		fprintf(out, "any node");
	else
		fprintf(out, "node %d", found->requested);
	fprintf(out, ": %" PRIu64 " of %" PRIu64 " pages there, %" PRIu64 " kB each (%s, %s)",
		found->local, found->pages, found->page_size >> 10, tide_page_name(found->page),
		found->backing == TIDE_BACKING_EAL ? "EAL" : "own");
	if (found->unknown != 0)
		fprintf(out, ", %" PRIu64 " unknown", found->unknown);
	if (found->page == TIDE_PAGE_THP)
		fprintf(out, ", %" PRIu64 " MB on transparent huge pages", found->thp_bytes >> 20);
	for (i = 0; i < found->nb_found; i++) {
		if (found->found[i].node >= 0)
			fprintf(out, ", node %d: %" PRIu64, found->found[i].node,
				found->found[i].pages);
		else
			fprintf(out, ", %s: %" PRIu64, strerror(-found->found[i].node),
				found->found[i].pages);
	}
	if (found->reason[0] != '\0')
		fprintf(out, " [%s]", found->reason);
	fputc('\n', out);
}

void
tidei_placement_note(struct tide_placement *now, int node, uint64_t pages)
{
	unsigned int i = now->nb_found;

	if (pages == 0)
		return;
	if (i == TIDE_PLACEMENT_NODES_MAX) {
		if (now->found[i - 1].pages >= pages)
			return;
		i--;
	} else {
		now->nb_found++;
	}
	for (; i > 0 && now->found[i - 1].pages < pages; i--)
		now->found[i] = now->found[i - 1];
	now->found[i].node = node;
	now->found[i].pages = pages;
}

static uint64_t
pages_on(const struct tide_placement *found, int node)
{
	unsigned int i;

	for (i = 0; i < found->nb_found; i++) {
		if (found->found[i].node == node)
			return found->found[i].pages;
	}
	return 0;
}

void
tidei_placement_add(struct tide_placement *sum, const struct tide_placement *more)
{
	struct tide_placement was = *sum;

	sum->page_size = more->page_size;
	sum->pages += more->pages;
	sum->local += more->local;
	sum->unknown += more->unknown;
	sum->nb_found = 0;
	for (unsigned int i = 0; i < was.nb_found; i++)
		tidei_placement_note(sum, was.found[i].node,
			was.found[i].pages + pages_on(more, was.found[i].node));
	for (unsigned int i = 0; i < more->nb_found; i++) {
		if (pages_on(&was, more->found[i].node) == 0)
			tidei_placement_note(sum, more->found[i].node, more->found[i].pages);
	}
}

/* Returns how many pages more the i-th node of one placement has than that node in the other. */
static uint64_t
surplus(const struct tide_placement *one, const struct tide_placement *other, unsigned int i)
{
	uint64_t there = pages_on(other, one->found[i].node);

	return one->found[i].pages > there ? one->found[i].pages - there : 0;
}

static void
add_move(struct tide_placement_change *change, int from, int to, uint64_t pages)
{
	struct tide_pages_moved *move = &change->moves[change->nb_moves++];

	move->from = from;
	move->to = to;
	move->pages = pages;
	change->moved += pages;
}

/*
 * Assigns the pages that nodes of `made` lost to the nodes of `now` that gained. Each move empties a
 * loser or fills a winner, so there are fewer moves than entries in both lists.
 */
static void
deal(const struct tide_placement *made, const struct tide_placement *now,
	struct tide_placement_change *change)
{
	uint64_t lost, room = 0, pages;
	unsigned int from, to = 0;

	for (from = 0; from < made->nb_found; from++) {
		for (lost = surplus(made, now, from); lost > 0; lost -= pages) {
			while (room == 0 && to < now->nb_found)
				room = surplus(now, made, to++);
			/* The winners are beyond what `now` could list. */
			if (room == 0)
				return;
			pages = RTE_MIN(lost, room);
			add_move(change, made->found[from].node, now->found[to - 1].node, pages);
			room -= pages;
		}
	}
}

int
tide_placement_compare(const struct tide_placement *made, const struct tide_placement *now,
	struct tide_placement_change *change)
{
	if (made->page_size != now->page_size || made->pages != now->pages)
		return -EINVAL;
	memset(change, 0, sizeof(*change));
	deal(made, now, change);
	if (made->thp_bytes > now->thp_bytes)
		change->thp_lost = made->thp_bytes - now->thp_bytes;
	return change->moved != 0 || change->thp_lost != 0;
}
