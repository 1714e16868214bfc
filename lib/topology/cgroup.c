/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* How many huge pages the cgroups of this process let it hold; free pages beyond are not for it. */

#include <stdio.h>
#include <string.h>

#include "topology_internal.h"

/* Where one version of cgroups keeps its limits, and how the names of their files end. */
struct hierarchy {
	const char *mount;
	const char *suffix;
};

static const struct hierarchy v1 = {"/sys/fs/cgroup/hugetlb", "limit_in_bytes"};
static const struct hierarchy v2 = {"/sys/fs/cgroup", "max"};
/* Version 2 mounted beside version 1. */
static const struct hierarchy v2_hybrid = {"/sys/fs/cgroup/unified", "max"};

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

/* The limit in one file, in bytes; no file, "max" and version 1's largest number are none. */
static uint64_t
file_limit(const struct tidei_textfile *file, int ret)
{
	uint64_t bytes;

	if (ret != 0 ||
		tidei_number_parse(file->text, strlen(file->text), INT64_MAX / 2, &bytes) != 0)
		return UINT64_MAX;
	return bytes;
}

/* The least limit of one cgroup: on pages in use, and on pages reserved (at mmap). */
static uint64_t
group_limit(const char *root, const struct hierarchy *h, const char *group, const char *size)
{
	struct tidei_textfile file;
	uint64_t used, reserved;
	int ret;

	ret = tidei_textfile_read(
		&file, root, "%s%s/hugetlb.%s.%s", h->mount, group, size, h->suffix);
	used = file_limit(&file, ret);
	ret = tidei_textfile_read(
		&file, root, "%s%s/hugetlb.%s.rsvd.%s", h->mount, group, size, h->suffix);
	reserved = file_limit(&file, ret);
	return RTE_MIN(used, reserved);
}

/*
 * The least limit of a cgroup and all above it, the mount itself included: inside a container that is
 * the container's group, whatever path /proc names. `group` is eaten.
 */
static uint64_t
path_limit(const char *root, const struct hierarchy *h, char *group, const char *size)
{
	uint64_t limit = UINT64_MAX;

	for (;;) {
		uint64_t here = group_limit(root, h, group, size);
		char *slash = strrchr(group, '/');

		limit = RTE_MIN(limit, here);
		if (slash == NULL)
			return limit;
		*slash = '\0';
	}
}

/* Whether a comma-separated list has a word. */
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

/* The limit by one line of /proc/self/cgroup, "ID:CONTROLLERS:PATH". */
static uint64_t
line_limit(const char *root, char *line, const char *size)
{
	char *controllers = strchr(line, ':');
	char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
	char copy[PATH_MAX];
	uint64_t plain, hybrid;

	if (group == NULL)
		return UINT64_MAX;
	*controllers++ = *group++ = '\0';
	if (list_has(controllers, "hugetlb"))
		return path_limit(root, &v1, group, size);
	if (*controllers != '\0')
		return UINT64_MAX;
	snprintf(copy, sizeof(copy), "%s", group);
	plain = path_limit(root, &v2, copy, size);
	hybrid = path_limit(root, &v2_hybrid, group, size);
	return RTE_MIN(plain, hybrid);
}

uint64_t
tidei_cgroup_huge_limit(const char *root, uint64_t page_size)
{
	struct tidei_textfile file;
	uint64_t limit = UINT64_MAX;
	char *rest = file.text, *line;
	char size[16];

	if (tidei_textfile_read(&file, root, "/proc/self/cgroup") != 0)
		return UINT64_MAX;
	size_name(page_size, size, sizeof(size));
	while ((line = strsep(&rest, "\n")) != NULL) {
		uint64_t bytes = line_limit(root, line, size);

		limit = RTE_MIN(limit, bytes);
	}
	return limit == UINT64_MAX ? UINT64_MAX : limit / page_size;
}
