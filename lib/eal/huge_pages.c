/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Counts the huge pages that EAL can start with, as sysfs has them at this moment. */

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eal_internal.h"
#include "sys_friend.h"

/* Find the directories of all huge page sizes of a node, or of the machine for -1; globfree() frees them. */
static bool
find_sizes(const char *root, int node, glob_t *found)
{
	char pattern[PATH_MAX], where[64] = "kernel/mm";
	int len;

	if (node >= 0)
		snprintf(where, sizeof(where), "devices/system/node/node%d", node);
	len = snprintf(pattern, sizeof(pattern), "%s/sys/%s/hugepages/hugepages-*kB", root, where);
	return len < (int)sizeof(pattern) && glob(pattern, 0, NULL, found) == 0;
}

/* EAL looks for the same files. */
int
tidei_eal_cpu_node(const char *root, int cpu)
{
	char path[PATH_MAX];

	for (int node = 0; cpu >= 0 && node < TIDE_NODE_MAX; node++) {
		snprintf(path, sizeof(path), "%s/sys/devices/system/node/node%d/cpu%d", root, node,
			cpu);
		if (access(path, F_OK) == 0)
			return node;
	}
	return -1;
}

/* Read the pages of the size of a directory; a count that cannot be read is 0. Returns the kB of a page. */
static uint64_t
read_size(const char *root, int node, const char *dir, struct tidei_huge_now *now)
{
	uint64_t kb = strtoull(strrchr(dir, '-') + 1, NULL, 10);

	tidei_huge_read(root, node, kb << 10, now);
	return kb;
}

void
tidei_eal_machine_read(struct tidei_eal_machine *m, const char *root, int node)
{
	glob_t found;

	*m = (struct tidei_eal_machine){.root = root, .node = node};
	if (!find_sizes(root, m->node, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc && m->nb_sizes < TIDEI_EAL_SIZES_MAX; i++) {
		struct tidei_eal_pages *size = &m->size[m->nb_sizes];
		struct tidei_huge_now now;

		size->kb = read_size(root, m->node, found.gl_pathv[i], &now);
		size->total = now.total;
		size->free = now.free;
		size->can_come = now.spare != 0;
		m->nb_sizes += size->kb != 0;
	}
	globfree(&found);
}

bool
tidei_eal_pages_available(const struct tidei_eal_pages *size)
{
	return size->free != 0 || size->can_come;
}

int
tidei_eal_free_node(const char *root)
{
	for (int node = 0; node < TIDE_NODE_MAX; node++) {
		struct tidei_huge_now now;
		uint64_t pages = 0;
		glob_t found;

		if (!find_sizes(root, node, &found))
			continue;
		for (size_t i = 0; i < found.gl_pathc; i++) {
			read_size(root, node, found.gl_pathv[i], &now);
			pages += now.free;
		}
		globfree(&found);
		if (pages != 0)
			return node;
	}
	return -1;
}
