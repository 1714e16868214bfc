/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Starts EAL inside unit tests and leaves nothing of it behind. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_eal.h>

#include "eal.h"

static char runtime_dir[256];
static pid_t starter;

static void
stop_eal(void)
{
	char command[300];

	/* A child process that exits leaves EAL to its parent. */
	if (getpid() != starter)
		return;
	rte_eal_cleanup();
	snprintf(command, sizeof(command), "rm -rf '%s'", runtime_dir);
	if (system(command) != 0)
		fprintf(stderr, "could not remove %s\n", runtime_dir);
}

unsigned long
test_free_2m_pages(void)
{
	FILE *f = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "r");
	unsigned long pages = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%lu", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages;
}

bool
test_eal_start(bool huge, unsigned int mb, const char *lcores)
{
	static char prefix[32], memory[16], list[64];
	static char test[] = "test", no_pci[] = "--no-pci", no_telemetry[] = "--no-telemetry";
	static char l[] = "--lcores", m[] = "-m", file_prefix[] = "--file-prefix";
	static char in_memory[] = "--in-memory", no_huge[] = "--no-huge",
		    no_shconf[] = "--no-shconf";
	static char log[] = "--log-level=lib.eal:warning";
	char *argv[16];
	int argc = 0;

	/* Most tests do without the thread of the telemetry socket, which notices shortages too. */
	setenv("TIDE_SOCKET", "0", 0);
	setenv("TIDE_SHORTAGE", "off", 0);
	huge = huge && test_free_2m_pages() >= mb / 2 + 8;
	snprintf(prefix, sizeof(prefix), "tide_test_%d", (int)getpid());
	snprintf(memory, sizeof(memory), "%u", mb);
	snprintf(list, sizeof(list), "%s", lcores);
	argv[argc++] = test;
	argv[argc++] = l;
	argv[argc++] = list;
	argv[argc++] = no_pci;
	argv[argc++] = no_telemetry;
	argv[argc++] = log;
	argv[argc++] = file_prefix;
	argv[argc++] = prefix;
	argv[argc++] = m;
	argv[argc++] = memory;
	if (huge) {
		argv[argc++] = in_memory;
	} else {
		argv[argc++] = no_huge;
		argv[argc++] = no_shconf;
	}
	argv[argc] = NULL;
	if (rte_eal_init(argc, argv) < 0) {
		fprintf(stderr, "EAL did not start\n");
		exit(1);
	}
	snprintf(runtime_dir, sizeof(runtime_dir), "%s", rte_eal_get_runtime_dir());
	starter = getpid();
	atexit(stop_eal);
	return huge;
}
