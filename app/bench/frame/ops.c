/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: finds the mempool ops that take part. */

#include <string.h>

#include <rte_common.h>
#include <rte_string_fns.h>

#include "frame/ops.h"
#include "frame/probe.h"

static bool
is_requested(const struct options *opt, const char *name)
{
	for (unsigned int i = 0; i < opt->nb_ops; i++)
		if (strcmp(opt->ops[i], name) == 0)
			return true;
	return opt->nb_ops == 0;
}

static bool
exists(const char *name)
{
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (strcmp(rte_mempool_ops_table.ops[i].name, name) == 0)
			return true;
	return false;
}

int
ops_check(const struct options *opt, struct app_error *err)
{
	for (unsigned int i = 0; i < opt->nb_ops; i++)
		if (!exists(opt->ops[i]))
			return app_fail(err, APP_EXIT_USAGE,
				"--ops: there are no mempool ops \"%s\"; --list names those of "
				"this DPDK, -d before the \"--\" loads a driver",
				opt->ops[i]);
	return 0;
}

/* DPDK has no call for this limit: the names of the ring's ops tell it. */
static void
set_limits(struct candidate *c)
{
	c->single_producer = strncmp(c->name, "ring_sp_", 8) == 0;
	c->single_consumer = strncmp(c->name, "ring_", 5) == 0 && strstr(c->name, "_sc") != NULL;
}

static void
add_ops(struct bench *bench, const char *name, int argc, char **argv)
{
	struct candidate *c = bench_candidate(bench, name);

	set_limits(c);
	c->present = probe_run(name, argc, argv, c->reason, sizeof(c->reason)) == 0;
	if (!c->present)
		bench_note(bench, "%s is left out: %s", c->name, c->reason);
}

int
ops_find(struct bench *bench, int argc, char **argv, struct app_error *err)
{
	const unsigned int first = bench->nb_candidates;
	unsigned int present = 0;
	struct candidate *c;

	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		if (is_requested(&bench->opt, rte_mempool_ops_table.ops[i].name))
			add_ops(bench, rte_mempool_ops_table.ops[i].name, argc, argv);
	if (is_requested(&bench->opt, BENCH_SUBJECT)) {
		c = bench_candidate(bench, BENCH_SET);
		c->set = true;
		c->present = true;
	}
	for (unsigned int i = first; i < bench->nb_candidates; i++)
		present += bench->candidate[i].present && !bench->candidate[i].set;
	if (present == 0)
		return app_fail(err, APP_EXIT_RUN,
			"no mempool ops are left to measure; the notes above say why");
	return 0;
}
