/* SPDX-License-Identifier: BSD-3-Clause */
/* Receives packets of port 0 into a mempool on the node of its NIC. */
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <tide_pool.h>

int
main(int argc, char **argv)
{
	struct tide_pool_port port = {.port_id = 0, .lcore_id = LCORE_ID_ANY};
	struct tide_pool_conf conf = {
		.name = "rx",
		.ports = &port,
		.nb_ports = 1,
		.buffers = 8192,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
	};
	struct rte_eth_conf eth = {0};
	struct tide_pool *pool;
	struct rte_mempool *mp;

	if (rte_eal_init(argc, argv) < 0 || (pool = tide_pool_create(&conf)) == NULL)
		return 1;
	mp = tide_pool_for_port(pool, 0, LCORE_ID_ANY, NULL);
	if (rte_eth_dev_configure(0, 1, 1, &eth) < 0 || tide_pool_dma_map(pool, mp, 0) < 0 ||
		rte_eth_rx_queue_setup(0, 0, 512, rte_eth_dev_socket_id(0), NULL, mp) < 0)
		return 1;
	/* Start the port, forward packets, stop it; then: */
	return rte_eth_dev_close(0) < 0 || tide_pool_free(pool) < 0;
}
