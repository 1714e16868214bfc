/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists the outstanding objects of a mempool, with the lcore that got each of them. */
#include <rte_eal.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <tide_mempool.h>

static int
print(const struct tide_mempool_outstanding *outstanding, void *arg)
{
	fprintf(arg, "lcore %u has %p\n", outstanding->lcore_id, outstanding->object);
	return 0;
}

int
main(int argc, char **argv)
{
	struct rte_mempool *mp;
	struct rte_mbuf *m;

	if (rte_eal_init(argc, argv) < 0)
		return 1;
	mp = rte_pktmbuf_pool_create_by_ops(
		"app", 1023, 0, 0, 2176, SOCKET_ID_ANY, TIDE_MEMPOOL_OPS);
	if (mp == NULL || (m = rte_pktmbuf_alloc(mp)) == NULL ||
		tide_mempool_walk(mp, print, stdout) < 0)
		return 1;
	rte_pktmbuf_free(m);
	return 0;
}
