/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Reads how many huge pages the cgroups of this process let it hold, and how many more it may take. Free
 * pages beyond are not for it.
 */

#include <stdio.h>
#include <string.h>

#include "sys_internal.h"

/* The question to every group. */
struct question {
	char size[16]; /* Page size as in the names of the files. */
	bool room; /* Ask for the rest of the limit, not for the limit. */
};

/* "2MB", as the kernel names the files of a page size. */
static void
size_name(uint64_t page_size, char *name, size_t len)
{
	if (page_size >= 1u << 30)
		snprintf(name, len, "%uGB", (unsigned int)(page_size >> 30));
	else if (page_size >= 1u << 20)
		snprintf(name, len, "%uMB", (unsigned int)(page_size >> 20));
	else
		snprintf(name, len, "%uKB", (unsigned int)(page_size >> 10));
}

/* Bytes in one file; no file, "max" and version 1's largest number are UINT64_MAX. */
static uint64_t
read_bytes(const char *root, const char *dir, const struct question *q, const char *kind,
	const char *name)
{
	struct tidei_textfile file;
	uint64_t bytes;

	if (tidei_textfile_read(&file, root, "%s/hugetlb.%s%s.%s", dir, q->size, kind, name) != 0 ||
		tidei_number_parse(file.text, strlen(file.text), INT64_MAX / 2, &bytes) != 0)
		return UINT64_MAX;
	return bytes;
}

/* By the limit of one kind, that on pages in use or that on pages reserved (at mmap). */
static uint64_t
kind_bytes(
	const char *root, const char *dir, int version, const struct question *q, const char *kind)
{
	uint64_t limit = read_bytes(root, dir, q, kind, version == 1 ? "limit_in_bytes" : "max");
	uint64_t usage;

	if (!q->room || limit == UINT64_MAX)
		return limit;
	usage = read_bytes(root, dir, q, kind, version == 1 ? "usage_in_bytes" : "current");
	if (usage == UINT64_MAX)
		return limit;
	return limit > usage ? limit - usage : 0;
}

static uint64_t
group_bytes(const char *root, const char *dir, int version, const void *arg)
{
	uint64_t used = kind_bytes(root, dir, version, arg, "");
	uint64_t reserved = kind_bytes(root, dir, version, arg, ".rsvd");

	return used < reserved ? used : reserved;
}

static uint64_t
ask(const char *root, uint64_t page_size, bool room)
{
	struct question q = {.room = room};
	uint64_t least;

	size_name(page_size, q.size, sizeof(q.size));
	least = tidei_cgroup_least(root, "hugetlb", group_bytes, &q);
	return least == UINT64_MAX ? UINT64_MAX : least / page_size;
}

uint64_t
tidei_cgroup_huge_limit(const char *root, uint64_t page_size)
{
	return ask(root, page_size, false);
}

uint64_t
tidei_cgroup_huge_room(const char *root, uint64_t page_size)
{
	return ask(root, page_size, true);
}
