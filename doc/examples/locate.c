/* SPDX-License-Identifier: BSD-3-Clause */
/* Reports where the buffers of a mempool are: eight are in a ring, one in a variable. */
#include <rte_eal.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <tide_locate.h>

static struct rte_mbuf *kept;

int
main(int argc, char **argv)
{
	struct tide_locate_conf conf = {.pool = "rx"};
	struct tide_locate *report;
	struct rte_mempool *mp;
	struct rte_ring *ring;

	if (rte_eal_init(argc, argv) < 0)
		return 1;
	mp = rte_pktmbuf_pool_create("rx", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	ring = rte_ring_create("to_worker", 64, SOCKET_ID_ANY, 0);
	for (int i = 0; i < 8; i++)
		rte_ring_enqueue(ring, rte_pktmbuf_alloc(mp));
	kept = rte_pktmbuf_alloc(mp);
	report = tide_locate_create(&conf);
	if (report != NULL)
		tide_locate_dump(report, stdout);
	tide_locate_free(report);
	return report == NULL || kept == NULL;
}
