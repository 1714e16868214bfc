/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * locked: memory of the library in a process that locked all its future memory, as testpmd does.
 *
 * The program makes a strict region of each page size on each node that has memory, from a CPU of the first
 * node, and a shard by node. It prints "NODE WHAT FROM TO PAGE" lines, then "ready", and waits until it is
 * ended. The test asks the kernel where the pages are.
 */

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_errno.h>

#include "tide_region.h"
#include "tide_shard.h"
#include "tide_topology.h"

#define LEN ((size_t)6 << 20)

static int
make_region(const struct tide_topology *topo, int node, enum tide_page page)
{
	const struct tide_region_conf conf = {
		.node = node,
		.len = LEN,
		.page = page,
		.backing = TIDE_BACKING_OWN,
		.enforce = TIDE_ENFORCE_STRICT,
		.topo = topo,
	};
	const struct tide_region *region = tide_region_create(&conf, NULL);
	uintptr_t addr;

	if (region == NULL) {
		fprintf(stderr, "locked: node %d, pages %s: %s\n", node, tide_page_name(page),
			rte_strerror(rte_errno));
		return -1;
	}
	addr = (uintptr_t)tide_region_addr(region);
	printf("%d %s 0x%" PRIxPTR " 0x%" PRIxPTR " %" PRIu64 "\n", node, tide_page_name(page),
		addr, addr + tide_region_len(region), tide_region_placement(region)->page_size);
	return 0;
}

static int
make_shard(const struct tide_topology *topo)
{
	const struct tide_shard_conf conf = {
		.size = 64,
		.by = TIDE_SHARD_BY_NODE,
		.enforce = TIDE_ENFORCE_STRICT,
		.topo = topo,
	};
	const struct tide_shard *shard = tide_shard_create(&conf);
	struct tide_shard_cell cell;
	unsigned int at = 0;

	if (shard == NULL) {
		fprintf(stderr, "locked: no shard: %s\n", rte_strerror(rte_errno));
		return -1;
	}
	while (tide_shard_next(shard, &at, &cell))
		printf("%d shard 0x%" PRIxPTR " 0x%" PRIxPTR " %" PRIu64 "\n", cell.node,
			(uintptr_t)cell.cell, (uintptr_t)cell.cell + tide_shard_size(shard),
			cell.placement->page_size);
	return 0;
}

int
main(void)
{
	static const enum tide_page kinds[] = {TIDE_PAGE_2M, TIDE_PAGE_THP, TIDE_PAGE_4K};
	struct tide_topology *topo = tide_topology_create();
	const struct tide_node *node;
	cpu_set_t first;
	int bad = 0;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (topo == NULL || sched_setaffinity(0, sizeof(first), &first) != 0 ||
		mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
		perror("locked");
		return 1;
	}
	for (unsigned int i = 0; (node = tide_topology_node_at(topo, i)) != NULL; i++)
		for (unsigned int k = 0; k < RTE_DIM(kinds) && node->memory != 0; k++)
			bad |= make_region(topo, node->id, kinds[k]);
	bad |= make_shard(topo);
	printf(bad == 0 ? "ready\n" : "failed\n");
	fflush(stdout);
	pause();
	return 1;
}
