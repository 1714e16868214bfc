/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: makes and frees the pool of a sample. */

#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_mbuf_pool_ops.h>

#include "frame/backend.h"
#include "frame/pool.h"

/* More objects than any loop holds at once. */
#define WINDOW_MAX 4096

uint64_t
sample_ticks(const struct bench *bench)
{
	return rte_get_tsc_hz() / 1000 * bench->opt.time_ms;
}

/* Fill the window of the baseline with objects of the pool, which stay in it for the whole sample. */
static int
open_window(struct sample *sample)
{
	struct backend *b = &sample->backend;
	uint32_t n = RTE_MIN(rte_align32prevpow2(b->mp->size), (uint32_t)WINDOW_MAX);

	b->window = calloc(n + OPTIONS_BULK_MAX, sizeof(*b->window));
	if (b->window == NULL)
		return app_fail(&sample->err, APP_EXIT_RUN, "baseline: out of memory");
	for (uint32_t i = 0; i < n; i++)
		if (rte_mempool_get(b->mp, &b->window[i]) != 0)
			return app_fail(&sample->err, APP_EXIT_RUN,
				"baseline: its pool has too few objects");
	memcpy(&b->window[n], b->window, OPTIONS_BULK_MAX * sizeof(*b->window));
	b->mask = n - 1;
	return 0;
}

static void
close_window(struct backend *b)
{
	for (uint32_t i = 0; i <= b->mask; i++)
		rte_mempool_put(b->mp, b->window[i]);
	free(b->window);
}

static const char *
default_ops(void)
{
	const char *ops = rte_mbuf_platform_mempool_ops();

	return ops != NULL ? ops : RTE_MBUF_DEFAULT_MEMPOOL_OPS;
}

int
backend_setup(struct sample *sample)
{
	struct backend *b = &sample->backend;
	const struct candidate *c = sample->candidate;

	b->baseline = c->baseline;
	b->mp = pool_empty(c->baseline ? default_ops() : c->name, sample->workload, &sample->err);
	if (b->mp == NULL)
		return -1;
	if (pool_fill(b->mp, &sample->bench->memory, &sample->err) != 0 ||
		(b->baseline && open_window(sample) != 0)) {
		free(b->window);
		rte_mempool_free(b->mp);
		return -1;
	}
	return 0;
}

void
backend_teardown(struct sample *sample)
{
	struct backend *b = &sample->backend;

	if (b->baseline)
		close_window(b);
	pool_flush(b->mp);
	if (sample->err.code == 0)
		pool_check(b->mp, &sample->err);
	if (sample->err.code == 0 && sample->wrong > 0)
		app_fail(&sample->err, APP_EXIT_RUN,
			"%s: the contents of %lu packets had changed: their buffers were handed "
			"out twice",
			sample->candidate->name, (unsigned long)sample->wrong);
	rte_mempool_free(b->mp);
}

int
backend_run_alone(struct sample *sample,
	void (*loop)(const struct sample *sample, uint64_t ticks, struct tally *tally))
{
	const uint64_t ticks = sample_ticks(sample->bench);
	struct tally warm = {0}, tally = {0};

	loop(sample, ticks / 10, &warm);
	loop(sample, ticks, &tally);
	sample->wrong = warm.wrong + tally.wrong;
	if (tally.objects == 0)
		return app_fail(&sample->err, APP_EXIT_RUN,
			"%s: no get succeeded, though the pool was full", sample->candidate->name);
	sample->figures.value = (double)tally.cycles / (double)tally.objects;
	sample->figures.failed = tally.failed;
	return 0;
}
