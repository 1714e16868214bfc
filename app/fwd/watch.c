/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-fwd: what the main lcore does while packets flow.
 *
 * With workers it sleeps between looks. Alone, it forwards itself and looks up now and then.
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "flow_loop.h"
#include "fwd.h"
#include "guard.h"
#include "pool_watch.h"
#include "screen.h"
#include "signals.h"
#include "writer.h"

/* Nanoseconds. */
#define SECOND UINT64_C(1000000000)

/* Links and pools are looked at this often, whatever the period of the statistics. */
#define LOOK_NS (SECOND / 10)

/* Alone: how long main forwards between two looks at the clock and the signals. */
#define SPELL_NS    (SECOND / 1000)
#define SPELL_WALKS 64

/*
 * Pages asked for between two looks at the signals or, alone, two spells of forwarding: 50
 * microseconds on a machine of 2026, less than the spell by far.
 */
#define CHECK_PAGES 256

/* Bytes of reports that wait for a slow reader; with more, a report is dropped. */
#define BEHIND (64 * 1024)

struct watch {
	uint64_t next_look;
	uint64_t next_check; /* Of placement; UINT64_MAX: never. */
	uint64_t next_lcores; /* Look at where the lcores are; UINT64_MAX: never. */
	bool asked; /* By a signal: answer, whatever is found. */
	uint64_t next_stats; /* UINT64_MAX: never. */
	uint64_t next_flows; /* UINT64_MAX: never. */
	uint64_t end; /* UINT64_MAX: never. */
	bool live;
	bool alone;
};

/* The live screen shows it anyway. */
static void
look_for_empty(struct fwd *fwd, const struct watch *w, uint64_t at)
{
	for (unsigned int i = 0; i < tide_pool_nb_members(fwd->pool); i++) {
		if (!fwd_pool_ran_empty(&fwd->watch[i], fwd->opts->burst, at) || w->live)
			continue;
		fputs("tide-fwd: warning: ", stderr);
		fwd_pool_tell_empty(fwd, i, stderr);
		fputc('\n', stderr);
	}
}

static void
look(struct fwd *fwd, struct watch *w, uint64_t at)
{
	w->next_look = fwd_next_due(w->next_look, LOOK_NS, at);
	fwd_pool_look(fwd->watch, fwd->pool);
	look_for_empty(fwd, w, at);
	for (unsigned int i = 0; i < fwd->plan.nb_ports; i++) {
		/* The live screen shows the link anyway. */
		if (fwd_port_link(&fwd->port[i]) && !w->live) {
			fwd_screen_link(&fwd->port[i], stdout);
			fflush(stdout);
		}
	}
}

static void
show(struct fwd *fwd, struct watch *w, uint64_t at)
{
	struct fwd_stats now;

	w->next_stats = fwd_next_due(w->next_stats, fwd->opts->stats * SECOND, at);
	/* A screen is only worth the newest figures. */
	if (fwd_writer_behind(w->live ? 0 : BEHIND)) {
		fwd_writer_drop();
		return;
	}
	fwd_stats_take(&now, &fwd->plan, fwd->queue, fwd->lcore);
	fwd_screen_show(fwd, &now, w->live, stdout);
	fwd->last = now;
	if (fwd->flows != NULL)
		fwd->flows->shown = fwd->flows->complete.number;
}

static void
step_flows(struct fwd *fwd, struct watch *w, uint64_t now)
{
	struct fwd_flows *flows = fwd->flows;

	w->next_flows = fwd_flows_step(flows, now);
	if (!flows->late_news || w->live)
		return;
	flows->late_news = false;
	fputs("tide-fwd: warning: flows: ", stderr);
	tide_arena_late_dump(&flows->who, stderr);
	fputc('\n', stderr);
}

static void
tell_place(const struct fwd *fwd, unsigned int i, const char *before, FILE *out)
{
	fputs(before, out);
	fwd_placement_tell(&fwd->placement, i, out);
	fputc('\n', out);
}

/* Who asked gets an answer, be there news or not. */
static void
tell_places(const struct fwd *fwd, const struct watch *w)
{
	for (unsigned int i = 0; i < fwd->placement.nb_pools; i++) {
		const struct fwd_place *place = &fwd->placement.pool[i];
		bool moved = place->change.moved != 0;

		if (place->news)
			tell_place(fwd, i, moved ? "tide-fwd: warning: " : "tide-fwd: ", stderr);
		if (w->asked)
			tell_place(fwd, i, "", stdout);
	}
	fflush(stdout);
}

/* Whether packets go through an lcore, so that it matters where it runs. */
static bool
forwards(const struct fwd *fwd, unsigned int i)
{
	return fwd->plan.lcore[i].nb_queues != 0;
}

