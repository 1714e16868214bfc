/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists the NICs of this machine, and what their nodes need for 64 MB on huge pages. */
#include <rte_common.h>
#include <stdio.h>
#include <tide_nic.h>

int
main(void)
{
	struct tide_topology *topo = tide_topology_create();
	struct tide_nic nics[64];
	unsigned int n;
	char command[160];

	if (topo == NULL)
		return 1;
	n = tide_nics_read(topo, nics, RTE_DIM(nics));
	for (unsigned int i = 0; i < n && i < RTE_DIM(nics); i++) {
		const struct tide_node *node = tide_topology_node(topo, nics[i].node);

		printf("%s, driver %s: node %d by %s\n", nics[i].address, nics[i].driver,
			nics[i].node, tide_node_source_name(nics[i].source));
		if (node != NULL &&
			tide_node_reserve_command(node, 2 << 20, 32, command, sizeof(command)) == 0)
			printf("\t%s\n", command[0] == '\0' ? "enough pages" : command);
	}
	tide_topology_free(topo);
	return 0;
}
