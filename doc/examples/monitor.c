/* SPDX-License-Identifier: BSD-3-Clause */
/* Checks whether pages of a pool or the main lcore moved, and prints what did. */
#include <rte_eal.h>
#include <tide_monitor.h>

static void
print(const struct tide_monitor_event *e, void *arg)
{
	printf("%s moved from node %d to %d\n", e->lcore ? "lcore" : "pages", e->from, e->to);
}

int
main(int argc, char **argv)
{
	struct tide_pool_conf rx = {.name = "rx", .nodes = &(int){0}, .nb_nodes = 1, .buffers = 64};
	struct tide_monitor_conf conf = {.event = print};
	struct tide_monitor *monitor;
	struct tide_pool *pool;

	rx.data_room = RTE_MBUF_DEFAULT_BUF_SIZE;
	if (rte_eal_init(argc, argv) < 0 || !(conf.pool = pool = tide_pool_create(&rx)) ||
		!(monitor = tide_monitor_create(&conf)))
		return 1;
	tide_monitor_set_thread(monitor, rte_lcore_id(), rte_gettid()); /* By each lcore. */
	/* A control thread makes these calls, for example every second. */
	tide_monitor_check_lcores(monitor);
	tide_monitor_check_pages(monitor);
	tide_monitor_free(monitor);
	return tide_pool_free(pool) < 0;
}
