/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef EAL_INTERNAL_H
#define EAL_INTERNAL_H

/*
 * Shared by the sources of the EAL part; private to it. `root` is where /proc and /sys are, empty but in tests.
 * argc, argv: a program's name and its arguments for EAL.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include "tide_eal.h"
#include "tide_eal_files.h"

/* Huge page sizes a kernel has at most. */
#define TIDEI_EAL_SIZES_MAX 16

/* Huge pages of one size. */
struct tidei_eal_pages {
	uint64_t kb; /* Size of one. */
	uint64_t total; /* On the node of the main lcore; on the machine, when that is not known. */
	uint64_t free;
	bool can_come; /* The kernel may make more on demand. */
};

/* The huge pages that EAL starts with. */
struct tidei_eal_machine {
	const char *root;
	int node; /* Of the main lcore; -1: not known, or a kernel without NUMA. */
	unsigned int nb_sizes;
	struct tidei_eal_pages size[TIDEI_EAL_SIZES_MAX];
};

/*
 * Tell whether an argument is a long option, or a beginning of it, with or without "=VALUE". EAL takes any
 * beginning that only one option has, and refuses the others.
 */
bool tidei_eal_is_option(const char *arg, const char *option);

/* As tidei_eal_has_argument(), on a machine whose files are below `root`. */
bool tidei_eal_argument(const char *root, const char *option);

/*
 * Return the CPU that EAL will run the main lcore on: that of --main-lcore, else of the lowest lcore of -l,
 * --lcores or -c, else the first this process may use. -1: it cannot be told, as with lcores on several
 * CPUs or arguments that EAL will refuse.
 */
int tidei_eal_main_cpu(int argc, char *const argv[]);

/* Read the huge pages of a node, -1: of the machine. */
void tidei_eal_machine_read(struct tidei_eal_machine *m, const char *root, int node);

/* Return the node on which EAL finds a CPU; -1: none. */
int tidei_eal_cpu_node(const char *root, int cpu);

/* Return the first node that has free huge pages; -1: none. */
int tidei_eal_free_node(const char *root);

/* Tell whether pages of a size are free, or may come. */
bool tidei_eal_pages_available(const struct tidei_eal_pages *size);

/*
 * Tell whether EAL gets huge pages by way of a hugetlbfs: of each page size it takes the first mount there
 * is, and one that it may not write to ends the search. If it gets none, *why has the reason.
 */
bool tidei_eal_mounts_serve(const struct tidei_eal_machine *m, char *why, size_t len);

/* As tide_eal_memory(), on a machine whose files are below `root`. */
int
tidei_eal_memory(const char *root, int argc, char *const argv[], struct tide_eal_memory *memory);

/* As tide_eal_files_read() and tide_eal_files_remove(), with /proc and the mounts below a root directory. */
unsigned int tidei_eal_files_read(const char *root, struct tide_eal_files *files, unsigned int max);
unsigned int tidei_eal_files_remove(const char *root, const char *prefix);

#endif /* EAL_INTERNAL_H */
