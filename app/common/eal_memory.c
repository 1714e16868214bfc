/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The kind of EAL memory for users who name none. */

#include <glob.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "eal_memory.h"

/* EAL takes any beginning of an option that only one has. */
static bool
chosen(int argc, char *const argv[])
{
	static const char *const kinds[] = {"--in-memory", "--no-huge", "--huge-dir",
		"--huge-unlink", "--legacy-mem", "--single-file-segments"};

	for (int i = 1; i < argc; i++) {
		size_t len = strcspn(argv[i], "=");

		if (len < strlen("--in-"))
			continue;
		for (unsigned int k = 0; k < RTE_DIM(kinds); k++) {
			if (strncmp(argv[i], kinds[k], len) == 0)
				return true;
		}
	}
	return false;
}

static bool
pages_free(void)
{
	unsigned long sum = 0;
	glob_t found;

	if (glob("/sys/kernel/mm/hugepages/hugepages-*/free_hugepages", 0, NULL, &found) != 0)
		return false;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		FILE *f = fopen(found.gl_pathv[i], "r");
		unsigned long pages;

		if (f == NULL)
			continue;
		if (fscanf(f, "%lu", &pages) == 1)
			sum += pages;
		fclose(f);
	}
	globfree(&found);
	return sum != 0;
}

static bool
hugetlbfs_mounted(void)
{
	FILE *mounts = setmntent("/proc/mounts", "r");
	const struct mntent *mount;
	bool found = false;

	if (mounts == NULL)
		return false;
	while (!found && (mount = getmntent(mounts)) != NULL)
		found = strcmp(mount->mnt_type, "hugetlbfs") == 0;
	endmntent(mounts);
	return found;
}

const char *
app_eal_memory_argument(int argc, char *const argv[])
{
	if (chosen(argc, argv))
		return NULL;
	if (!pages_free())
		return "--no-huge";
	return hugetlbfs_mounted() ? NULL : "--in-memory";
}
