/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Reads how much memory the cgroups of this process still let it take. At one page more the kernel kills
 * the process instead of refusing.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys_internal.h"

/* More bytes than any machine has. */
#define NO_LIMIT (INT64_MAX / 2)

static bool
read_bytes(const char *root, const char *dir, const char *name, uint64_t *bytes)
{
	struct tidei_textfile file;

	/* "max" is no limit. */
	return tidei_textfile_read(&file, root, "%s/%s", dir, name) == 0 &&
	       tidei_number_parse(file.text, strlen(file.text), UINT64_MAX, bytes) == 0;
}

/* Pages of files: the kernel drops them before it kills. */
static uint64_t
file_cache(const char *root, const char *dir, int version)
{
	static const char *const keys[] = {"inactive_file ", "active_file "};
	/* Lines of version 1 that count the groups below too. */
	const char *prefix = version == 1 ? "total_" : "";
	struct tidei_textfile file;
	char *rest = file.text, *line;
	uint64_t bytes = 0;

	if (tidei_textfile_read(&file, root, "%s/memory.stat", dir) != 0)
		return 0;
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, prefix, strlen(prefix)) != 0)
			continue;
		line += strlen(prefix);
		for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			if (strncmp(line, keys[i], strlen(keys[i])) == 0)
				bytes += strtoull(line + strlen(keys[i]), NULL, 10);
		}
	}
	return bytes;
}

static uint64_t
group_room(const char *root, const char *dir, int version, const void *arg)
{
	uint64_t limit, usage;

	if (!read_bytes(root, dir, version == 1 ? "memory.limit_in_bytes" : "memory.max", &limit) ||
		!read_bytes(root, dir, version == 1 ? "memory.usage_in_bytes" : "memory.current",
			&usage))
		return UINT64_MAX;
	/* Version 1 writes a very large number for "no limit". */
	if (limit > NO_LIMIT)
		return UINT64_MAX;
	return (limit > usage ? limit - usage : 0) + file_cache(root, dir, version);
}

uint64_t
tidei_cgroup_memory_room(const char *root)
{
	return tidei_cgroup_least(root, "memory", group_room, NULL);
}
