/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Asks the kernel, for lib/region, which huge pages and memory of a node are available now.
 *
 * Each region asks again: a topology is a snapshot and may describe another machine.
 */

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "region_internal.h"
#include "topology_internal.h"

const char *
tidei_node_name(int node, char *text, size_t size)
{
	if (node == TIDE_NODE_UNKNOWN)
		snprintf(text, size, "the machine");
	else
		snprintf(text, size, "node %d", node);
	return text;
}

static int
read_count(const char *dir, const char *file, uint64_t *value)
{
	char path[160];
	FILE *f;
	int n;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "re");
	if (f == NULL)
		return -ENOENT;
	n = fscanf(f, "%" SCNu64, value);
	fclose(f);
	return n == 1 ? 0 : -ENOENT;
}

static void
huge_root(int node, char *path, size_t size)
{
	if (node == TIDE_NODE_UNKNOWN)
		snprintf(path, size, "/sys/kernel/mm/hugepages");
	else
		snprintf(path, size, "/sys/devices/system/node/node%d/hugepages", node);
}

static void
huge_dir(int node, size_t page_size, char *dir, size_t size)
{
	char root[64];

	huge_root(node, root, sizeof(root));
	snprintf(dir, size, "%s/hugepages-%zukB", root, page_size >> 10);
}

int
tidei_huge_now(int node, size_t page_size, struct tidei_huge_now *now)
{
	uint64_t limit = 0, surplus = 0;
	char dir[128];

	memset(now, 0, sizeof(*now));
	huge_dir(node, page_size, dir, sizeof(dir));
	if (read_count(dir, "nr_hugepages", &now->total) < 0 ||
		read_count(dir, "free_hugepages", &now->free) < 0)
		return -ENOENT;
	/* Reservations and overcommit are counted for the machine, not per node. */
	huge_dir(TIDE_NODE_UNKNOWN, page_size, dir, sizeof(dir));
	read_count(dir, "resv_hugepages", &now->reserved);
	read_count(dir, "nr_overcommit_hugepages", &limit);
	read_count(dir, "surplus_hugepages", &surplus);
	now->spare = limit > surplus ? limit - surplus : 0;
	return 0;
}

uint64_t
tidei_huge_to_be_had(int node, size_t page_size, const struct tidei_huge_now *now)
{
	struct tidei_huge_now machine = *now;
	uint64_t unreserved;

	if (node != TIDE_NODE_UNKNOWN && tidei_huge_now(TIDE_NODE_UNKNOWN, page_size, &machine) < 0)
		return now->free;
	unreserved = machine.free - RTE_MIN(machine.free, machine.reserved);
	return RTE_MIN(now->free, unreserved);
}

uint64_t
tidei_huge_bytes(int node)
{
	struct tidei_huge_now now;
	struct dirent *entry;
	uint64_t bytes = 0;
	char path[128];
	size_t kb;
	DIR *dir;

	huge_root(node, path, sizeof(path));
	dir = opendir(path);
	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL) {
		if (sscanf(entry->d_name, "hugepages-%zukB", &kb) == 1 &&
			tidei_huge_now(node, kb << 10, &now) == 0)
			bytes += (now.free + now.spare) * (kb << 10);
	}
	closedir(dir);
	return bytes;
}

const char *
tidei_huge_words(size_t page_size)
{
	return page_size >= tidei_page_bytes(TIDE_PAGE_1G) ? "1 GB" : "2 MB";
}

bool
tidei_huge_barred(
	const struct tidei_rung *rung, size_t page_size, uint64_t needed, struct tidei_fall *fall)
{
	uint64_t room = tidei_cgroup_huge_room("", page_size);
	bool gigantic = page_size >= tidei_page_bytes(TIDE_PAGE_1G);
	char node[32];

	if (needed <= room)
		return false;
	snprintf(fall->why, sizeof(fall->why),
		"%s has them, but the cgroup allows this process %" PRIu64
		" more %s huge pages, %" PRIu64 " needed",
		tidei_node_name(rung->node, node, sizeof(node)), room, tidei_huge_words(page_size),
		needed);
	snprintf(fall->mend, sizeof(fall->mend),
		"raise hugetlb.%s.max of the cgroup (Kubernetes: limits hugepages-%s)",
		gigantic ? "1GB" : "2MB", gigantic ? "1Gi" : "2Mi");
	return true;
}

static void
meminfo_path(int node, char *path, size_t size)
{
	if (node == TIDE_NODE_UNKNOWN)
		snprintf(path, size, "/proc/meminfo");
	else
		snprintf(path, size, "/sys/devices/system/node/node%d/meminfo", node);
}

/* Returns the bytes of memory there; UINT64_MAX where the kernel does not report them. */
static uint64_t
memory_total(int node)
{
	static const char key[] = "MemTotal:";
	uint64_t kb = 0;
	char line[256], path[64];
	const char *at = NULL;
	FILE *f;

	meminfo_path(node, path, sizeof(path));
	f = fopen(path, "re");
	if (f == NULL)
		return UINT64_MAX;
	while (at == NULL && fgets(line, sizeof(line), f) != NULL)
		at = strstr(line, key);
	fclose(f);
	if (at == NULL || sscanf(at + strlen(key), "%" SCNu64, &kb) != 1)
		return UINT64_MAX;
	return kb << 10;
}

void
tidei_huge_command(int node, size_t page_size, uint64_t total, char *text, size_t size)
{
	char dir[128];

	text[0] = '\0';
	/* No command can reserve more memory than the node has. */
	if (total > memory_total(node) / page_size)
		return;
	huge_dir(node, page_size, dir, sizeof(dir));
	snprintf(text, size, "echo %" PRIu64 " > %s/nr_hugepages", total, dir);
}

void
tidei_huge_advice(int node, size_t page_size, uint64_t total, struct tidei_fall *fall)
{
	char name[32];

	tidei_huge_command(node, page_size, total, fall->mend, sizeof(fall->mend));
	if (fall->mend[0] == '\0')
		snprintf(fall->mend, sizeof(fall->mend),
			"ask for less: %s has %" PRIu64 " MB of memory",
			tidei_node_name(node, name, sizeof(name)), memory_total(node) >> 20);
}

/* Lines look like "Node 1 MemFree:   123 kB", without "Node 1 " for the whole machine. */
static void
add_line(const char *line, uint64_t *kb)
{
	static const char *const keys[] = {
		"MemFree:", "Active(file):", "Inactive(file):", "SReclaimable:"};
	uint64_t value;
	unsigned int i;
	const char *at;

	for (i = 0; i < RTE_DIM(keys); i++) {
		at = strstr(line, keys[i]);
		if (at == NULL)
			continue;
		if (sscanf(at + strlen(keys[i]), "%" SCNu64, &value) == 1)
			*kb += value;
	}
}

int
tidei_memory_now(int node, uint64_t *bytes)
{
	char line[256], path[64];
	uint64_t kb = 0;
	FILE *f;

	meminfo_path(node, path, sizeof(path));
	f = fopen(path, "re");
	if (f == NULL)
		return -ENOENT;
	while (fgets(line, sizeof(line), f) != NULL)
		add_line(line, &kb);
	fclose(f);
	*bytes = kb << 10;
	return 0;
}
