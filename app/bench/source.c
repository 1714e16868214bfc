/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: objects for the loops. */

#include <errno.h>
#include <stdlib.h>

#include <rte_common.h>
#include <rte_mbuf_pool_ops.h>

#include "pool.h"
#include "source.h"

/* More than any loop has on its way at once. */
#define WINDOW_MAX 4096

uint64_t
source_ticks(const struct bench *bench)
{
	return rte_get_tsc_hz() / 1000 * bench->opt.time_ms;
}

/* The floor's window: all it holds is taken from the pool for the whole turn. */
static int
open_window(struct turn *turn)
{
	struct source *s = &turn->source;
	uint32_t n = RTE_MIN(rte_align32prevpow2(s->mp->size), (uint32_t)WINDOW_MAX);

	s->window = calloc(n + OPTIONS_BULK_MAX, sizeof(*s->window));
	if (s->window == NULL)
		return app_fail(&turn->err, APP_EXIT_RUN, "floor: out of memory");
	for (uint32_t i = 0; i < n; i++)
		if (rte_mempool_get(s->mp, &s->window[i]) != 0)
			return app_fail(&turn->err, APP_EXIT_RUN, "floor: its pool is short");
	memcpy(&s->window[n], s->window, OPTIONS_BULK_MAX * sizeof(*s->window));
	s->mask = n - 1;
	return 0;
}

static void
close_window(struct source *s)
{
	for (uint32_t i = 0; i <= s->mask; i++)
		rte_mempool_put(s->mp, s->window[i]);
	free(s->window);
}

int
source_setup(struct turn *turn)
{
	struct source *s = &turn->source;
	const char *ops = turn->who->floor ? rte_mbuf_platform_mempool_ops() : turn->who->name;

	if (turn->who->floor && ops == NULL)
		ops = RTE_MBUF_DEFAULT_MEMPOOL_OPS;
	s->floor = turn->who->floor;
	s->mp = pool_empty(ops, turn->work, &turn->err);
	if (s->mp == NULL)
		return -1;
	if (pool_fill(s->mp, &turn->bench->memory, &turn->err) != 0 ||
		(s->floor && open_window(turn) != 0)) {
		free(s->window);
		rte_mempool_free(s->mp);
		return -1;
	}
	return 0;
}

void
source_teardown(struct turn *turn)
{
	struct source *s = &turn->source;

	if (s->floor)
		close_window(s);
	pool_flush(s->mp);
	if (turn->err.code == 0)
		pool_check(s->mp, &turn->err);
	if (turn->err.code == 0 && turn->wrong > 0)
		app_fail(&turn->err, APP_EXIT_RUN,
			"%s: %lu packets came out other than they were put in: their buffers were "
			"handed out twice",
			turn->who->name, (unsigned long)turn->wrong);
	rte_mempool_free(s->mp);
}

int
source_run_alone(struct turn *turn,
	void (*loop)(const struct turn *turn, uint64_t ticks, struct tally *tally))
{
	const uint64_t ticks = source_ticks(turn->bench);
	struct tally warm = {0}, tally = {0};

	loop(turn, ticks / 10, &warm);
	loop(turn, ticks, &tally);
	turn->wrong = warm.wrong + tally.wrong;
	if (tally.objects == 0)
		return app_fail(&turn->err, APP_EXIT_RUN,
			"%s: gave out no object at all from a full pool", turn->who->name);
	turn->sample.value = (double)tally.cycles / (double)tally.objects;
	turn->sample.failed = tally.failed;
	return 0;
}
