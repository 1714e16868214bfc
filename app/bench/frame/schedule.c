/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: chooses workloads and candidates by what this machine and the candidates can do. */

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "frame/memory.h"
#include "frame/schedule.h"

/* Whether a candidate belongs to a workload, apart from its limits. */
static bool
belongs(const struct candidate *c, const struct workload *workload)
{
	const struct scenario *s = workload->scenario;

	if (workload->only != NULL && strcmp(workload->only, c->name) != 0)
		return false;
	if (c->baseline)
		return !s->no_baseline;
	return c->extra_of == (s->add_candidates != NULL ? s : NULL) &&
	       (!c->set || workload->fresh);
}

bool
schedule_takes_part(const struct candidate *c, const struct workload *workload, const char **reason)
{
	const struct scenario *s = workload->scenario;

	*reason = NULL;
	if (!c->present || !belongs(c, workload))
		return false;
	if (c->set && workload->object < sizeof(struct rte_mbuf) + RTE_PKTMBUF_HEADROOM)
		*reason = "its buffers have a headroom, but those of this run have no data room";
	if (s->concurrency == CONCURRENCY_ANY && c->single_producer)
		*reason = "only one thread at a time may put";
	if (s->concurrency == CONCURRENCY_ANY && c->single_consumer)
		*reason = "only one thread at a time may get";
	return *reason == NULL;
}

/* Note each candidate that does not take part, once for all workloads of the scenario. */
static void
note_absent(struct bench *bench, const struct workload *workload, unsigned int n)
{
	const char *reason;

	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		for (unsigned int k = 0; k < n; k++) {
			const struct candidate *c = &bench->candidate[i];

			if (schedule_takes_part(c, &workload[k], &reason) || reason == NULL)
				continue;
			bench_note(bench, "%s: %s is left out: %s", workload[k].scenario->name,
				c->name, reason);
			break;
		}
}

static unsigned int
plan(const struct bench *bench, const struct scenario *s, struct workload *workload)
{
	unsigned int n = 0;

	for (; n < WORKLOADS_MAX; n++) {
		workload[n] = (struct workload){
			.scenario = s,
			.unit = s->unit,
			.more_is_better = s->more_is_better,
			.bulk = bench->opt.bulk,
		};
		if (!s->plan(bench, n, &workload[n]))
			break;
	}
	return n;
}

/* Buffers in the largest pool. */
static unsigned int
largest_pool(const struct workload *workload, unsigned int n)
{
	unsigned int largest = 0;

	for (unsigned int i = 0; i < n; i++)
		largest = RTE_MAX(largest, workload[i].buffers);
	return largest;
}

/* Get memory for a pool with objects of the planned size, or else of the small size. 0: neither fits. */
static unsigned int
fit_largest(struct bench *bench, const struct workload *first, unsigned int buffers)
{
	const char *name = first->scenario->name;
	const unsigned int planned = first->object != 0 ? first->object : bench->opt.object;

	if (memory_fit(&bench->memory, buffers, planned) == 0)
		return planned;
	if (memory_fit(&bench->memory, buffers, BENCH_OBJECT_SMALL) == 0) {
		bench_note(bench,
			"%s: EAL has no memory for %u buffers of %u bytes, so all are of %u bytes; "
			"reserve more huge pages, or give -m with --no-huge",
			name, buffers, planned, BENCH_OBJECT_SMALL);
		return BENCH_OBJECT_SMALL;
	}
	bench_note(bench,
		"%s: EAL has no memory for %u buffers of %u bytes: left out; reserve more huge "
		"pages, or give -m with --no-huge",
		name, buffers, BENCH_OBJECT_SMALL);
	return 0;
}

/*
 * Find the object size with which all workloads fit into memory, as their figures are compared. Leaves
 * out the largest pools while there is no such size.
 */
static unsigned int
fit(struct bench *bench, struct workload *workload, unsigned int n)
{
	while (n > 0) {
		const unsigned int largest = largest_pool(workload, n);
		const unsigned int size = fit_largest(bench, &workload[0], largest);
		unsigned int kept = 0;

		for (unsigned int i = 0; i < n; i++) {
			if (size == 0 && workload[i].buffers == largest)
				continue;
			workload[kept] = workload[i];
			if (size != 0)
				workload[kept].object = size;
			kept++;
		}
		n = kept;
		if (size != 0)
			break;
	}
	return n;
}

unsigned int
schedule_workloads(struct bench *bench, const struct scenario *s, struct workload *workload)
{
	unsigned int n;

	if (rte_lcore_count() < s->lcores) {
		bench_note(bench,
			"%s is left out: it needs %u lcores, EAL has %u; name more with -l",
			s->name, s->lcores, rte_lcore_count());
		return 0;
	}
	n = plan(bench, s, workload);
	if (n > 0 && workload[0].buffers != 0)
		n = fit(bench, workload, n);
	else
		memory_release(&bench->memory);
	note_absent(bench, workload, n);
	return n;
}

bool
schedule_can_run(struct bench *bench, const struct workload *workload)
{
	const char *name = workload->scenario->name;

	if (workload->threads > rte_lcore_count()) {
		bench_note(bench, "%s, %s: left out: EAL has too few lcores; name more with -l",
			name, workload->label);
		return false;
	}
	if (workload->fresh && !rte_eal_has_hugepages()) {
		bench_note(bench,
			"%s, %s: left out: without huge pages EAL takes no new memory from the "
			"kernel",
			name, workload->label);
		return false;
	}
	return true;
}
