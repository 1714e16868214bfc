/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: compares mempool ops side by side. Its map stands in bench.h. */

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_version.h>

#include "bench.h"
#include "candidates.h"
#include "clock.h"
#include "eal_start.h"
#include "json.h"
#include "judge.h"
#include "output.h"
#include "plot.h"
#include "pool.h"
#include "probe.h"
#include "runner.h"

#define SCENARIOS_MAX 32

/* Names and descriptions of all scenarios, NULL at the end. */
struct words {
	const char *name[SCENARIOS_MAX];
	const char *what[SCENARIOS_MAX];
};

void
bench_note(struct bench *bench, const char *fmt, ...)
{
	char text[BENCH_REASON_MAX];
	void *more;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printf("note: %s\n", text);
	more = realloc(bench->note, (bench->nb_notes + 1) * sizeof(*bench->note));
	if (more == NULL)
		return;
	bench->note = more;
	memcpy(bench->note[bench->nb_notes++], text, sizeof(text));
}

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
list_one(const struct candidate *c)
{
	printf("  %-16s %s\n", c->name, c->present ? "works" : c->reason);
}

/* Guests follow the floor, those of one scenario together. */
static void
list_guests(const struct bench *bench)
{
	const struct scenario *host = NULL;

	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		const struct candidate *c = &bench->candidate[i];

		if (c->guest_of == NULL)
			continue;
		if (c->guest_of != host)
			printf("instead of them, in %s:\n", c->guest_of->name);
		host = c->guest_of;
		list_one(c);
	}
}

static void
list(const struct bench *bench, const struct words *words)
{
	puts("scenarios:");
	for (unsigned int i = 0; words->name[i] != NULL; i++)
		printf("  %-10s %s\n", words->name[i], words->what[i]);
	puts("mempool ops:");
	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		const struct candidate *c = &bench->candidate[i];

		if (!c->floor && !c->set && c->guest_of == NULL)
			list_one(c);
	}
	list_guests(bench);
}

/* After EAL is up. */
static int
work(struct bench *bench, const struct words *words, int argc, char **argv, struct app_error *err)
{
	int ret;

	find_cpus(bench);
	if (candidates_find(bench, argc, argv, err) != 0)
		return -1;
	if (bench->opt.list) {
		list(bench, words);
		return 0;
	}
	printf("tide-bench %s, %s; %u lcores on %u CPUs; %s pages, IOVA as %s\n", TIDE_VERSION,
		rte_version(), rte_lcore_count(), bench->nb_cpus,
		rte_eal_has_hugepages() ? "huge" : "small",
		rte_eal_iova_mode() == RTE_IOVA_PA ? "PA" : "VA");
	bench->ledger = pool_ledger();
	bench->clock_cost = clock_cost();
	printf("ledger of the tide ops: %s; spread and tail take off %lu cycles for reading the "
	       "clock\n",
		bars_ledger_name(bench->ledger), (unsigned long)bench->clock_cost);
	catch_signals();
	ret = runner_run(bench, err);
	judge_print(stdout, bench);
	if (bench->opt.json != NULL && json_write(bench, bench->opt.json, err) != 0)
		ret = -1;
	if (bench->opt.plot != NULL && plot_write(bench, bench->opt.plot, err) != 0)
		ret = -1;
	runner_fini(bench);
	return ret;
}

/* argc, argv: the arguments of EAL, which the trials of ops need for their own processes. */
static int
with_eal(struct bench *bench, const struct words *words, int argc, char **argv,
	struct app_error *err)
{
	int ret;

	if (app_eal_start("tide-bench", argc, argv, NULL, err) != 0)
		return -1;
	if (bench->opt.probe != NULL)
		ret = probe_try(bench->opt.probe);
	else
		ret = work(bench, words, argc, argv, err);
	rte_eal_cleanup();
	return ret;
}

static int
run(struct bench *bench, int argc, char **argv, struct app_error *err)
{
	int end = app_eal_end(argc, argv);
	struct words words = {.name = {NULL}};
	char *none[] = {argv[0], NULL};
	bool only_help = end == argc && argc == 2 && strcmp(argv[1], "--help") == 0;

	for (unsigned int i = 0; scenarios[i] != NULL; i++) {
		words.name[i] = scenarios[i]->name;
		words.what[i] = scenarios[i]->what;
	}
	if (options_parse(end < argc ? argc - end : 1, end < argc ? argv + end : none, words.name,
		    &bench->opt, err) != 0)
		return -1;
	if (bench->opt.help || only_help) {
		options_help(stdout, words.name, words.what);
		return 0;
	}
	/* Measuring takes minutes: what cannot be written is told before. */
	if ((bench->opt.json != NULL && json_try(bench->opt.json, err) != 0) ||
		(bench->opt.plot != NULL && plot_try(bench->opt.plot, err) != 0))
		return -1;
	return with_eal(bench, &words, end, argv, err);
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
