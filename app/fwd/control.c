/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-fwd: the control loop, which the main lcore runs while packets flow.
 *
 * With workers it sleeps until something is due. Alone, it forwards itself and checks the clock now and then.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "control.h"
#include "flow_loop.h"
#include "guard.h"
#include "pool_state.h"
#include "screen.h"
#include "signals.h"
#include "writer.h"

/* Alone: how long main forwards between two checks of the clock and the signals. */
#define SPELL_NS    (SECOND / 1000)
#define SPELL_WALKS 64

/* Bytes of reports that wait for a slow reader; with more, a report is dropped. */
#define BEHIND (64 * 1024)

/* Warn of empty pools, unless the live screen shows them. */
static void
warn_of_empty(struct fwd *fwd, const struct fwd_schedule *c, uint64_t at)
{
	for (unsigned int i = 0; i < tide_pool_nb_nodes(fwd->pool); i++) {
		if (!fwd_pool_ran_empty(&fwd->pool_state[i], fwd->opts->burst, at) || c->live)
			continue;
		fputs("tide-fwd: warning: ", stderr);
		fwd_pool_print_empty(fwd, i, stderr);
		fputc('\n', stderr);
	}
}

static void
poll_all(struct fwd *fwd, struct fwd_schedule *c, uint64_t at)
{
	c->next_poll = fwd_next_due(c->next_poll, POLL_NS, at);
	fwd_pools_poll(fwd->pool_state, fwd->pool);
	warn_of_empty(fwd, c, at);
	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		/* The live screen shows the link anyway. */
		if (fwd_port_link(&fwd->port[i]) && !c->live) {
			fwd_screen_link(&fwd->port[i], stdout);
			fflush(stdout);
		}
	}
}

static void
print_stats(struct fwd *fwd, struct fwd_schedule *c, uint64_t at)
{
	struct fwd_stats now;

	c->next_stats = fwd_next_due(c->next_stats, fwd->opts->stats * SECOND, at);
	/* A screen is only worth the newest figures. */
	if (fwd_writer_behind(c->live ? 0 : BEHIND)) {
		fwd_writer_drop();
		return;
	}
	fwd_stats_take(&now, &fwd->plan, fwd->queue, fwd->lcore);
	fwd_screen_print(fwd, &now, c->live, stdout);
	fwd->last = now;
	if (fwd->flows != NULL)
		fwd->flows->shown = fwd->flows->complete.number;
}

static void
step_flows(struct fwd *fwd, struct fwd_schedule *c, uint64_t now)
{
	struct fwd_flows *flows = fwd->flows;

	c->next_flows = fwd_flows_step(flows, now);
	if (!flows->stalled_news || c->live)
		return;
	flows->stalled_news = false;
	fputs("tide-fwd: warning: flows: ", stderr);
	tide_arena_stalled_dump(&flows->reader, stderr);
	fputc('\n', stderr);
}

static void
take_signal(struct fwd *fwd, struct fwd_schedule *c, int signal)
{
	if (signal == SIGUSR1) {
		/* Pages that were asked for before may have moved before the question. */
		tide_monitor_restart(fwd->monitor);
		c->asked = true;
		c->next_check = 0;
		c->next_lcores = 0;
	} else if (app_signals_end(signal)) {
		fwd->signal = signal;
		fwd->ended = FWD_END_SIGNAL;
	}
}

static void
forward_alone(struct fwd *fwd, uint64_t ns)
{
	uint64_t until = rte_rdtsc() + ns * rte_get_tsc_hz() / SECOND;

	do {
		if (fwd->flows != NULL)
			fwd_flow_loop_walk(&fwd->lcore[0], SPELL_WALKS);
		else
			fwd_loop_walk(&fwd->lcore[0], SPELL_WALKS);
	} while (rte_rdtsc() < until);
}

/* Tell whether the statistics wait for the interval of flows that ended at the same time. */
static bool
awaits_flows(const struct fwd *fwd)
{
	return fwd->flows != NULL && fwd_flows_soon(fwd->flows);
}

