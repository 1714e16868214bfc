/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-buffer-pool: what bump pools, shards, arenas and epochs do, step by step. To be read together with
 * its output: the steps are in the table below, in order, and each is one function.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>

#include "eal_start.h"
#include "example.h"
#include "output.h"
#include "signals.h"
#include "tide_eal.h"

static const char program[] = "tide-buffer-pool";

typedef int (*step_fn)(struct example *ex, struct app_error *err);

/* clang-format off */
static const step_fn steps[] = {
	step_create,
	step_allocate,
	step_count,
	step_reset,
	step_threads,
	step_statistics,
	step_epochs,
};
/* clang-format on */

static int
run_steps(struct example *ex, struct app_error *err)
{
	printf("=== tidepool: Buffer Pool Example ===\n\n");
	for (unsigned int i = 0; i < RTE_DIM(steps); i++) {
		if (steps[i](ex, err) != 0)
			return -1;
		printf("\n");
	}
	if (ex->opt.hold != 0 && step_hold(ex, err) != 0)
		return -1;
	printf("Buffer pool example complete.\n");
	return 0;
}

static int
run(const struct options *opt, struct app_error *err)
{
	static struct example ex;
	struct app_error second;
	int ret;

	ex.opt = *opt;
	ret = run_steps(&ex, err);
	if (example_fini(&ex, ret == 0 ? err : &second) != 0)
		ret = -1;
	return ret;
}

/*
 * For users who give EAL no arguments: no devices are needed, nothing is shared with other processes,
 * and several of these programs can run at once. The library logs stalled readers, and so does this program.
 */
static int
start_eal(int argc, char *const argv[], struct app_error *err)
{
	static char quiet[] = "--log-level=lib.tide.arena:error", no_pci[] = "--no-pci",
		    no_telemetry[] = "--no-telemetry", no_shconf[] = "--no-shconf",
		    in_memory[] = "--in-memory", prefix[64];
	struct tide_eal_memory memory;
	bool small = tide_eal_memory(argc, argv, &memory) == 0 &&
	             strcmp(memory.argument, "--no-huge") == 0;
	char *alone[] = {quiet, no_pci, no_telemetry, prefix, small ? no_shconf : in_memory, NULL};
	char *guided[] = {quiet, NULL};

	snprintf(prefix, sizeof(prefix), "--file-prefix=%s.%d", program, (int)getpid());
	return app_eal_start(program, argc, argv, argc == 1 ? alone : guided, err);
}

static int
with_eal(const struct options *opt, int argc, char *const argv[], struct app_error *err)
{
	int ret;

	if (app_eal_asks_for_secondary(argc, argv))
		return app_fail(err, APP_EXIT_USAGE,
			"arenas are made by a primary process; leave out --proc-type");
	/* A signal would leave files of EAL. Only the wait at the end takes long, and it fetches them. */
	app_signals_block(0);
	if (start_eal(argc, argv, err) != 0)
		return -1;
	ret = run(opt, err);
	rte_eal_cleanup();
	return ret;
}

int
main(int argc, char **argv)
{
	const struct app_program *p = &buffer_pool_program;
	struct app_error err = {0};
	struct options opt;
	int end = app_eal_end(argc, argv);

	app_output_begin();
	setvbuf(stdout, NULL, _IOLBF, 0);
	options_init(&opt);
	if (!app_options_answer(p, &opt, argc, argv) &&
		(end == argc || app_options_parse(p, &opt, argc - end, argv + end, &err) == 0))
		with_eal(&opt, end, argv, &err);
	if (err.code != 0)
		fprintf(stderr, "%s: %s\n", program, err.text);
	return app_output_end(program, err.code);
}
