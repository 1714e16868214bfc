/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: compares mempool ops side by side. frame/scenario.h says what a scenario is. */

#include <signal.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_version.h>

#include "eal_start.h"
#include "frame/bench.h"
#include "frame/candidates.h"
#include "frame/clock.h"
#include "frame/pool.h"
#include "frame/probe.h"
#include "frame/runner.h"
#include "output.h"
#include "report/json.h"
#include "report/list.h"
#include "report/plot.h"
#include "report/table.h"
#include "report/target_table.h"

static void
on_signal(int signum)
{
	runner_stop();
}

static void
catch_signals(void)
{
	const struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void
find_cpus(struct bench *bench)
{
	unsigned int lcore;

	CPU_ZERO(&bench->cpus);
	RTE_LCORE_FOREACH (lcore) {
		rte_cpuset_t of = rte_lcore_cpuset(lcore);

		CPU_OR(&bench->cpus, &bench->cpus, &of);
	}
	bench->nb_cpus = (unsigned int)CPU_COUNT(&bench->cpus);
}

static void
print_machine(const struct bench *bench)
{
	printf("tide-bench %s, %s; %u lcores on %u CPUs; %s pages, IOVA as %s\n", TIDE_VERSION,
		rte_version(), rte_lcore_count(), bench->nb_cpus,
		rte_eal_has_hugepages() ? "huge" : "small",
		rte_eal_iova_mode() == RTE_IOVA_PA ? "PA" : "VA");
	printf("ledger of the tide ops: %s; scenarios that time each call subtract %lu cycles for "
	       "reading the clock\n",
		ledger_mode_name(bench->ledger), (unsigned long)bench->clock_cost);
}

static void
print_result(const struct bench *bench, const struct result *result)
{
	table_print(stdout, bench, result);
}

/* Measure, and report the results, also those of a run that failed. */
static int
measure(struct bench *bench, struct app_error *err)
{
	int ret;

	bench->ledger = pool_ledger();
	bench->clock_cost = clock_cost();
	print_machine(bench);
	catch_signals();
	ret = runner_run(bench, print_result, err);
	target_table_print(stdout, bench);
	if (bench->opt.json != NULL && json_write(bench, bench->opt.json, err) != 0)
		ret = -1;
	if (bench->opt.plot != NULL && plot_write(bench, bench->opt.plot, err) != 0)
		ret = -1;
	return ret;
}

/* argc, argv: the arguments of EAL, which the trials of ops need for their own processes. */
static int
run_started(struct bench *bench, int argc, char **argv, struct app_error *err)
{
	int ret = 0;

	if (bench->opt.probe != NULL)
		return probe_try(bench->opt.probe);
	find_cpus(bench);
	if (candidates_find(bench, argc, argv, err) != 0)
		return -1;
	if (bench->opt.list)
		list_print(stdout, bench);
	else
		ret = measure(bench, err);
	runner_fini(bench);
	return ret;
}

static int
with_eal(struct bench *bench, int argc, char **argv, struct app_error *err)
{
	int ret;

	if (app_eal_start("tide-bench", argc, argv, NULL, err) != 0)
		return -1;
	ret = run_started(bench, argc, argv, err);
	rte_eal_cleanup();
	return ret;
}

static int
run(struct bench *bench, int argc, char **argv, struct app_error *err)
{
	const int end = app_eal_end(argc, argv);
	struct scenario_names names;
	char *none[] = {argv[0], NULL};
	const bool only_help = end == argc && argc == 2 && strcmp(argv[1], "--help") == 0;

	list_names(&names);
	if (options_parse(end < argc ? argc - end : 1, end < argc ? argv + end : none, names.name,
		    &bench->opt, err) != 0)
		return -1;
	if (only_help || (bench->opt.help && bench->opt.all)) {
		options_help(stdout, names.name, names.summary);
		return 0;
	}
	if (bench->opt.version) {
		app_options_answer(&bench_program, &bench->opt, 0, NULL);
		return 0;
	}
	if (bench->opt.help) {
		list_describe(stdout, bench);
		return 0;
	}
	/* Check the files first, as measuring takes minutes. */
	if ((bench->opt.json != NULL && json_try(bench->opt.json, err) != 0) ||
		(bench->opt.plot != NULL && plot_try(bench->opt.plot, err) != 0))
		return -1;
	return with_eal(bench, end, argv, err);
}

int
main(int argc, char **argv)
{
	static struct bench bench;
	struct app_error err = {0};

	app_output_begin();
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (run(&bench, argc, argv, &err) == 0)
		return app_output_end("tide-bench", 0);
	if (err.code != 0)
		fprintf(stderr, "tide-bench: %s\n", err.text);
	return err.code != 0 ? err.code : APP_EXIT_RUN;
}
