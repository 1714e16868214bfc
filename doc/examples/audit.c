/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks this process: here a mempool refused an mbuf that was freed twice. */
#include <rte_eal.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <tide_audit.h>
#include <tide_mempool_ops.h>

int
main(int argc, char **argv)
{
	struct tide_audit *audit;
	struct rte_mempool *mp;
	struct rte_mbuf *m;

	if (rte_eal_init(argc, argv) < 0)
		return 1;
	mp = rte_pktmbuf_pool_create_by_ops(
		"rx", 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, TIDE_MEMPOOL_OPS);
	m = rte_pktmbuf_alloc(mp);
	rte_mempool_put(mp, m);
	rte_mempool_put(mp, m);
	audit = tide_audit_create(NULL);
	if (audit != NULL)
		tide_audit_dump(audit, stdout);
	if (audit == NULL || tide_audit_count(audit, TIDE_AUDIT_ERROR) != 1)
		return 1;
	tide_audit_free(audit);
	return 0;
}
