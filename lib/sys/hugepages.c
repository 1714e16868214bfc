/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Reads how many huge pages a node has at this moment.
 *
 * Each caller reads them again: a topology is a snapshot and may describe another machine.
 */

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sys_friend.h"

#define MACHINE (-1)

static int
read_count(const char *root, const char *dir, const char *name, uint64_t *value)
{
	struct tidei_textfile file;

	if (tidei_textfile_read(&file, root, "%s/%s", dir, name) != 0 ||
		tidei_number_parse(file.text, strlen(file.text), UINT64_MAX, value) != 0)
		return -ENOENT;
	return 0;
}

static void
huge_root(int node, char *path, size_t size)
{
	if (node < 0)
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
tidei_huge_read(const char *root, int node, size_t page_size, struct tidei_huge_now *now)
{
	uint64_t limit = 0, surplus = 0;
	char dir[128];

	memset(now, 0, sizeof(*now));
	huge_dir(node, page_size, dir, sizeof(dir));
	if (read_count(root, dir, "nr_hugepages", &now->total) < 0 ||
		read_count(root, dir, "free_hugepages", &now->free) < 0)
		return -ENOENT;
	/* Reservations and overcommit are counted for the machine, not per node. */
	huge_dir(MACHINE, page_size, dir, sizeof(dir));
	read_count(root, dir, "resv_hugepages", &now->reserved);
	read_count(root, dir, "nr_overcommit_hugepages", &limit);
	read_count(root, dir, "surplus_hugepages", &surplus);
	now->spare = limit > surplus ? limit - surplus : 0;
	return 0;
}

int
tidei_huge_now(int node, size_t page_size, struct tidei_huge_now *now)
{
	return tidei_huge_read("", node, page_size, now);
}

uint64_t
tidei_huge_to_be_had(int node, size_t page_size, const struct tidei_huge_now *now)
{
	struct tidei_huge_now machine = *now;
	uint64_t unreserved;

	if (node >= 0 && tidei_huge_now(MACHINE, page_size, &machine) < 0)
		return now->free;
	unreserved = machine.free > machine.reserved ? machine.free - machine.reserved : 0;
	return now->free < unreserved ? now->free : unreserved;
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

void
tidei_huge_set_command(int node, size_t page_size, uint64_t total, char *text, size_t size)
{
	char dir[128];

	huge_dir(node, page_size, dir, sizeof(dir));
	snprintf(text, size, "echo %" PRIu64 " > %s/nr_hugepages", total, dir);
}

void
tidei_huge_command(int node, size_t page_size, uint64_t total, char *text, size_t size)
{
	text[0] = '\0';
	/* What the node does not have no command can reserve. */
	if (total <= tidei_memory_total(node) / page_size)
		tidei_huge_set_command(node, page_size, total, text, size);
}