/* Wait until something is due, or a signal comes. */
static void
pass_time(struct fwd *fwd, struct fwd_schedule *c)
{
	uint64_t sooner = awaits_flows(fwd) ? c->end : RTE_MIN(c->next_stats, c->end);
	uint64_t due = RTE_MIN(c->next_poll, sooner);
	uint64_t now = app_now_ns();
	uint64_t left = due > now ? due - now : 0;

	if (c->alone) {
		/* A check that is due waits for the end of the spell, and so does its next part. */
		forward_alone(fwd, RTE_MIN(left, SPELL_NS));
		left = 0;
	} else {
		due = RTE_MIN(due, c->next_check);
		due = RTE_MIN(due, c->next_lcores);
		due = RTE_MIN(due, c->next_flows);
		left = due > now ? due - now : 0;
	}
	take_signal(fwd, c, app_signals_wait(left));
}

/* Warn once that the output does not get through. */
static void
warn_of_output(void)
{
	int error;

	if (!fwd_writer_news(&error) || error == EPIPE)
		return;
	fprintf(stderr,
		"tide-fwd: warning: standard output takes nothing more (%s): reports are dropped "
		"and counted, packets are still forwarded\n",
		error == 0 ? "its reader does not read" : strerror(error));
}

static void
control_loop(struct fwd *fwd, struct fwd_schedule *c)
{
	while (fwd->ended == FWD_END_NONE) {
		uint64_t now;

		pass_time(fwd, c);
		now = app_now_ns();
		if (now >= c->next_poll)
			poll_all(fwd, c, now);
		if (now >= c->next_flows)
			step_flows(fwd, c, now);
		if (now >= c->next_stats && !awaits_flows(fwd))
			print_stats(fwd, c, now);
		if (now >= c->next_lcores)
			fwd_check_lcores(fwd, c, now);
		if (now >= c->next_check)
			fwd_check_placement(fwd, c);
		warn_of_output();
		if (fwd_writer_closed())
			fwd->ended = FWD_END_OUTPUT;
		else if (now >= c->end && fwd->ended == FWD_END_NONE)
			fwd->ended = FWD_END_DURATION;
	}
}

/* Tell whether the screen can be live: it moves the cursor. */
static bool
on_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

static void
begin(struct fwd *fwd, struct fwd_schedule *c)
{
	fwd_stats_take(&fwd->start, &fwd->plan, fwd->queue, fwd->lcore);
	fwd->last = fwd->start;
	c->next_poll = fwd->start.ns;
	c->next_stats = UINT64_MAX;
	if (fwd->opts->stats != 0)
		c->next_stats = fwd->start.ns + fwd->opts->stats * SECOND;
	c->next_flows = UINT64_MAX;
	if (fwd->flows != NULL) {
		fwd_flows_begin(fwd->flows, fwd->start.ns);
		c->next_flows = fwd->flows->due;
	}
	c->asked = false;
	c->next_check = UINT64_MAX;
	if (fwd->opts->check != 0)
		c->next_check = fwd->start.ns + fwd->opts->check * SECOND;
	c->next_lcores = c->next_check;
	c->end = UINT64_MAX;
	if (fwd->opts->duration != 0)
		c->end = fwd->start.ns + fwd->opts->duration * SECOND;
	c->live = fwd->opts->stats != 0 && (fwd->opts->screen || on_terminal());
	c->alone = rte_lcore_count() == 1;
	if (c->live)
		printf("\033[2J");
	if (c->alone)
		fwd_loop_enter(&fwd->lcore[0]);
}

void
fwd_control(struct fwd *fwd)
{
	lcore_function_t *run = fwd->flows != NULL ? fwd_flow_loop_run : fwd_loop_run;
	struct fwd_schedule schedule;

	fwd_writer_wait(false);
	fwd_guard_arm();
	begin(fwd, &schedule);
	for (unsigned int i = 0; i < fwd->plan.nb_lcores && !schedule.alone; i++) {
		if (fwd->lcore[i].nb_queues != 0)
			rte_eal_remote_launch(run, &fwd->lcore[i], fwd->lcore[i].id);
	}
	control_loop(fwd, &schedule);
	if (fwd->opts->check != 0)
		tide_monitor_check_lcores(fwd->monitor);
	/* Relaxed: as in fwd_loop_run(). */
	atomic_store_explicit(&fwd->stop, true, memory_order_relaxed);
	fwd->nb_stuck = fwd_join(fwd);
	fwd_stats_take(&fwd->end, &fwd->plan, fwd->queue, fwd->lcore);
	/* An lcore that is stuck has its tables still. */
	if (fwd->flows != NULL && fwd->nb_stuck == 0)
		fwd_flows_end(fwd->flows, fwd->end.ns);
	fwd_writer_wait(true);
}
