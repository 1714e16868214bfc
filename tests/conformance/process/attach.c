/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * One of two processes with libtidepool.
 *
 *   attach EAL... -- make NAME eal|own OPS   make a pool set, say "ready", free it when a line comes
 *   attach EAL... -- open NAME               attach to the set and use it; refused: exit with 3
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "tide_pool.h"
#include "tide_pool_query.h"

#define BUFFERS 1000
#define BURST   32

static int
make(char **args)
{
	const unsigned int lcores[] = {rte_get_main_lcore()};
	struct tide_pool_conf conf = {
		.name = args[0],
		.lcores = lcores,
		.nb_lcores = 1,
		.buffers = BUFFERS,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
		.backing = strcmp(args[1], "eal") == 0 ? TIDE_BACKING_EAL : TIDE_BACKING_OWN,
		.page = strcmp(args[1], "eal") == 0 ? TIDE_PAGE_AUTO : TIDE_PAGE_4K,
		.ops = args[2],
	};
	struct tide_pool *pool = tide_pool_create(&conf);

	if (pool == NULL)
		return 1;
	printf("ready\n");
	getchar();
	return tide_pool_free(pool) != 0;
}

static int
open_set(const char *name)
{
	static const char *const names[] = {[ENOSYS] = "ENOSYS",
		[EFAULT] = "EFAULT",
		[ENOENT] = "ENOENT",
		[EPERM] = "EPERM",
		[EPROTO] = "EPROTO"};
	struct tide_pool *pool = tide_pool_attach(name);
	struct rte_mbuf *bufs[BURST];
	struct tide_pool_stats stats;

	if (pool == NULL) {
		printf("refused: %s\n", rte_errno < (int)RTE_DIM(names) && names[rte_errno] != NULL
						? names[rte_errno]
						: rte_strerror(rte_errno));
		return 3;
	}
	tide_pool_dump(pool, stdout);
	for (int i = 0; i < 10000; i++) {
		if (tide_pool_stats(pool, 0, &stats) != 0 ||
			tide_pool_get(pool, stats.node, bufs, BURST) != 0)
			return 1;
		rte_pktmbuf_free_bulk(bufs, BURST);
	}
	printf("used\n");
	return tide_pool_free(pool) != 0;
}

int
main(int argc, char **argv)
{
	int used = rte_eal_init(argc, argv), ret = 2;

	if (used < 0)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	argc -= used + 1;
	argv += used + 1;
	if (argc == 4 && strcmp(argv[0], "make") == 0)
		ret = make(argv + 1);
	else if (argc == 2 && strcmp(argv[0], "open") == 0)
		ret = open_set(argv[1]);
	rte_eal_cleanup();
	return ret;
}
