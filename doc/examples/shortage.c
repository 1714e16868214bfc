/* SPDX-License-Identifier: BSD-3-Clause */
/* Reports about a mempool that has no free buffer: eight are in a ring, the program lost the others. */
#include <rte_eal.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <tide_shortage.h>

int
main(int argc, char **argv)
{
	struct rte_mempool *mp;
	struct rte_ring *ring;
	struct rte_mbuf *m;

	/* The thread that looks twice a second appends a report to the file of TIDE_SHORTAGE_FILE, or logs it. */
	tide_shortage_set_policy("rx", TIDE_SHORTAGE_REPORT);
	if (rte_eal_init(argc, argv) < 0)
		return 1;
	mp = rte_pktmbuf_pool_create("rx", 255, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	ring = rte_ring_create("to_worker", 16, SOCKET_ID_ANY, 0);
	if (mp == NULL || ring == NULL)
		return 1;
	while ((m = rte_pktmbuf_alloc(mp)) != NULL)
		if (rte_ring_count(ring) < 8)
			rte_ring_enqueue(ring, m);
	/* The same report at once. */
	return tide_shortage_report("rx", stdout) < 0;
}
