/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: checks of where pages and lcores are, while packets flow. */

#include <unistd.h>

#include "control.h"
#include "placement.h"

/*
 * Pages asked for between two checks of the signals or, alone, two spells of forwarding: 50
 * microseconds on a machine of 2026, less than the spell by far.
 */
#define CHECK_PAGES 256

static void
print_place(const struct fwd *fwd, unsigned int i, const char *before, FILE *out)
{
	fputs(before, out);
	fwd_pool_print_place(fwd, i, out);
	fputc('\n', out);
}

/* Print what changed, and all of it when a signal asked. */
static void
print_places(const struct fwd *fwd, const struct fwd_schedule *c)
{
	for (unsigned int i = 0; i < tide_pool_nb_nodes(fwd->pool); i++) {
		const struct tide_monitor_pool *place = fwd_pool_place(fwd, i);
		bool moved = place->change.moved != 0;

		if (place->changed)
			print_place(fwd, i, moved ? "tide-fwd: warning: " : "tide-fwd: ", stderr);
		if (c->asked)
			print_place(fwd, i, "", stdout);
	}
	fflush(stdout);
}

static void
print_lcore(const struct fwd *fwd, unsigned int i, const char *before, FILE *out)
{
	fputs(before, out);
	fwd_lcore_print_place(fwd, i, out);
	fputc('\n', out);
}

void
fwd_check_lcores(struct fwd *fwd, struct fwd_schedule *c, uint64_t now)
{
	c->next_lcores = fwd->opts->check != 0 ? now + fwd->opts->check * SECOND : UINT64_MAX;
	tide_monitor_check_lcores(fwd->monitor);
	/* The live screen shows those that are away anyway. */
	for (unsigned int i = 0; i < fwd->plan.nb_lcores && !c->live; i++) {
		const struct tide_monitor_lcore *place = fwd_lcore_place(fwd, i);

		if (place->changed)
			print_lcore(
				fwd, i, place->away ? "tide-fwd: warning: " : "tide-fwd: ", stderr);
		if (c->asked && place->away)
			print_lcore(fwd, i, "", stdout);
	}
}

void
fwd_check_placement(struct fwd *fwd, struct fwd_schedule *c)
{
	int rc = tide_monitor_step_pages(fwd->monitor, CHECK_PAGES);

	if (rc == 0)
		return;
	c->next_check = UINT64_MAX;
	if (rc < 0) {
		fprintf(stderr,
			"tide-fwd: warning: the kernel does not say where the buffers are, so it "
			"is not asked any more; kill -USR1 %d asks again\n",
			(int)getpid());
	} else {
		/* The live screen shows it anyway. */
		if (!c->live)
			print_places(fwd, c);
		if (fwd->opts->check != 0)
			c->next_check = app_now_ns() + fwd->opts->check * SECOND;
	}
	c->asked = false;
}
