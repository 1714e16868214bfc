/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes the man page of tide-fwd: man TEMPLATE. The metrics come from their table too. */

#include "metrics.h"
#include "options.h"

static void
scope(enum tide_metric_scope which, const char *title, FILE *out)
{
	const struct tide_metric *m;
	char label[FWD_FIGURE_LEN];

	fprintf(out, ".SS %s\n", title);
	for (unsigned int i = 0; (m = tide_telemetry_metric(which, i)) != NULL; i++)
		app_man_entry(fwd_metric_label(m, label), m->help, out);
}

static void
metrics(FILE *out)
{
	scope(TIDE_SCOPE_PORT, "Of each port", out);
	scope(TIDE_SCOPE_LCORE, "Of each lcore", out);
	scope(TIDE_SCOPE_POOL, "Of each pool", out);
	scope(TIDE_SCOPE_ARENA, "Of the arena of flows, on each node", out);
	scope(TIDE_SCOPE_FLOWS, "Of the flows of an interval", out);
	scope(TIDE_SCOPE_PROCESS, "Of the program", out);
}

int
main(int argc, char **argv)
{
	return app_man_main(&fwd_program, metrics, argc, argv);
}
