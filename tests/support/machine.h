/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_MACHINE_H
#define TEST_MACHINE_H

/* Writes sysfs and procfs files of a machine below the root of tree.h, in the format of the kernel. */

#include <stdbool.h>

#define TEST_NODES "/sys/devices/system/node"

/* Write a file; format and arguments give its path as for printf(3). */
void
test_machine_write(const char *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Write huge pages of one size ("2048kB") into a directory of sizes. */
void
test_machine_huge(const char *dir, const char *size, const char *total, const char *free_pages);

/* Write a node: its CPUs, its memory (half of it free), its distances, huge pages of 2 MB and 1 GB. */
void test_machine_node(int id, const char *cpus, unsigned int gigabytes, const char *distances);

/* Write the CPUs and nodes that the process and its only thread, 1, may use. */
void test_machine_status(const char *cpus, const char *nodes);

/* Make a tree of two nodes, 0 and 1, with memory and free huge pages, all allowed. */
void test_machine_paper(void);

/*
 * In a child: mount that tree over the nodes of this machine, for this process only. Returns false, with the
 * reason on stdout, if that is not allowed.
 */
bool test_machine_enter(void);

#endif /* TEST_MACHINE_H */
