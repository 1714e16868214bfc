/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Removes EAL's files in a hugetlbfs. */

#include <dirent.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "eal_huge_files.h"

/* EAL names its files PREFIXmap_NUMBER. */
static bool
is_of_prefix(const char *name, const char *prefix)
{
	static const char infix[] = "map_";
	size_t len = strlen(prefix);

	if (strncmp(name, prefix, len) != 0 || strncmp(name + len, infix, strlen(infix)) != 0)
		return false;
	name += len + strlen(infix);
	return *name != '\0' && name[strspn(name, "0123456789")] == '\0';
}

/* A living process has a shared lock on its files. */
static void
remove_unlocked(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(dir, name, 0);
	close(fd);
}

static void
remove_in(const char *path, const char *prefix)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (is_of_prefix(entry->d_name, prefix))
			remove_unlocked(dirfd(dir), entry->d_name);
	closedir(dir);
}

void
app_eal_huge_files_remove(const char *prefix)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *mount;

	if (mounts == NULL)
		return;
	while ((mount = getmntent(mounts)) != NULL)
		if (strcmp(mount->mnt_type, "hugetlbfs") == 0)
			remove_in(mount->mnt_dir, prefix);
	endmntent(mounts);
}
