/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Writes the files of a machine for tests that read them. */

#include <stdarg.h>
#include <stdio.h>

#include "child.h"
#include "machine.h"
#include "tree.h"

void
test_machine_write(const char *text, const char *fmt, ...)
{
	char path[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	test_tree_write(path, text);
}

void
test_machine_huge(const char *dir, const char *size, const char *total, const char *free_pages)
{
	test_machine_write(total, "%s/hugepages-%s/nr_hugepages", dir, size);
	test_machine_write(free_pages, "%s/hugepages-%s/free_hugepages", dir, size);
}

void
test_machine_node(int id, const char *cpus, unsigned int gigabytes, const char *distances)
{
	char text[256];

	test_machine_write(cpus, TEST_NODES "/node%d/cpulist", id);
	snprintf(text, sizeof(text),
		"Node %d MemTotal:       %u kB\nNode %d MemFree:        %u kB\n"
		"Node %d MemUsed:        1 kB\n",
		id, gigabytes << 20, id, gigabytes << 19, id);
	test_machine_write(text, TEST_NODES "/node%d/meminfo", id);
	test_machine_write(distances, TEST_NODES "/node%d/distance", id);
	snprintf(text, sizeof(text), TEST_NODES "/node%d/hugepages", id);
	test_machine_huge(text, "2048kB", "512\n", "500\n");
	test_machine_huge(text, "1048576kB", "4\n", "0\n");
}

void
test_machine_status(const char *cpus, const char *nodes)
{
	char text[512];

	snprintf(text, sizeof(text),
		"Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t%s\nMems_allowed:\t1\n"
		"Mems_allowed_list:\t%s\nvoluntary_ctxt_switches:\t1\n",
		cpus, nodes);
	test_tree_write("/proc/self/status", text);
	test_tree_write("/proc/self/task/1/status", text);
}

void
test_machine_paper(void)
{
	test_tree_make();
	test_tree_write("/nodes/online", "0-1\n");
	for (int id = 0; id < 2; id++) {
		char dir[32];

		test_machine_write(id == 0 ? "0\n" : "1\n", "/nodes/node%d/cpulist", id);
		test_machine_write(id == 0 ? "10 20\n" : "20 10\n", "/nodes/node%d/distance", id);
		test_machine_write("Node 0 MemTotal: 8388608 kB\nNode 0 MemFree: 4194304 kB\n",
			"/nodes/node%d/meminfo", id);
		snprintf(dir, sizeof(dir), "/nodes/node%d/hugepages", id);
		test_machine_huge(dir, "2048kB", "512\n", "512\n");
	}
	test_tree_write("/status", "Name:\tx\nCpus_allowed_list:\t0-1\nMems_allowed_list:\t0-1\n");
}

bool
test_machine_enter(void)
{
	char by[128];

	snprintf(by, sizeof(by), "%s/nodes", test_tree_root());
	if (!test_cover("/sys/devices/system/node", by))
		return false;
	snprintf(by, sizeof(by), "%s/status", test_tree_root());
	return test_cover("/proc/self/status", by);
}
