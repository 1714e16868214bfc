/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-fwd: packets from port to port, each buffer on the node of the NIC that fills it.
 *
 * Own options are read before EAL starts, so that a slip costs no huge page; EAL is always cleaned
 * up.
 */

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_pdump.h>

#include "eal_start.h"
#include "fwd.h"
#include "guard.h"
#include "output.h"
#include "interrupts.h"
#include "signals.h"
#include "writer.h"

static int
refuse(const struct rte_mp_msg *msg, const void *peer)
{
	return -1;
}

/*
 * Tell whether another process can attach: not without memory (--no-huge) or without files (--in-memory)
 * that it can share. EAL takes no action for messages then.
 */
static bool
others_can_attach(void)
{
	static const char name[] = "tide_fwd_attach";

	if (!rte_eal_has_hugepages() || rte_mp_action_register(name, refuse) < 0)
		return false;
	rte_mp_action_unregister(name);
	return true;
}

/*
 * Let dpdk-dumpcap capture from the ports. Until it does, that costs no packet anything, but 4 MB of EAL's
 * memory, which EAL clears at the end.
 */
static bool
offer_capture(void)
{
	if (!others_can_attach())
		return false;
	if (rte_pdump_init() == 0)
		return true;
	fprintf(stderr, "tide-fwd: warning: dpdk-dumpcap cannot capture from here: %s\n",
		rte_strerror(rte_errno));
	return false;
}

int
main(int argc, char *argv[])
{
	struct fwd_options opts;
	struct app_error err;
	int end = app_eal_end(argc, argv);
	bool stuck = false, captured;
	int rc;

	app_output_begin();
	fwd_options_init(&opts);
	if (app_options_answer(&fwd_program, &opts, argc, argv))
		return app_output_end("tide-fwd", 0);
	if (end < argc && fwd_options_parse(&opts, argc - end, argv + end, &err) < 0) {
		fprintf(stderr, "tide-fwd: %s\n", err.text);
		return err.code;
	}
	if (app_eal_asks_for_secondary(end, argv)) {
		fprintf(stderr, "tide-fwd: " FWD_PRIMARY_ONLY "\n");
		return APP_EXIT_USAGE;
	}
	app_signals_block(SIGUSR1);
	rc = fwd_writer_start();
	if (rc < 0) {
		fprintf(stderr, "tide-fwd: no thread for the output: %s\n", strerror(-rc));
		return APP_EXIT_RUN;
	}
	fwd_guard_start();
	if (app_eal_start("tide-fwd", end, argv, NULL, &err) < 0) {
		fprintf(stderr, "tide-fwd: %s\n", err.text);
		return fwd_writer_stop(err.code);
	}
	captured = offer_capture();
	rc = fwd_run(&opts, &stuck);
	if (!stuck) {
		if (captured)
			rte_pdump_uninit();
		fwd_interrupts_wait();
		rte_eal_cleanup();
	}
	return fwd_writer_stop(rc);
}
