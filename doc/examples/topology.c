/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the nodes of the machine, nearest to node 0 first, with their distances; it needs no EAL. */
#include <stdio.h>
#include <tide_topology.h>

int
main(void)
{
	struct tide_topology *topo = tide_topology_create();
	int ids[TIDE_NODE_MAX];
	unsigned int n;

	if (topo == NULL)
		return 1;
	n = tide_topology_nearest(topo, 0, false, ids, TIDE_NODE_MAX);
	for (unsigned int i = 0; i < n; i++)
		printf("node %d: distance %u\n", ids[i], tide_topology_distance(topo, 0, ids[i]));
	tide_topology_free(topo);
	return 0;
}
