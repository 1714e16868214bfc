/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-fwd: what is done to whole tables of flows.
 *
 * Trees are walked by a loop along child 0 and a call for each child 1: child 1 is taken where a bit of
 * the hash is set, so calls nest no deeper than a hash has bits.
 */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "flow_table.h"

void
fwd_flow_init(struct fwd_flow *flow, const union fwd_flow_key *key, uint64_t hash)
{
	flow->child[0] = NULL;
	flow->child[1] = NULL;
	flow->packets = 0;
	flow->bytes = 0;
	flow->hash = hash;
	for (unsigned int i = 0; i < fwd_flow_words(key); i++)
		flow->key.word[i] = key->word[i];
}

static uint64_t
merge_tree(struct fwd_flow_table *into, struct fwd_flow *flow)
{
	uint64_t both = 0;

	while (flow != NULL) {
		struct fwd_flow *next = flow->child[0];
		struct fwd_flow **place;

		both += merge_tree(into, flow->child[1]);
		place = fwd_flow_place(into, &flow->key, flow->hash);
		if (*place != NULL) {
			(*place)->packets += flow->packets;
			(*place)->bytes += flow->bytes;
			both++;
		} else {
			flow->child[0] = NULL;
			flow->child[1] = NULL;
			*place = flow;
		}
		flow = next;
	}
	return both;
}

uint64_t
fwd_flow_merge(struct fwd_flow_table *into, struct fwd_flow_table *from, unsigned int root)
{
	uint64_t both = merge_tree(into, from->root[root]);

	from->root[root] = NULL;
	return both;
}

/* Tell whether flow a comes before b. No two flows of a table are alike. */
static bool
before(const struct fwd_flow *a, const struct fwd_flow *b)
{
	if (a->bytes != b->bytes)
		return a->bytes > b->bytes;
	if (a->packets != b->packets)
		return a->packets > b->packets;
	if (a->key.version != b->key.version)
		return a->key.version < b->key.version;
	return memcmp(&a->key, &b->key, fwd_flow_words(&a->key) * sizeof(uint64_t)) < 0;
}

static void
swap(struct fwd_flow **a, struct fwd_flow **b)
{
	struct fwd_flow *was = *a;

	*a = *b;
	*b = was;
}

/* A new one at the end of the heap rises as long as its parent comes before it. */
static void
rise(struct fwd_flow_top *top)
{
	for (unsigned int i = top->nb - 1; i > 0 && before(top->heap[(i - 1) / 2], top->heap[i]);
		i = (i - 1) / 2)
		swap(&top->heap[(i - 1) / 2], &top->heap[i]);
}

/* A new one at the start of the heap sinks as long as a child of it comes after it. */
static void
sink(struct fwd_flow_top *top)
{
	unsigned int at = 0;

	for (;;) {
		unsigned int last = at, child = 2 * at + 1;

		for (unsigned int i = child; i < child + 2 && i < top->nb; i++) {
			if (before(top->heap[last], top->heap[i]))
				last = i;
		}
		if (last == at)
			return;
		swap(&top->heap[at], &top->heap[last]);
		at = last;
	}
}

static void
offer(struct fwd_flow_top *top, struct fwd_flow *flow)
{
	if (top->nb < top->most) {
		top->heap[top->nb++] = flow;
		rise(top);
	} else if (before(flow, top->heap[0])) {
		top->heap[0] = flow;
		sink(top);
	}
}

static void
offer_tree(struct fwd_flow_top *top, struct fwd_flow *flow)
{
	for (; flow != NULL; flow = flow->child[0]) {
		offer(top, flow);
		offer_tree(top, flow->child[1]);
	}
}

void
fwd_flow_offer(struct fwd_flow_top *top, const struct fwd_flow_table *table, unsigned int root)
{
	offer_tree(top, table->root[root]);
}

static int
compare(const void *a, const void *b)
{
	const struct fwd_flow *one = *(struct fwd_flow *const *)a;
	const struct fwd_flow *other = *(struct fwd_flow *const *)b;

	return before(one, other) ? -1 : before(other, one);
}

void
fwd_flow_sort(struct fwd_flow_top *top)
{
	qsort(top->heap, top->nb, sizeof(top->heap[0]), compare);
}
