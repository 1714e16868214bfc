/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Reads how many huge pages the cgroups of this process allow it, and how many more it may take; it
 * cannot use free pages beyond that.
 */

#include <stdio.h>
#include <string.h>

#include "topology_internal.h"

/* The directory of the files of one version of cgroups, and the ends of their names. */
struct hierarchy {
	const char *mount;
	const char *limit;
	const char *usage;
};

static const struct hierarchy v1 = {"/sys/fs/cgroup/hugetlb", "limit_in_bytes", "usage_in_bytes"};
static const struct hierarchy v2 = {"/sys/fs/cgroup", "max", "current"};
/* Version 2 mounted beside version 1. */
static const struct hierarchy v2_hybrid = {"/sys/fs/cgroup/unified", "max", "current"};

/* The query to every cgroup on the way up; the least answer counts. */
struct question {
	const char *root;
	char size[16]; /* Page size as in the names of the files. */
	bool room; /* Ask for the rest of the limit, not for the limit. */
};

/* Writes "2MB", as the kernel names the files of a page size. */
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

/* Reads the bytes in one file; no file, "max" and version 1's largest number are UINT64_MAX. */
static uint64_t
read_bytes(const struct question *q, const struct hierarchy *h, const char *group, const char *kind,
	const char *name)
{
	struct tidei_textfile file;
	uint64_t bytes;

	if (tidei_textfile_read(&file, q->root, "%s%s/hugetlb.%s%s.%s", h->mount, group, q->size,
		    kind, name) != 0 ||
		tidei_number_parse(file.text, strlen(file.text), INT64_MAX / 2, &bytes) != 0)
		return UINT64_MAX;
	return bytes;
}

/* Returns the answer by one kind of limit: on pages in use, or on pages reserved at mmap. */
static uint64_t
kind_bytes(const struct question *q, const struct hierarchy *h, const char *group, const char *kind)
{
	uint64_t limit = read_bytes(q, h, group, kind, h->limit), usage;

	if (!q->room || limit == UINT64_MAX)
		return limit;
	usage = read_bytes(q, h, group, kind, h->usage);
	return usage == UINT64_MAX ? limit : limit - RTE_MIN(limit, usage);
}

static uint64_t
group_bytes(const struct question *q, const struct hierarchy *h, const char *group)
{
	uint64_t used = kind_bytes(q, h, group, ""), reserved = kind_bytes(q, h, group, ".rsvd");

	return RTE_MIN(used, reserved);
}

/*
 * Returns the least of a cgroup and all above it, the mount itself included: inside a container the
 * mount is the container's group, and the path in /proc can be another. Overwrites `group`.
 */
static uint64_t
path_bytes(const struct question *q, const struct hierarchy *h, char *group)
{
	uint64_t least = UINT64_MAX;

	for (;;) {
		uint64_t here = group_bytes(q, h, group);
		char *slash = strrchr(group, '/');

		least = RTE_MIN(least, here);
		if (slash == NULL)
			return least;
		*slash = '\0';
	}
}

/* Tells whether a comma-separated list has a word. */
static bool
list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (;;) {
		size_t item = strcspn(list, ",");

		if (item == len && memcmp(list, word, len) == 0)
			return true;
		if (list[item] == '\0')
			return false;
		list += item + 1;
	}
}

/* Returns the answer by one line of /proc/self/cgroup, "ID:CONTROLLERS:PATH". */
static uint64_t
line_bytes(const struct question *q, char *line)
{
	char *controllers = strchr(line, ':');
	char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
	char copy[PATH_MAX];
	uint64_t plain, hybrid;

	if (group == NULL)
		return UINT64_MAX;
	*controllers++ = *group++ = '\0';
	if (list_has(controllers, "hugetlb"))
		return path_bytes(q, &v1, group);
	if (*controllers != '\0')
		return UINT64_MAX;
	snprintf(copy, sizeof(copy), "%s", group);
	plain = path_bytes(q, &v2, copy);
	hybrid = path_bytes(q, &v2_hybrid, group);
	return RTE_MIN(plain, hybrid);
}

static uint64_t
ask(const char *root, uint64_t page_size, bool room)
{
	struct question q = {.root = root, .room = room};
	struct tidei_textfile file;
	uint64_t least = UINT64_MAX;
	char *rest = file.text, *line;

	if (tidei_textfile_read(&file, root, "/proc/self/cgroup") != 0)
		return UINT64_MAX;
	size_name(page_size, q.size, sizeof(q.size));
	while ((line = strsep(&rest, "\n")) != NULL) {
		uint64_t bytes = line_bytes(&q, line);

		least = RTE_MIN(least, bytes);
	}
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
