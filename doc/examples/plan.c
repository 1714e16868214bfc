/* SPDX-License-Identifier: BSD-3-Clause */
/* Plans and sets up all queues; lcore plan.lcore[plan.queue[i].lcore].id is to poll queue i. */
#include <rte_eal.h>
#include <tide_plan.h>

int
main(int argc, char **argv)
{
	static struct tide_plan_facts facts;
	static struct tide_plan plan;
	struct tide_pool_conf conf;
	struct tide_pool *pool;

	if (rte_eal_init(argc, argv) < 0 || tide_plan_read(tide_topology_create(), &facts) < 0 ||
		tide_plan_init(&plan, &facts, NULL) < 0)
		return 1;
	conf = tide_plan_pool_conf(&plan, "rx");
	pool = tide_pool_create(&conf);
	for (unsigned int i = 0; pool != NULL && i < plan.nb_queues; i++) {
		const struct tide_plan_port *p = &plan.port[plan.queue[i].port];
		struct rte_mempool *mp = tide_pool_on(pool, plan.pool[p->pool].node);
		uint16_t id = p->facts->id, q = plan.queue[i].queue;

		if ((q == 0 && rte_eth_dev_configure(id, 1, 1, &(struct rte_eth_conf){0}) < 0) ||
			rte_eth_rx_queue_setup(id, q, p->rx_desc, p->node, NULL, mp) < 0 ||
			rte_eth_tx_queue_setup(id, q, p->tx_desc, p->node, NULL) < 0)
			return 1;
	}
	return pool == NULL || tide_pool_free(pool) < 0; /* Once the ports are closed. */
}
