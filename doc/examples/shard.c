/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts packets in a cell of each lcore, on the node of the lcore, and sums the cells. */
#include <inttypes.h>
#include <rte_eal.h>
#include <stdio.h>
#include <tide_shard.h>

struct counters {
	uint64_t packets;
};

int
main(int argc, char **argv)
{
	struct tide_shard_conf conf = {.by = TIDE_SHARD_BY_LCORE, .size = sizeof(struct counters)};
	struct tide_shard *shard;
	struct counters *mine;

	if (rte_eal_init(argc, argv) < 0 || (shard = tide_shard_create(&conf)) == NULL)
		return 1;
	mine = tide_shard_local(shard);
	tide_shard_add_own(&mine->packets, 32);
	printf("%" PRIu64 " packets\n", tide_shard_sum(shard, offsetof(struct counters, packets)));
	tide_shard_free(shard);
	return 0;
}
