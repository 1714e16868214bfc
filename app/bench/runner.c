/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: gives every candidate its turns. */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "memory.h"
#include "reckon.h"
#include "runner.h"
#include "table.h"

#define WORKS_MAX (OPTIONS_LIST_MAX * OPTIONS_LIST_MAX)

static volatile sig_atomic_t stopped;

void
runner_stop(void)
{
	stopped = 1;
}

/* Whether a work is one for such candidates at all. */
static bool
concerns(const struct work *work, const struct candidate *c)
{
	const struct scenario *s = work->scenario;

	if (work->only != NULL && strcmp(work->only, c->name) != 0)
		return false;
	if (c->floor)
		return !s->no_floor;
	return c->guest_of == (s->invite != NULL ? s : NULL) && (!c->set || work->fresh);
}

/* Whether a candidate can take part in a work; the reason when not, NULL when nothing is to say. */
static bool
may(const struct candidate *c, const struct work *work, const char **reason)
{
	const struct scenario *s = work->scenario;

	*reason = NULL;
	if (!c->present || !concerns(work, c))
		return false;
	if (c->set && work->object < sizeof(struct rte_mbuf) + RTE_PKTMBUF_HEADROOM)
		*reason = "its buffers have a headroom, these have no data room";
	if (s->crowding == CROWDING_ANY && c->one_giver)
		*reason = "only one thread at a time may give back to it";
	if (s->crowding == CROWDING_ANY && c->one_taker)
		*reason = "only one thread at a time may take from it";
	return *reason == NULL;
}

/* Once for all works of a scenario. */
static void
note_absent(struct bench *bench, const struct work *work, unsigned int n)
{
	const char *reason;

	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		for (unsigned int k = 0; k < n; k++) {
			if (may(&bench->candidate[i], &work[k], &reason) || reason == NULL)
				continue;
			bench_note(bench, "%s: %s is left out: %s", work[k].scenario->name,
				bench->candidate[i].name, reason);
			break;
		}
}

static int
take_turn(struct turn *turn)
{
	const struct scenario *s = turn->work->scenario;

	if (s->setup(turn) != 0)
		return -1;
	/* A failure stays in turn->err, where teardown sees it. */
	s->run(turn);
	s->teardown(turn);
	return turn->err.code == 0 ? 0 : -1;
}

static void
one_turn(const struct bench *bench, struct result *result, unsigned int who, unsigned int round)
{
	struct row *row = &result->row[who];
	struct turn turn = {
		.bench = bench,
		.work = &result->work,
		.who = &bench->candidate[who],
	};

	if (take_turn(&turn) != 0) {
		snprintf(row->wrong, sizeof(row->wrong), "%.*s", (int)sizeof(row->wrong) - 1,
			turn.err.text);
		return;
	}
	row->value[round] = turn.sample.value;
	row->stall[round] = turn.sample.stall_ms;
	for (unsigned int i = 0; i < TAIL_NB; i++)
		row->tail[i][round] = turn.sample.tail[i];
	row->failed += turn.sample.failed;
}

static void
progress(const struct result *result, unsigned int round, unsigned int rounds)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%s, %s: round %u of %u \033[K", result->work.scenario->name,
			result->work.label, round + 1, rounds);
}

static void
progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

/* Every candidate once, beginning with another one in each round. */
static void
one_round(const struct bench *bench, struct result *result, unsigned int round)
{
	for (unsigned int k = 0; k < bench->nb_candidates && !stopped; k++) {
		unsigned int who = (k + round) % bench->nb_candidates;

		if (result->row[who].ran && result->row[who].wrong[0] == '\0')
			one_turn(bench, result, who, round);
	}
}

static bool
open_rows(const struct bench *bench, struct result *result, unsigned int rounds)
{
	const char *reason;

	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		struct row *row = &result->row[i];

		row->ran = may(&bench->candidate[i], &result->work, &reason);
		row->value = calloc(rounds, sizeof(*row->value));
		row->stall = calloc(rounds, sizeof(*row->stall));
		if (row->value == NULL || row->stall == NULL)
			return false;
		for (unsigned int k = 0; k < TAIL_NB; k++) {
			row->tail[k] = calloc(rounds, sizeof(*row->tail[k]));
			if (row->tail[k] == NULL)
				return false;
		}
	}
	return true;
}

static void
close_rows(struct result *result)
{
	for (unsigned int i = 0; i < BENCH_CANDIDATES_MAX; i++) {
		free(result->row[i].value);
		free(result->row[i].stall);
		for (unsigned int k = 0; k < TAIL_NB; k++)
			free(result->row[i].tail[k]);
	}
}

static struct result *
append(struct bench *bench, const struct work *work)
{
	struct result *more =
		realloc(bench->result, (bench->nb_results + 1) * sizeof(*bench->result));

	if (more == NULL)
		return NULL;
	bench->result = more;
	more += bench->nb_results;
	memset(more, 0, sizeof(*more));
	more->work = *work;
	return more;
}

