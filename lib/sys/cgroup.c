/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Walks the cgroups of this process, for every limit that cgroups set: from the group of the process up
 * to the mount, in both versions of cgroups.
 */

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "sys_internal.h"

/* One question, put to every group on the way. */
struct walk {
	const char *root;
	tidei_cgroup_ask *ask;
	const void *arg;
};

static uint64_t
lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * Returns the least answer of a group and of all above it, the mount itself included: inside a container
 * the mount is the group of the container, and /proc can name any path.
 */
static uint64_t
path_least(const struct walk *w, int version, const char *mount, const char *group)
{
	uint64_t least = UINT64_MAX;
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s%s", mount, group);
	for (;;) {
		char *slash;

		least = lesser(least, w->ask(w->root, dir, version, w->arg));
		slash = strrchr(dir + strlen(mount), '/');
		if (slash == NULL)
			return least;
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

/* By one line of /proc/self/cgroup, "ID:CONTROLLERS:PATH"; version 2 names no controllers. */
static uint64_t
line_least(const struct walk *w, const char *controller, char *line)
{
	char *controllers = strchr(line, ':');
	char *group = controllers == NULL ? NULL : strchr(controllers + 1, ':');
	char mount[64];

	if (group == NULL)
		return UINT64_MAX;
	*controllers++ = *group++ = '\0';
	if (list_has(controllers, controller)) {
		snprintf(mount, sizeof(mount), "/sys/fs/cgroup/%s", controller);
		return path_least(w, 1, mount, group);
	}
	if (*controllers != '\0')
		return UINT64_MAX;
	/* Version 2 can be mounted beside version 1. */
	return lesser(path_least(w, 2, "/sys/fs/cgroup", group),
		path_least(w, 2, "/sys/fs/cgroup/unified", group));
}

uint64_t
tidei_cgroup_least(const char *root, const char *controller, tidei_cgroup_ask *ask, const void *arg)
{
	const struct walk w = {root, ask, arg};
	struct tidei_textfile file;
	uint64_t least = UINT64_MAX;
	char *rest = file.text, *line;

	if (tidei_textfile_read(&file, root, "/proc/self/cgroup") != 0)
		return UINT64_MAX;
	while ((line = strsep(&rest, "\n")) != NULL)
		least = lesser(least, line_least(&w, controller, line));
	return least;
}
