/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_MACHINE_H
#define TEST_MACHINE_H

/* Writes sysfs and procfs of a machine below the root of tree.h, as the kernel words them. */

#define TEST_NODES "/sys/devices/system/node"

/* Write a file whose path is given as for printf. */
void
test_machine_write(const char *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Write huge pages of one size ("2048kB") into a folder of sizes. */
void
test_machine_huge(const char *dir, const char *size, const char *total, const char *free_pages);

/* Write a node: its CPUs, its memory (half of it free), its distances, huge pages of 2 MB and 1 GB. */
void test_machine_node(int id, const char *cpus, unsigned int gigabytes, const char *distances);

/* Write what the process and its only thread, 1, may use. */
void test_machine_status(const char *cpus, const char *nodes);

#endif /* TEST_MACHINE_H */
