/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints every metric of the pool on node 0 by name, with its unit. */
#include <inttypes.h>
#include <rte_eal.h>
#include <stdio.h>
#include <tide_telemetry.h>

int
main(int argc, char **argv)
{
	const int nodes[] = {0};
	struct tide_pool_conf conf = {.name = "rx", .nodes = nodes, .nb_nodes = 1, .buffers = 1024};
	const struct tide_metric *m;
	struct tide_pool_sample sample;
	struct tide_pool *pool;

	conf.data_room = RTE_MBUF_DEFAULT_BUF_SIZE;
	if (rte_eal_init(argc, argv) < 0 || (pool = tide_pool_create(&conf)) == NULL ||
		tide_telemetry_pool(pool, 0, &sample) < 0)
		return 1;
	for (unsigned int i = 0; (m = tide_telemetry_metric(TIDE_SCOPE_POOL, i)) != NULL; i++) {
		struct tide_metric_value value = tide_telemetry_read(m, &sample);

		if (value.state == TIDE_METRIC_KNOWN && !value.is_real)
			printf("%s %" PRIu64 " %s\n", m->name, value.count, m->unit);
	}
	return tide_pool_free(pool) < 0;
}