static void
look_at_lcores(struct fwd *fwd)
{
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++) {
		if (forwards(fwd, i))
			fwd_lcore_place_look(&fwd->lcore_place[i], &fwd->lcore[i], fwd->topo);
	}
}

static void
tell_lcore(const struct fwd *fwd, unsigned int i, const char *before, FILE *out)
{
	fputs(before, out);
	fwd_lcore_place_tell(&fwd->lcore_place[i], &fwd->lcore[i], out);
	fputc('\n', out);
}

/* Unlike pages they are few: all at once. The live screen shows those that are away anyway. */
static void
check_lcores(struct fwd *fwd, struct watch *w, uint64_t now)
{
	w->next_lcores = fwd->opts->check != 0 ? now + fwd->opts->check * SECOND : UINT64_MAX;
	look_at_lcores(fwd);
	for (unsigned int i = 0; i < fwd->plan.nb_lcores && !w->live; i++) {
		const struct fwd_lcore_place *place = &fwd->lcore_place[i];

		if (place->news)
			tell_lcore(
				fwd, i, place->away ? "tide-fwd: warning: " : "tide-fwd: ", stderr);
		if (w->asked && place->away)
			tell_lcore(fwd, i, "", stdout);
	}
}

/* A few pages; the next are due at once until all pools are through. */
static void
check(struct fwd *fwd, struct watch *w)
{
	int rc = fwd_placement_step(&fwd->placement, fwd->pool, CHECK_PAGES);

	if (rc == 0)
		return;
	w->next_check = UINT64_MAX;
	if (rc < 0) {
		fprintf(stderr,
			"tide-fwd: warning: the kernel does not say where the buffers are, so it "
			"is not asked any more; kill -USR1 %d asks again\n",
			(int)getpid());
	} else {
		/* The live screen shows it anyway. */
		if (!w->live)
			tell_places(fwd, w);
		if (fwd->opts->check != 0)
			w->next_check = app_now_ns() + fwd->opts->check * SECOND;
	}
	w->asked = false;
}

static void
take_signal(struct fwd *fwd, struct watch *w, int signal)
{
	if (signal == SIGUSR1) {
		/* Pages that were asked for before may have moved before the question. */
		fwd_placement_restart(&fwd->placement);
		w->asked = true;
		w->next_check = 0;
		w->next_lcores = 0;
	} else if (app_signals_end(signal)) {
		fwd->signal = signal;
		fwd->why = FWD_END_SIGNAL;
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

/* What is shown shall have the interval of flows that ended at the same time. */
static bool
awaits_flows(const struct fwd *fwd)
{
	return fwd->flows != NULL && fwd_flows_soon(fwd->flows);
}

/* Let time pass until something is due; a signal ends it early. */
static void
pass_time(struct fwd *fwd, struct watch *w)
{
	uint64_t sooner = awaits_flows(fwd) ? w->end : RTE_MIN(w->next_stats, w->end);
	uint64_t due = RTE_MIN(w->next_look, sooner);
	uint64_t now = app_now_ns();
	uint64_t left = due > now ? due - now : 0;

	if (w->alone) {
		/* A check that is due waits for the end of the spell, and so does its next part. */
		forward_alone(fwd, RTE_MIN(left, SPELL_NS));
		left = 0;
	} else {
		due = RTE_MIN(due, w->next_check);
		due = RTE_MIN(due, w->next_lcores);
		due = RTE_MIN(due, w->next_flows);
		left = due > now ? due - now : 0;
	}
	take_signal(fwd, w, app_signals_wait(left));
}

/* Once: the output does not get through, and what is done about it. */
static void
tell_output(void)
{
	int error;

	if (!fwd_writer_news(&error) || error == EPIPE)
		return;
	fprintf(stderr,
		"tide-fwd: warning: standard output takes nothing more (%s): reports are dropped "
		"and "
		"counted, packets are forwarded all the same\n",
		error == 0 ? "its reader does not read" : strerror(error));
}

static void
watch(struct fwd *fwd, struct watch *w)
{
	while (fwd->why == FWD_END_NONE) {
		uint64_t now;

		pass_time(fwd, w);
		now = app_now_ns();
		if (now >= w->next_look)
			look(fwd, w, now);
		if (now >= w->next_flows)
			step_flows(fwd, w, now);
		if (now >= w->next_stats && !awaits_flows(fwd))
			show(fwd, w, now);
		if (now >= w->next_lcores)
			check_lcores(fwd, w, now);
		if (now >= w->next_check)
			check(fwd, w);
		tell_output();
		if (fwd_writer_closed())
			fwd->why = FWD_END_OUTPUT;
		else if (now >= w->end && fwd->why == FWD_END_NONE)
			fwd->why = FWD_END_DURATION;
	}
}

/* The live screen moves the cursor. */
static bool
on_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

static void
begin(struct fwd *fwd, struct watch *w)
{
	fwd_stats_take(&fwd->start, &fwd->plan, fwd->queue, fwd->lcore);
	fwd->last = fwd->start;
	w->next_look = fwd->start.ns;
	w->next_stats = UINT64_MAX;
	if (fwd->opts->stats != 0)
		w->next_stats = fwd->start.ns + fwd->opts->stats * SECOND;
	w->next_flows = UINT64_MAX;
	if (fwd->flows != NULL) {
		fwd_flows_begin(fwd->flows, fwd->start.ns);
		w->next_flows = fwd->flows->due;
	}
	w->asked = false;
	w->next_check = UINT64_MAX;
	if (fwd->opts->check != 0)
		w->next_check = fwd->start.ns + fwd->opts->check * SECOND;
	w->next_lcores = w->next_check;
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++)
		fwd_lcore_place_begin(&fwd->lcore_place[i], fwd->plan.lcore[i].node);
	w->end = UINT64_MAX;
	if (fwd->opts->duration != 0)
		w->end = fwd->start.ns + fwd->opts->duration * SECOND;
	w->live = fwd->opts->stats != 0 && (fwd->opts->screen || on_terminal());
	w->alone = rte_lcore_count() == 1;
	if (w->live)
		printf("\033[2J");
	if (w->alone)
		fwd_loop_enter(&fwd->lcore[0]);
}

/* Lcores that still run; with `text` their names are in it: "1, 3". */
static unsigned int
still_running(const struct fwd *fwd, char *text, size_t len)
{
	unsigned int n = 0;
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++) {
		unsigned int id = fwd->lcore[i].id;

		if (id == rte_lcore_id() || rte_eal_get_lcore_state(id) != RUNNING)
			continue;
		if (used < len)
			used += snprintf(text + used, len - used, "%s%u", n == 0 ? "" : ", ", id);
		n++;
	}
	return n;
}

