/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * One of two processes that share mempools. Built on DPDK alone, it has the mempool ops that EAL loads.
 *
 *   peer EAL... -- ops                   print the table of mempool ops
 *   peer EAL... -- make NAME OPS ...     make packet pools, say "ready", work on them until a line
 *                                        comes; fails unless all buffers are there then
 *   peer EAL... -- use NAME ...          work on pools of the primary for half a second
 *
 * Work: take a random burst, sign each buffer, look again that the signature is there, give it back. Two
 * owners of one buffer overwrite each other's.
 */

#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#define BUFFERS   1000
#define BURST     32
#define POOLS_MAX 8

static bool
work_once(struct rte_mempool *mp, unsigned int n)
{
	const uint64_t sign = (uint64_t)getpid() << 32 | n;
	struct rte_mbuf *bufs[BURST];
	bool kept = true;

	if (rte_pktmbuf_alloc_bulk(mp, bufs, n) != 0)
		return true;
	for (unsigned int i = 0; i < n; i++)
		*rte_pktmbuf_mtod(bufs[i], volatile uint64_t *) = sign + i;
	for (unsigned int i = 0; i < n; i++)
		kept = kept && *rte_pktmbuf_mtod(bufs[i], volatile uint64_t *) == sign + i &&
		       bufs[i]->pool == mp;
	rte_pktmbuf_free_bulk(bufs, n);
	if (!kept)
		fprintf(stderr, "%s: a buffer has two owners\n", mp->name);
	return kept;
}

static bool
work(struct rte_mempool **pools, int nb)
{
	bool kept = true;

	for (int i = 0; i < nb; i++)
		for (unsigned int n = 1; n <= BURST; n++)
			kept = kept && work_once(pools[i], n);
	return kept;
}

static bool
told(void)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&in, 1, 0) != 0;
}

static int
print_ops(void)
{
	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		printf("%" PRIu32 " %s\n", i, rte_mempool_ops_table.ops[i].name);
	return 0;
}

static int
make(int nb, char **names)
{
	struct rte_mempool *pools[POOLS_MAX];
	int failed = 0;

	for (int i = 0; i < nb / 2; i++) {
		pools[i] = rte_pktmbuf_pool_create_by_ops(names[2 * i], BUFFERS, 0, 0,
			RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, names[2 * i + 1]);
		if (pools[i] == NULL) {
			fprintf(stderr, "%s: %s\n", names[2 * i], rte_strerror(rte_errno));
			return 1;
		}
	}
	printf("ready\n");
	while (!told())
		failed |= !work(pools, nb / 2);
	for (int i = 0; i < nb / 2; i++) {
		unsigned int here = rte_mempool_avail_count(pools[i]);

		printf("%s: %u of %u buffers are here\n", pools[i]->name, here, BUFFERS);
		failed |= here != BUFFERS;
	}
	return failed;
}

static int
use(int nb, char **names)
{
	uint64_t end = rte_get_timer_cycles() + rte_get_timer_hz() / 2;
	struct rte_mempool *pools[POOLS_MAX];
	bool kept = true;

	for (int i = 0; i < nb; i++) {
		pools[i] = rte_mempool_lookup(names[i]);
		if (pools[i] == NULL) {
			fprintf(stderr, "%s: no such mempool\n", names[i]);
			return 1;
		}
		printf("%s: its ops have number %d here: \"%s\"\n", names[i], pools[i]->ops_index,
			rte_mempool_get_ops(pools[i]->ops_index)->name);
	}
	while (kept && rte_get_timer_cycles() < end)
		kept = work(pools, nb);
	printf("%s\n", kept ? "used" : "spoilt");
	return !kept;
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
	if (argc == 1 && strcmp(argv[0], "ops") == 0)
		ret = print_ops();
	else if (argc > 2 && argc <= 2 * POOLS_MAX && strcmp(argv[0], "make") == 0)
		ret = make(argc - 1, argv + 1);
	else if (argc > 1 && argc <= POOLS_MAX && strcmp(argv[0], "use") == 0)
		ret = use(argc - 1, argv + 1);
	rte_eal_cleanup();
	return ret;
}
