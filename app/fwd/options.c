/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: the options in effect; option_defs.c has their table. */

#include "config.h"
#include "options.h"
#include "tide_pool.h"

/*
 * Drivers of virtual ports free packet by packet, and a cache turns that into bursts: on net_null one
 * packet takes 133 instructions with it and 218 without, tide ops (callgrind). Ops that share one
 * ring or stack need it all the more.
 */
#define CACHE_DEFAULT 256

void
fwd_options_init(struct fwd_options *opts)
{
	*opts = (struct fwd_options){
		.queues = 1,
		.mode = FWD_MODE_MACSWAP,
		.promiscuous = 1,
		.burst = 32,
		.cache = CACHE_DEFAULT,
		.ops = TIDE_POOL_OPS,
		.page = TIDE_PAGE_AUTO,
		.backing = TIDE_BACKING_AUTO,
		.check = 10,
		.stats = 1,
		.flows_interval = UINT32_MAX,
		.flows_memory = 32,
	};
}

uint32_t
fwd_options_flows_interval(const struct fwd_options *opts)
{
	return opts->flows_interval == UINT32_MAX ? opts->stats : opts->flows_interval;
}

int
fwd_options_parse(struct fwd_options *opts, int argc, char *const argv[], struct app_error *err)
{
	if (app_options_parse(&fwd_program, opts, argc, argv, err) < 0)
		return -1;
	if (opts->help || opts->version)
		return 0;
	if (opts->config[0] == '\0')
		return 0;
	if (fwd_config_load(opts, opts->config, err) < 0)
		return -1;
	/* Once more, so that the command line wins over the file. */
	return app_options_parse(&fwd_program, opts, argc, argv, err);
}
