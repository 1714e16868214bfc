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

/* Read the number in a file; 0 if that fails. */
static uint64_t
read_number(const char *dir, const char *name)
{
	struct tidei_textfile file;
	uint64_t n;

	if (tidei_textfile_read(&file, dir, "/%s", name) != 0 ||
		tidei_number_parse(file.text, strlen(file.text), UINT64_MAX, &n) != 0)
		return 0;
	return n;
}

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

/* Pages on demand are counted for the whole machine. */
static bool
can_come(const char *root, uint64_t kb)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s/sys/kernel/mm/hugepages/hugepages-%llukB", root,
		(unsigned long long)kb);
	return read_number(dir, "nr_overcommit_hugepages") > read_number(dir, "surplus_hugepages");
}

void
tidei_eal_machine_read(struct tidei_eal_machine *m, const char *root, int node)
{
	glob_t found;

	*m = (struct tidei_eal_machine){.root = root, .node = node};
	if (!find_sizes(root, m->node, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc && m->nb_sizes < TIDEI_EAL_SIZES_MAX; i++) {
		const char *dir = found.gl_pathv[i];
		struct tidei_eal_pages *size = &m->size[m->nb_sizes];

		size->kb = strtoull(strrchr(dir, '-') + 1, NULL, 10);
		size->total = read_number(dir, "nr_hugepages");
		size->free = read_number(dir, "free_hugepages");
		size->can_come = can_come(root, size->kb);
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
		uint64_t pages = 0;
		glob_t found;

		if (!find_sizes(root, node, &found))
			continue;
		for (size_t i = 0; i < found.gl_pathc; i++)
			pages += read_number(found.gl_pathv[i], "free_hugepages");
		globfree(&found);
		if (pages != 0)
			return node;
	}
	return -1;
}
