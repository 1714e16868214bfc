/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: finds the candidates of a run. */

#include <rte_debug.h>
#include <rte_string_fns.h>

#include "frame/candidates.h"
#include "frame/ops.h"

struct candidate *
bench_candidate(struct bench *bench, const char *name)
{
	struct candidate *c = &bench->candidate[bench->nb_candidates];

	RTE_VERIFY(bench->nb_candidates < BENCH_CANDIDATES_MAX);
	bench->nb_candidates++;
	strlcpy(c->name, name, sizeof(c->name));
	return c;
}

int
candidates_find(struct bench *bench, int argc, char **argv, struct app_error *err)
{
	const struct scenario *const *all = scenarios();
	bool ops = bench->opt.list;
	struct candidate *c;

	if (ops_check(&bench->opt, err) != 0)
		return -1;
	c = bench_candidate(bench, BENCH_BASELINE);
	c->baseline = true;
	c->present = true;
	for (unsigned int i = 0; all[i] != NULL; i++) {
		if (!bench_runs(bench, i))
			continue;
		if (all[i]->add_candidates != NULL)
			all[i]->add_candidates(bench, all[i]);
		else
			ops = true;
	}
	return ops ? ops_find(bench, argc, argv, err) : 0;
}
