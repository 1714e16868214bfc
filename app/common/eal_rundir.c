/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Removes EAL's run-time directory and its files in a hugetlbfs. */

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_eal.h>

#include "eal_rundir.h"
#include "tide_eal_files.h"

/* A primary process holds a write lock on `config` as long as it lives. */
static bool
held_by_another(int dir)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = openat(dir, "config", O_RDWR | O_CLOEXEC);
	bool held;

	if (fd < 0)
		return false;
	held = fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type != F_UNLCK;
	close(fd);
	return held;
}

/* Only files that EAL and the library make are removed; with any other file the directory stays. */
static bool
is_known(const char *name)
{
	static const char *const starts[] = {
		"config", "fbarray_", "hugepage_", "mp_socket", "tide_telemetry."};

	for (unsigned int i = 0; i < RTE_DIM(starts); i++) {
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	}
	return false;
}

static bool keeps_huge_files;

static void
remove_rundir(void)
{
	const char *path = rte_eal_get_runtime_dir();
	struct dirent *entry;
	DIR *dir;

	if (path == NULL || path[0] == '\0')
		return;
	dir = opendir(path);
	if (dir == NULL)
		return;
	if (!held_by_another(dirfd(dir))) {
		if (!keeps_huge_files)
			tide_eal_files_remove(strrchr(path, '/') + 1);
		while ((entry = readdir(dir)) != NULL) {
			if (is_known(entry->d_name))
				unlinkat(dirfd(dir), entry->d_name, 0);
		}
		rmdir(path);
	}
	closedir(dir);
}

void
app_eal_rundir_remove_at_exit(bool keep_huge_files)
{
	keeps_huge_files = keep_huge_files;
	atexit(remove_rundir);
}
