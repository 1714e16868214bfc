/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The memory policy of the calling thread (numactl, set_mempolicy), as far as it limits the nodes the
 * thread may use. Mems_allowed does not show it, and mbind(2) ignores it.
 */

#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/mempolicy.h>

#include "topology_internal.h"

#define BITS_PER_LONG (sizeof(unsigned long) * CHAR_BIT)

void
tidei_policy_read(struct tidei_policy *policy)
{
	int mode;

	*policy = (struct tidei_policy){.mode = MPOL_DEFAULT};
	/* The kernel reads one bit less than told. If seccomp refuses, no limit is known. */
	if (syscall(SYS_get_mempolicy, &mode, policy->nodes, TIDE_NODE_MAX + 1, NULL, 0) == 0)
		policy->mode = mode;
}

static bool
names(const struct tidei_policy *policy, unsigned int id)
{
	return (policy->nodes[id / BITS_PER_LONG] >> (id % BITS_PER_LONG) & 1) != 0;
}

static unsigned int
count(const struct tidei_idset *set)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < RTE_DIM(set->bits); i++)
		n += __builtin_popcountll(set->bits[i]);
	return n;
}

/* Returns the place-th id of a set that has more ids than that. */
static unsigned int
id_at(const struct tidei_idset *set, unsigned int place)
{
	unsigned int id = 0;

	for (;; id++) {
		if (tidei_idset_has(set, id) && place-- == 0)
			return id;
	}
}

void
tidei_policy_limit(const struct tidei_policy *policy, struct tidei_idset *nodes)
{
	struct tidei_idset bound = {0};
	unsigned int n = count(nodes);

	if ((policy->mode & ~MPOL_MODE_FLAGS) != MPOL_BIND || n == 0)
		return;
	for (unsigned int id = 0; id < TIDE_NODE_MAX; id++) {
		if (!names(policy, id))
			continue;
		if ((policy->mode & MPOL_F_RELATIVE_NODES) != 0)
			tidei_idset_add(&bound, id_at(nodes, id % n));
		else if (tidei_idset_has(nodes, id))
			tidei_idset_add(&bound, id);
	}
	/* The kernel too ignores a policy that has no node in common with the cpuset. */
	if (count(&bound) != 0)
		*nodes = bound;
}
