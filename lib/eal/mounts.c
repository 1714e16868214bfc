/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Looks for a hugetlbfs that EAL can make files in. */

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "eal_internal.h"

/* kB in a page of a mount; 0: it does not say, as on kernels before 4.13, and has the default size. */
static uint64_t
mount_kb(const struct mntent *mount)
{
	const char *option = hasmntopt(mount, "pagesize");
	uint64_t n;
	char *end;

	if (option == NULL || option[strlen("pagesize")] != '=')
		return 0;
	n = strtoull(option + strlen("pagesize="), &end, 10);
	switch (*end) {
	case 'G':
		return n << 20;
	case 'M':
		return n << 10;
	case 'K':
		return n;
	default:
		return n >> 10;
	}
}

/* EAL makes files there. */
static bool
writable(const char *root, const struct mntent *mount)
{
	char path[PATH_MAX];

	return hasmntopt(mount, "ro") == NULL &&
	       snprintf(path, sizeof(path), "%s%s", root, mount->mnt_dir) < (int)sizeof(path) &&
	       faccessat(AT_FDCWD, path, R_OK | W_OK | X_OK, AT_EACCESS) == 0;
}

/* EAL takes the name as /proc/mounts writes it, where a space is "\\040". */
static bool
readable_name(const struct mntent *mount)
{
	return strpbrk(mount->mnt_dir, " \t\n\\") == NULL;
}

/* A mount can be limited by its option size, as those of containers are. */
static bool
full(const char *root, const struct mntent *mount)
{
	char path[PATH_MAX];
	struct statfs fs;

	return snprintf(path, sizeof(path), "%s%s", root, mount->mnt_dir) < (int)sizeof(path) &&
	       statfs(path, &fs) == 0 && fs.f_type == HUGETLBFS_MAGIC && fs.f_blocks != 0 &&
	       fs.f_bavail == 0;
}

static int
place_of(const struct tidei_eal_machine *m, uint64_t kb)
{
	for (unsigned int i = 0; i < m->nb_sizes; i++) {
		if (m->size[i].kb == kb)
			return (int)i;
	}
	return -1;
}

bool
tidei_eal_mounts_serve(const struct tidei_eal_machine *m, char *why, size_t len)
{
	char path[PATH_MAX];
	bool seen[TIDEI_EAL_SIZES_MAX] = {false}, serve = false;
	const struct mntent *mount;
	FILE *mounts;

	snprintf(why, len, "no hugetlbfs of free huge pages is mounted");
	snprintf(path, sizeof(path), "%s/proc/mounts", m->root);
	mounts = setmntent(path, "re");
	if (mounts == NULL)
		return false;
	while ((mount = getmntent(mounts)) != NULL) {
		uint64_t kb = mount_kb(mount);
		int at = place_of(m, kb != 0 ? kb : 2048);

		if (strcmp(mount->mnt_type, "hugetlbfs") != 0 || at < 0 || seen[at])
			continue;
		seen[at] = true;
		if (!readable_name(mount)) {
			snprintf(why, len, "EAL cannot open %s, for the characters in its name",
				mount->mnt_dir);
			serve = false;
			break;
		}
		if (!writable(m->root, mount)) {
			snprintf(why, len, "this user may not write to %s", mount->mnt_dir);
			serve = false;
			break;
		}
		if (full(m->root, mount))
			snprintf(why, len, "%s is full: its option size lets it have no more pages",
				mount->mnt_dir);
		else
			serve = serve || tidei_eal_pages_available(&m->size[at]);
	}
	endmntent(mounts);
	return serve;
}