/* Wait for the lcores, not for ever; how many did not come. */
static unsigned int
join(const struct fwd *fwd)
{
	uint64_t begin = app_now_ns();
	bool told = false, hurried = false;
	char names[128];
	unsigned int n;

	while ((n = still_running(fwd, names, sizeof(names))) != 0) {
		uint64_t waited = app_now_ns() - begin;

		if (waited >= FWD_JOIN_S * SECOND || hurried)
			break;
		if (waited >= FWD_JOIN_TELL_S * SECOND && !told) {
			fprintf(stderr,
				"tide-fwd: warning: lcore %s does not stop: a function of a driver "
				"does "
				"not return; it is given up after %d s, or on another signal\n",
				names, FWD_JOIN_S);
			told = true;
		}
		if (!told)
			usleep(100);
		else
			hurried = app_signals_end(app_signals_wait(LOOK_NS));
	}
	if (n == 0)
		rte_eal_mp_wait_lcore();
	else
		fprintf(stderr,
			"tide-fwd: lcore %s did not stop in %.1f s and is given up: its ports stay "
			"open and their buffers with them\n",
			names, (double)(app_now_ns() - begin) / SECOND);
	return n;
}

void
fwd_watch(struct fwd *fwd)
{
	lcore_function_t *run = fwd->flows != NULL ? fwd_flow_loop_run : fwd_loop_run;
	struct watch w;

	fwd_writer_wait(false);
	fwd_guard_arm();
	begin(fwd, &w);
	for (unsigned int i = 0; i < fwd->plan.nb_lcores && !w.alone; i++) {
		if (fwd->lcore[i].nb_queues != 0)
			rte_eal_remote_launch(run, &fwd->lcore[i], fwd->lcore[i].id);
	}
	watch(fwd, &w);
	if (fwd->opts->check != 0)
		look_at_lcores(fwd);
	/* Relaxed: as in fwd_loop_run(). */
	atomic_store_explicit(&fwd->stop, true, memory_order_relaxed);
	fwd->nb_stuck = join(fwd);
	fwd_stats_take(&fwd->end, &fwd->plan, fwd->queue, fwd->lcore);
	/* An lcore that is stuck has its tables still. */
	if (fwd->flows != NULL && fwd->nb_stuck == 0)
		fwd_flows_end(fwd->flows, fwd->end.ns);
	fwd_placement_restart(&fwd->placement);
	fwd_writer_wait(true);
}
