/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes a mempool of mbufs with the tide ops; the rest of the application stays as it is. */
#include <rte_eal.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <tide_mempool_ops.h>

int
main(int argc, char **argv)
{
	struct rte_mempool *mp;

	/* A program that does not call a function of libtidepool loads the plugin instead: -d. */
	setenv(TIDE_LEDGER_ENV, "full", 0);
	if (rte_eal_init(argc, argv) < 0)
		return 1;
	mp = rte_pktmbuf_pool_create_by_ops(
		"app", 1023, 0, 0, 2176, SOCKET_ID_ANY, TIDE_MEMPOOL_OPS);
	if (mp == NULL)
		return 1;
	printf("%s has %u buffers\n", mp->name, rte_mempool_avail_count(mp));
	rte_mempool_free(mp);
	return 0;
}
