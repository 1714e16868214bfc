/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Sets the memory policy of a range for lib/region: its pages come from one node or not at all. */

#include <errno.h>
#include <limits.h>
#include <numaif.h>
#include <stdio.h>
#include <string.h>

#include "region_internal.h"
#include "topology_friend.h"

#define BITS_PER_LONG (sizeof(unsigned long) * CHAR_BIT)

int
tidei_bind(void *addr, size_t len, int node, bool move)
{
	unsigned long mask[TIDE_NODE_MAX / BITS_PER_LONG] = {0};
	unsigned int flags = move ? MPOL_MF_MOVE : 0;

	if (node == TIDE_NODE_UNKNOWN)
		return mbind(addr, len, MPOL_DEFAULT, NULL, 0, 0) < 0 ? -errno : 0;
	mask[(size_t)node / BITS_PER_LONG] = 1UL << ((size_t)node % BITS_PER_LONG);
	/* The kernel reads one bit less than the number it is given. */
	if (mbind(addr, len, MPOL_BIND, mask, TIDE_NODE_MAX + 1, flags) < 0)
		return -errno;
	return 0;
}

bool
tidei_pages_bound(void *addr)
{
	int mode = MPOL_DEFAULT;

	return get_mempolicy(&mode, NULL, 0, addr, MPOL_F_ADDR) == 0 && mode == MPOL_BIND;
}

bool
tidei_bound_anyway(const struct tide_region *region, const struct tidei_step *step)
{
	return region->found.requested == TIDE_NODE_UNKNOWN || tidei_only_node() == step->node;
}

int
tidei_bind_refused(int node, int err, struct tidei_fallback *fallback)
{
	snprintf(fallback->reason, sizeof(fallback->reason), "mbind: %s", strerror(-err));
	if (err == -EPERM)
		snprintf(fallback->hint, sizeof(fallback->hint),
			"a container's seccomp profile forbids it: docker run --cap-add SYS_NICE");
	if (err == -ENOSYS)
		snprintf(fallback->hint, sizeof(fallback->hint),
			"this kernel has no NUMA: ask for any node or for best effort");
	/* The kernel answers so for a node outside the cpuset, which can change at run time. */
	if (err == -EINVAL)
		snprintf(fallback->hint, sizeof(fallback->hint),
			"node %d is offline or no longer in Mems_allowed: widen the cpuset", node);
	return err == -EINVAL ? -EPERM : err;
}
