/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-fwd: intervals of flow accounting, from flip to report to freed memory.
 *
 * Main reads what lcores allocated without being a reader of the arena: no other thread frees epochs,
 * and main frees them after reading. So a reader that the arena calls stalled is an lcore.
 */

#include <errno.h>
#include <string.h>

#include <rte_cycles.h>

#include "flows.h"
#include "stats.h"

/* How long a step may take, microseconds: no further root is begun then. */
#define STEP_US 50

/* Between two looks at lcores that have not passed yet. */
#define LOOK_NS 100000

void
fwd_flows_begin(struct fwd_flows *flows, uint64_t now_ns)
{
	flows->begin = now_ns;
	flows->due = flows->period == 0 ? UINT64_MAX : now_ns + flows->period;
}

static void
add_sum(struct fwd_flow_sum *to, const struct fwd_flow_sum *more)
{
	to->packets += more->packets;
	to->bytes += more->bytes;
}

static void
add_packets(struct fwd_flow_tally *to, const struct fwd_flow_tally *more)
{
	add_sum(&to->ip, &more->ip);
	add_sum(&to->other, &more->other);
	add_sum(&to->lost, &more->lost);
}

/* Check for lcores that have not passed since; the arena names them. */
static void
poll_stalled(struct fwd_flows *flows, uint64_t now_ns)
{
	bool was = flows->stalled;

	flows->stalled = now_ns - flows->flipped >= FWD_FLOWS_STALLED_NS &&
	                 tide_arena_stalled(flows->arena, &flows->reader) == 0;
	flows->stalled_news = flows->stalled_news || (flows->stalled && !was);
}

static bool
all_closed(const struct fwd_flows *flows)
{
	for (unsigned int i = 0; i < flows->nb_lcores; i++) {
		/* Acquire, with fwd_flow_close(): what it handed over is complete. */
		if (atomic_load_explicit(&flows->lcore[i]->closed_epoch, memory_order_acquire) !=
			flows->closing)
			return false;
	}
	return true;
}

static void
begin_merge(struct fwd_flows *flows)
{
	struct fwd_flow_report *next = &flows->next;

	flows->state = FWD_FLOWS_MERGING;
	flows->table = NULL;
	flows->root = 0;
	flows->heap.nb = 0;
	next->number++;
	next->ns = flows->flipped - flows->begin;
	next->tally = (struct fwd_flow_tally){.flows = 0};
	for (unsigned int i = 0; i < flows->nb_lcores; i++) {
		const struct fwd_flow_part *part = &flows->lcore[i]->closed;

		add_packets(&next->tally, &part->tally);
		next->tally.flows += part->tally.flows;
		if (flows->table == NULL)
			flows->table = part->table;
	}
	if (flows->table == NULL)
		flows->root = FWD_FLOW_ROOTS;
}

static void
merge_root(struct fwd_flows *flows, unsigned int root)
{
	for (unsigned int i = 0; i < flows->nb_lcores; i++) {
		struct fwd_flow_table *from = flows->lcore[i]->closed.table;

		if (from != NULL && from != flows->table)
			flows->next.tally.flows -= fwd_flow_merge(flows->table, from, root);
	}
	fwd_flow_offer(&flows->heap, flows->table, root);
}

/* Merge until all is merged or time is up; whether all is. */
static bool
merge(struct fwd_flows *flows, uint64_t cycles)
{
	uint64_t begin = rte_rdtsc();

	while (flows->root < FWD_FLOW_ROOTS) {
		merge_root(flows, flows->root++);
		if (rte_rdtsc() - begin >= cycles)
			return flows->root == FWD_FLOW_ROOTS;
	}
	return true;
}

/* Keep the flows with most bytes; their records go. */
static void
keep_top(struct fwd_flow_report *report, struct fwd_flow_top *heap)
{
	fwd_flow_sort(heap);
	report->nb_top = heap->nb;
	for (unsigned int i = 0; i < heap->nb; i++) {
		const struct fwd_flow *flow = heap->heap[i];
		struct fwd_flow_entry *entry = &report->top[i];

		entry->sum = (struct fwd_flow_sum){flow->packets, flow->bytes};
		memset(&entry->key, 0, sizeof(entry->key));
		memcpy(&entry->key, &flow->key, fwd_flow_words(&flow->key) * sizeof(uint64_t));
	}
}

