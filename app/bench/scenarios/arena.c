/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: objects of any size, allocated one by one and freed together, as those of one interval or
 * one burst are.
 */

#include <rte_malloc.h>

#include "frame/bench.h"
#include "scenarios/arena_alloc.h"
#include "scenarios/arena_flip.h"
#include "scenarios/arena_shared.h"

#define HEAPS_MAX 8

static const struct arena_candidate tide_arena = {.method = ARENA_METHOD_ARENA};
static const struct arena_candidate shared_bump = {.method = ARENA_METHOD_SHARED_BUMP};
static const struct arena_candidate tide_bump = {.method = ARENA_METHOD_TIDE_BUMP};

static void *
eal_get(size_t size)
{
	return rte_malloc(NULL, size, 0);
}

static const struct arena_candidate eal = {
	.method = ARENA_METHOD_HEAP, .heap = {eal_get, rte_free}};

/* Filled when heaps are added as candidates. */
static struct arena_candidate heap[HEAPS_MAX];

static struct candidate *
add(struct bench *bench, const struct scenario *scenario, const char *name,
	const struct arena_candidate *extra)
{
	struct candidate *c = bench_candidate(bench, name);

	c->extra_of = scenario;
	c->extra = extra;
	c->present = true;
	return c;
}

static void
add_heap(struct bench *bench, const struct scenario *scenario, unsigned int i)
{
	struct candidate *c = add(bench, scenario, heap_name(i), &heap[i]);

	heap[i].method = ARENA_METHOD_HEAP;
	c->present = heap_load(i, &heap[i].heap, c->reason, sizeof(c->reason)) == 0;
	if (!c->present)
		bench_note(bench, "%s is left out: %s", c->name, c->reason);
}

static void
arena_add_candidates(struct bench *bench, const struct scenario *scenario)
{
	add(bench, scenario, ARENA_SUBJECT, &tide_arena)->no_peer = true;
	add(bench, scenario, "shared_bump", &shared_bump)->no_peer = true;
	add(bench, scenario, "tide_bump", &tide_bump)->no_peer = true;
	for (unsigned int i = 0; i < HEAPS_MAX && heap_name(i) != NULL; i++)
		add_heap(bench, scenario, i);
	add(bench, scenario, "rte_malloc", &eal);
}

static bool
arena_plan(const struct bench *bench, unsigned int i, struct workload *workload)
{
	workload->bulk = 0;
	if (i < ARENA_ALLOC_WORKLOADS)
		arena_alloc_plan(i, workload);
	else if (i == ARENA_ALLOC_WORKLOADS)
		arena_flip_plan(workload);
	return i <= ARENA_ALLOC_WORKLOADS;
}

/* Only the flip is about one candidate. */
static bool
is_flip(const struct sample *sample)
{
	return sample->workload->only != NULL;
}

static int
arena_setup(struct sample *sample)
{
	return is_flip(sample) ? arena_flip_setup(sample) : arena_alloc_setup(sample);
}

static int
arena_run(struct sample *sample)
{
	return is_flip(sample) ? arena_flip_run(sample) : arena_alloc_run(sample);
}

static void
arena_teardown(struct sample *sample)
{
	if (is_flip(sample))
		arena_flip_teardown(sample);
	else
		arena_alloc_teardown(sample);
}

#define TARGET(text, ...)                                               \
	{                                                               \
		.subject = ARENA_SUBJECT, .label = (text), __VA_ARGS__, \
	}

static const struct target targets[] = {
	TARGET("64 bytes, 1 thread", AGAINST("shared_bump"), TIMES_BETTER(1.5)),
	TARGET("64 bytes, 1 thread", TIMES_BETTER(3)),
	TARGET("mixed sizes, 1 thread", AGAINST("shared_bump"), TIMES_BETTER(1.5)),
	TARGET("mixed sizes, 1 thread", TIMES_BETTER(3)),
	TARGET("64 bytes, 2 threads", AGAINST("shared_bump"), TIMES_BETTER(8)),
	TARGET("64 bytes, 2 threads", TIMES_BETTER(3)),
	TARGET("mixed sizes, 2 threads", AGAINST("shared_bump"), TIMES_BETTER(8)),
	TARGET("mixed sizes, 2 threads", TIMES_BETTER(3)),
	TARGET("flip of 1000 chunks", .against = TARGET_NOTHING, AT_MOST(20)),
};

static const struct scenario arena = {
	.name = "arena",
	.order = 120,
	.summary = "objects allocated one by one and freed together",
	.description =
		"Objects of 64 bytes, and of mixed sizes, are allocated one by one and\n"
		"freed all at once, by one lcore and by two; in some workloads they are\n"
		"written to. The candidates are tide_arena; shared_bump, one offset that\n"
		"all threads add to atomically; tide_bump, the same with flips and readers;\n"
		"malloc() of glibc, jemalloc and mimalloc where they are installed; and\n"
		"rte_malloc(). The last workload times a flip that frees 1000 chunks.\n",
	.unit = "M objects/s",
	.more_is_better = true,
	.targets = targets,
	.nb_targets = RTE_DIM(targets),
	.add_candidates = arena_add_candidates,
	.plan = arena_plan,
	.setup = arena_setup,
	.run = arena_run,
	.teardown = arena_teardown,
};

SCENARIO_REGISTER(arena)
