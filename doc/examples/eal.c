/* SPDX-License-Identifier: BSD-3-Clause */
/* Chooses EAL's memory for a NIC before EAL starts, then says where EAL's heap is. */
#include <rte_eal.h>
#include <stdio.h>
#include <tide_eal.h>

int
main(int argc, char **argv)
{
	struct tide_topology *topo = tide_topology_create();
	struct tide_eal_advice advice;
	struct tide_eal_memory memory;
	int node;

	if (topo == NULL)
		return 1;
	node = tide_topology_pci_node(topo, "0000:3b:00.0", NULL);
	if (tide_eal_advise(topo, &node, 1, 64, &advice) == 0)
		printf("main lcore on CPU %d, with %s\n", advice.cpu, advice.socket_mem);
	else
		printf("no heap of 64 MB on huge pages: %s\n", advice.reason);
	if (tide_eal_memory(argc, argv, &memory) < 0)
		return fprintf(stderr, "%s: %s\n", memory.reason, memory.hint) != 0;
	printf("EAL needs '%s' %s\n", memory.argument, memory.reason);
	if (rte_eal_init(argc, argv) < 0)
		return 1;
	printf("a heap near node 0 is on node %d\n", tide_eal_heap_near(topo, 0, 4096));
	tide_topology_free(topo);
	return 0;
}
