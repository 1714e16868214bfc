/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints, for each node of a pool set, its free buffers, the pages elsewhere and the first owner. */
#include <inttypes.h>
#include <rte_eal.h>
#include <tide_pool_query.h>

int
main(int argc, char **argv)
{
	struct tide_pool_conf conf = {.name = "rx", .nodes = &(int){0}, .nb_nodes = 1};
	struct tide_mempool_owner owner;
	struct tide_pool_stats stats;
	struct tide_pool *pool;

	conf.buffers = 1024;
	conf.data_room = RTE_MBUF_DEFAULT_BUF_SIZE;
	if (rte_eal_init(argc, argv) < 0 || (pool = tide_pool_create(&conf)) == NULL)
		return 1;
	for (unsigned int i = 0; i < tide_pool_nb_nodes(pool); i++) {
		int node = tide_pool_node_id(pool, i);
		const struct tide_placement *made = tide_pool_placement(pool, node);
		if (tide_pool_stats(pool, node, &stats) < 0)
			return 1;
		printf("node %d: %u of %u free, %" PRIu64 " of %" PRIu64 " pages local\n", node,
			stats.free, stats.size, made->local, made->pages);
		if (tide_pool_owners(pool, node, &owner, 1) > 0)
			tide_mempool_owner_dump(&owner, stdout);
	}
	return tide_pool_free(pool) < 0;
}
