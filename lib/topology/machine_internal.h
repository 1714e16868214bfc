/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOPOLOGY_MACHINE_INTERNAL_H
#define TOPOLOGY_MACHINE_INTERNAL_H

/* Shared by the readers of a machine's files: the reading under way and its faults. */

#include "topology_internal.h"

#define NODE_DIR "/sys/devices/system/node"

struct tidei_reading {
	const char *root;
	const struct tidei_policy *policy;
	struct tide_topology *topo;
	struct tidei_idset
		online; /* Nodes as the kernel lists them: the columns of distance files. */
	struct tidei_idset cpus_allowed;
	struct tidei_textfile file; /* The file being read. */
	unsigned int nb_faults; /* Files that are missing or wrong. */
	bool partial; /* One of them could have listed another node with memory. */
	char first[PATH_MAX + 256]; /* The first of them, its fault, and the assumption instead. */
};

/* Note that r->file is missing or wrong, with the assumption that the reading makes instead. */
void tidei_reading_fault(struct tidei_reading *r, const char *wrong, const char *fmt, ...)
	__rte_format_printf(3, 4);

/*
 * Parse a list of ids out of r->file, which was read with result `ret`. 0, or -EIO with *wrong the
 * reason and an empty set.
 */
int tidei_reading_list(struct tidei_reading *r, int ret, unsigned int max, struct tidei_idset *set,
	const char **wrong);

/* Read the files of one node, given by its index; a file that fails leaves a default. */
void tidei_reading_node(struct tidei_reading *r, unsigned int i);

/* Read a machine without nodes: all CPUs and all memory belong to r->topo's only node. */
void tidei_reading_flat(struct tidei_reading *r);

/* Read into r->cpus_allowed the CPUs that any thread of this process may run on. */
void tidei_reading_cpus_allowed(struct tidei_reading *r);

/* Read the memory nodes of the process; then apply them, the policy and r->cpus_allowed. */
void tidei_reading_allow(struct tidei_reading *r);

#endif /* TOPOLOGY_MACHINE_INTERNAL_H */