static int
one_work(struct bench *bench, const struct work *work, struct app_error *err)
{
	const unsigned int rounds = work->scenario->exact ? 1 : bench->opt.rounds;
	struct result *result = append(bench, work);

	if (result == NULL || !open_rows(bench, result, rounds)) {
		if (result != NULL)
			close_rows(result);
		return app_fail(err, APP_EXIT_RUN, "out of memory for the results");
	}
	for (unsigned int round = 0; round < rounds && !stopped; round++) {
		progress(result, round, rounds);
		one_round(bench, result, round);
		result->rounds += !stopped;
	}
	progress_end();
	if (result->rounds == 0) {
		close_rows(result);
		return 0;
	}
	bench->nb_results++;
	reckon(bench, result);
	table_print(stdout, bench, result);
	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		if (result->row[i].wrong[0] != '\0')
			app_fail(err, APP_EXIT_RUN, "%s, %s: %.300s", work->scenario->name,
				work->label, result->row[i].wrong);
	return 0;
}

/*
 * Find the object size that lets all works of a scenario, which shall be compared, fit into memory; leave
 * out the largest pools where none does. The first work has the size that its plan wants for all.
 */
static unsigned int
fit(struct bench *bench, struct work *work, unsigned int n)
{
	const unsigned int size[] = {
		work[0].object != 0 ? work[0].object : bench->opt.object, BENCH_OBJECT_SMALL};
	const char *name = work[0].scenario->name;

	while (n > 0) {
		unsigned int largest = 0, kept = 0;

		for (unsigned int i = 0; i < n; i++)
			largest = RTE_MAX(largest, work[i].buffers);
		for (unsigned int k = 0; k < RTE_DIM(size); k++) {
			if (memory_fit(&bench->memory, largest, size[k]) != 0)
				continue;
			if (size[k] != size[0])
				bench_note(bench,
					"%s: EAL has no memory for %u buffers of %u bytes: all "
					"are of %u bytes here; reserve more huge pages, or give "
					"-m with --no-huge",
					name, largest, size[0], size[k]);
			for (unsigned int i = 0; i < n; i++)
				work[i].object = size[k];
			return n;
		}
		bench_note(bench,
			"%s: EAL has no memory for %u buffers of %u bytes: left out; reserve "
			"more huge pages, or give -m with --no-huge",
			name, largest, BENCH_OBJECT_SMALL);
		for (unsigned int i = 0; i < n; i++)
			if (work[i].buffers < largest)
				work[kept++] = work[i];
		n = kept;
	}
	return 0;
}

static unsigned int
plan(const struct bench *bench, const struct scenario *s, struct work *work)
{
	unsigned int n = 0;

	for (; n < WORKS_MAX; n++) {
		work[n] = (struct work){
			.scenario = s,
			.unit = s->unit,
			.more_is_better = s->more_is_better,
			.bulk = bench->opt.bulk,
		};
		if (!s->plan(bench, n, &work[n]))
			break;
	}
	return n;
}

static int
one_scenario(struct bench *bench, const struct scenario *s, struct app_error *err)
{
	struct work work[WORKS_MAX];
	unsigned int n;

	if (rte_lcore_count() < s->lcores) {
		bench_note(bench,
			"%s is left out: it needs %u lcores, EAL has %u; name more with -l",
			s->name, s->lcores, rte_lcore_count());
		return 0;
	}
	n = plan(bench, s, work);
	if (n > 0 && work[0].buffers != 0)
		n = fit(bench, work, n);
	else
		memory_release(&bench->memory);
	note_absent(bench, work, n);
	for (unsigned int i = 0; i < n && !stopped; i++) {
		if (work[i].threads > rte_lcore_count()) {
			bench_note(bench,
				"%s, %s: left out: EAL has too few lcores; name more with -l",
				s->name, work[i].label);
			continue;
		}
		if (work[i].fresh && !rte_eal_has_hugepages()) {
			bench_note(bench,
				"%s, %s: left out: without huge pages EAL takes no memory anew",
				s->name, work[i].label);
			continue;
		}
		if (work[i].fresh)
			memory_release(&bench->memory);
		if (one_work(bench, &work[i], err) != 0)
			return -1;
	}
	return 0;
}

int
runner_run(struct bench *bench, struct app_error *err)
{
	int ret = 0;

	for (unsigned int i = 0; scenarios[i] != NULL && ret == 0 && !stopped; i++)
		if (bench->opt.words & UINT32_C(1) << i)
			ret = one_scenario(bench, scenarios[i], err);
	memory_release(&bench->memory);
	if (ret == 0 && stopped)
		return app_fail(err, APP_EXIT_RUN,
			"stopped by a signal; what was measured until then stands above");
	return err->code != 0 ? -1 : ret;
}

void
runner_fini(struct bench *bench)
{
	for (unsigned int i = 0; i < bench->nb_results; i++)
		close_rows(&bench->result[i]);
	free(bench->result);
	free(bench->note);
}
