/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Reads, for lib/region, how much more memory the cgroups of this process allow it. The kernel kills a
 * process that takes more; it does not refuse.
 */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "region_internal.h"
#include "topology_internal.h"

/* The directory and the names of the files of one version of cgroups. */
struct layout {
	const char *mount;
	const char *limit;
	const char *usage;
	const char *stat_prefix; /* Of the lines in memory.stat that include the groups below. */
};

static const struct layout v1 = {
	"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"};
static const struct layout v2 = {"/sys/fs/cgroup", "memory.max", "memory.current", ""};
/* Version 2 mounted beside version 1. */
static const struct layout v2_hybrid = {
	"/sys/fs/cgroup/unified", "memory.max", "memory.current", ""};

static bool
read_bytes(struct tidei_textfile *file, const char *root, const struct layout *l, const char *group,
	const char *name, uint64_t *bytes)
{
	char *end;

	/* "max" means no limit. */
	if (tidei_textfile_read(file, root, "%s%s/%s", l->mount, group, name) != 0 ||
		file->text[0] < '0' || file->text[0] > '9')
		return false;
	*bytes = strtoull(file->text, &end, 10);
	return *end == '\0';
}

/* Returns the bytes of file pages, which the kernel drops before it kills a process. */
static uint64_t
file_cache(struct tidei_textfile *file, const char *root, const struct layout *l, const char *group)
{
	static const char *const keys[] = {"inactive_file ", "active_file "};
	char *rest = file->text, *line;
	size_t prefix = strlen(l->stat_prefix);
	uint64_t bytes = 0;
	unsigned int i;

	if (tidei_textfile_read(file, root, "%s%s/memory.stat", l->mount, group) != 0)
		return 0;
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, l->stat_prefix, prefix) != 0)
			continue;
		for (i = 0; i < RTE_DIM(keys); i++) {
			if (strncmp(line + prefix, keys[i], strlen(keys[i])) == 0)
				bytes += strtoull(line + prefix + strlen(keys[i]), NULL, 10);
		}
	}
	return bytes;
}

static uint64_t
group_room(const char *root, const struct layout *l, const char *group)
{
	struct tidei_textfile file;
	uint64_t limit, usage;

	if (!read_bytes(&file, root, l, group, l->limit, &limit) ||
		!read_bytes(&file, root, l, group, l->usage, &usage))
		return UINT64_MAX;
	return (limit > usage ? limit - usage : 0) + file_cache(&file, root, l, group);
}

/*
 * Returns the least room of a cgroup and all above it, the mount itself included: inside a container
 * the mount is the container's group, and the path in /proc can be another. Overwrites `group`.
 */
static uint64_t
path_room(const char *root, const struct layout *l, char *group)
{
	uint64_t room = UINT64_MAX;

	for (;;) {
		uint64_t here = group_room(root, l, group);
		char *slash = strrchr(group, '/');

		room = RTE_MIN(room, here);
		if (slash == NULL)
			return room;
		*slash = '\0';
	}
}

/* Returns the room by one line of /proc/self/cgroup, "ID:CONTROLLERS:PATH"; v2 has no controllers. */
static uint64_t
line_room(const char *root, char *line)
{
	char *controllers = strchr(line, ':');
	char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
	char copy[PATH_MAX];
	uint64_t plain, hybrid;

	if (group == NULL)
		return UINT64_MAX;
	*controllers++ = *group++ = '\0';
	if (strcmp(controllers, "memory") == 0)
		return path_room(root, &v1, group);
	if (*controllers != '\0')
		return UINT64_MAX;
	snprintf(copy, sizeof(copy), "%s", group);
	plain = path_room(root, &v2, copy);
	hybrid = path_room(root, &v2_hybrid, group);
	return RTE_MIN(plain, hybrid);
}

uint64_t
tidei_memcg_room(const char *root)
{
	struct tidei_textfile file;
	uint64_t room = UINT64_MAX;
	char *rest = file.text, *line;

	if (tidei_textfile_read(&file, root, "/proc/self/cgroup") != 0)
		return UINT64_MAX;
	while ((line = strsep(&rest, "\n")) != NULL) {
		uint64_t here = line_room(root, line);

		room = RTE_MIN(room, here);
	}
	return room;
}