/* Each report has room of its own for its flows. */
static void
copy_report(struct fwd_flow_report *to, const struct fwd_flow_report *from)
{
	struct fwd_flow_entry *top = to->top;

	memcpy(top, from->top, from->nb_top * sizeof(top[0]));
	*to = *from;
	to->top = top;
}

/* The tables of the lcores are not looked at any more. */
static void
finish_report(struct fwd_flows *flows, struct fwd_flow_report *done)
{
	struct fwd_flow_report *next = &flows->next;

	keep_top(next, &flows->heap);
	add_packets(&flows->total, &next->tally);
	flows->total.flows = RTE_MAX(flows->total.flows, next->tally.flows);
	copy_report(done, next);
	if (next->tally.ip.bytes > flows->busiest.tally.ip.bytes)
		copy_report(&flows->busiest, next);
	flows->begin = flows->flipped;
}

static uint64_t
flip(struct fwd_flows *flows, uint64_t now_ns)
{
	if (now_ns < flows->due)
		return flows->due;
	/* Cannot fail: the epoch before was freed, and no other thread flips. */
	if (tide_arena_flip(flows->arena, &flows->closing) < 0)
		return now_ns + LOOK_NS;
	flows->flipped = now_ns;
	/* The grid is kept, except for intervals that passed while this one was worked on. */
	flows->due = fwd_next_due(flows->due, flows->period, now_ns);
	flows->state = FWD_FLOWS_CLOSING;
	return now_ns;
}

static uint64_t
close_all(struct fwd_flows *flows, uint64_t now_ns)
{
	if (!all_closed(flows)) {
		poll_stalled(flows, now_ns);
		return now_ns + LOOK_NS;
	}
	begin_merge(flows);
	return now_ns;
}

static uint64_t
give_back(struct fwd_flows *flows, uint64_t now_ns)
{
	if (tide_arena_reclaim(flows->arena) <= 0) {
		poll_stalled(flows, now_ns);
		return now_ns + LOOK_NS;
	}
	flows->stalled = false;
	flows->state = FWD_FLOWS_OPEN;
	return flows->due;
}

uint64_t
fwd_flows_step(struct fwd_flows *flows, uint64_t now_ns)
{
	uint64_t again = now_ns;

	if (flows->state == FWD_FLOWS_OPEN)
		again = flip(flows, now_ns);
	if (flows->state == FWD_FLOWS_CLOSING)
		again = close_all(flows, now_ns);
	if (flows->state == FWD_FLOWS_MERGING) {
		if (!merge(flows, rte_get_tsc_hz() / 1000000 * STEP_US))
			return now_ns;
		finish_report(flows, &flows->complete);
		fwd_flows_share(flows);
		flows->state = FWD_FLOWS_RETURNING;
	}
	if (flows->state == FWD_FLOWS_RETURNING)
		again = give_back(flows, now_ns);
	return again;
}

bool
fwd_flows_soon(const struct fwd_flows *flows)
{
	return (flows->state == FWD_FLOWS_CLOSING && !flows->stalled) ||
	       flows->state == FWD_FLOWS_MERGING;
}

/* The lcores have ended: main hands over for them. */
static void
close_rest(struct fwd_flows *flows)
{
	for (unsigned int i = 0; i < flows->nb_lcores; i++) {
		if (flows->lcore[i]->epoch == flows->closing)
			fwd_flow_close(flows->lcore[i]);
	}
}

static void
report_all(struct fwd_flows *flows, struct fwd_flow_report *done)
{
	if (flows->state != FWD_FLOWS_MERGING)
		begin_merge(flows);
	merge(flows, UINT64_MAX);
	finish_report(flows, done);
}

void
fwd_flows_end(struct fwd_flows *flows, uint64_t now_ns)
{
	if (flows->state == FWD_FLOWS_CLOSING)
		close_rest(flows);
	if (flows->state == FWD_FLOWS_CLOSING || flows->state == FWD_FLOWS_MERGING)
		report_all(flows, &flows->complete);
	flows->state = FWD_FLOWS_OPEN;
	flows->flipped = now_ns;
	flows->closing = tide_arena_epoch(flows->arena);
	close_rest(flows);
	report_all(flows, &flows->unfinished);
}
