/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info plan: runs the command. */

#include <stdlib.h>

#include "observe.h"
#include "plan.h"

static void
report(const struct options *opt, const struct plan *plan, const struct findings *findings)
{
	if (opt->json)
		plan_json(plan, findings, stdout);
	else
		plan_text(plan, findings, stdout);
}

static int
check_and_report(const struct options *opt, const struct plan *plan, struct app_error *err)
{
	struct findings findings;
	int code = 0;

	if (!findings_init(&findings)) {
		app_fail(err, APP_EXIT_RUN, "out of memory");
		return 0;
	}
	plan_check(plan, &findings);
	report(opt, plan, &findings);
	code = findings_exit(&findings);
	findings_fini(&findings);
	return code;
}

static int
make(const struct options *opt, const struct machine *m, struct app_error *err)
{
	struct plan *plan = malloc(sizeof(*plan));
	int code = 0;

	if (plan == NULL) {
		app_fail(err, APP_EXIT_RUN, "out of memory");
		return 0;
	}
	if (plan_init(plan, m, &opt->plan, err) == 0) {
		if (opt->plan.check)
			code = check_and_report(opt, plan, err);
		else
			report(opt, plan, NULL);
	}
	plan_fini(plan);
	free(plan);
	return code;
}

int
plan_run(const struct options *opt, struct app_error *err)
{
	struct machine *m;
	int code = 0;

	if (opt->plan.from != NULL)
		return observe_run(opt, err);
	m = malloc(sizeof(*m));
	if (m == NULL) {
		app_fail(err, APP_EXIT_RUN, "out of memory");
		return 0;
	}
	if (machine_init(m, opt->machine, false, err) == 0)
		code = make(opt, m, err);
	machine_fini(m);
	free(m);
	return code;
}
