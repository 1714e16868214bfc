/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_CHECK_H
#define INFO_CHECK_H

/* The command "check": are the CPUs, the memory and the NICs of this process on the same node. */

#include "finding.h"
#include "machine.h"
#include "option_table.h"
#include "options.h"

/* The nodes that a check is about, in the order in which they were first needed. */
struct check_nodes {
	const struct tide_node *node[TIDE_NODE_MAX];
	const struct tide_nic *nic[TIDE_NODE_MAX]; /* The first NIC there; NULL: none is. */
	unsigned int nb;
};

/* Find what is wrong with the machine for this request, and the nodes that it is about. */
void check_machine(const struct machine *m, const struct check_request *request,
	struct check_nodes *nodes, struct findings *findings);

/*
 * Find out whether a node can give so many bytes of memory to this process, on pages of that size;
 * page_size 0: on the huge pages of which most bytes are free.
 */
void check_memory(const struct machine *m, const struct tide_node *node, uint64_t bytes,
	uint64_t page_size, struct findings *findings);

/* Find out whether the nodes of the machine are known. */
void check_sysfs(const struct machine *m, struct findings *findings);

/* Return the size of the pages that check_memory() takes from a node for that page_size. */
uint64_t check_page_size(const struct tide_node *node, uint64_t page_size);

/*
 * Find out whether the limits of cgroups let this process have so many bytes on all nodes together, on pages of
 * that size, which is not 0.
 */
void check_limits(
	const struct machine *m, uint64_t bytes, uint64_t page_size, struct findings *findings);

/* Be the command. Returns its exit code, or 0 with err filled. */
int check_run(const struct options *opt, struct app_error *err);

#endif /* INFO_CHECK_H */
