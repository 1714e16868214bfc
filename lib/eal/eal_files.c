/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds EAL's files in the hugetlbfs mounts, and those that a dead process left. */

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mempolicy.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "eal_internal.h"
#include "tide_eal_files.h"

/* Units of st_blocks, see stat(3type). */
#define BLOCK 512

/* Seconds within which the EAL that made a file locks it. */
#define SECONDS_TO_LOCK 2

/* A lock of flock(2) that a process has on a file. */
struct lock {
	dev_t dev;
	ino_t ino;
	pid_t pid;
};

struct locks {
	struct lock *lock;
	size_t nb;
};

/* A call for each file: dir is its mount, prefix_len the length of its prefix. */
typedef void file_fn(int dir, const char *path, const char *name, size_t prefix_len, void *arg);

/* Return the length of the prefix in a name "PREFIXmap_NUMBER", as EAL makes them; 0: another name. */
static size_t
prefix_length(const char *name)
{
	static const char infix[] = "map_";
	size_t len = strlen(name);

	while (len > 0 && isdigit((unsigned char)name[len - 1]))
		len--;
	if (name[len] == '\0' || len <= strlen(infix))
		return 0;
	len -= strlen(infix);
	return strncmp(name + len, infix, strlen(infix)) == 0 ? len : 0;
}

static void
walk_mount(const char *root, const char *mount, file_fn *fn, void *arg)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	if (snprintf(path, sizeof(path), "%s%s", root, mount) >= (int)sizeof(path))
		return;
	dir = opendir(path);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		size_t len = prefix_length(entry->d_name);

		if (len != 0)
			fn(dirfd(dir), mount, entry->d_name, len, arg);
	}
	closedir(dir);
}

/* Tell whether a mount covers an earlier one, or is one more of the same files. */
static bool
seen_before(const char *root, const struct mntent *mount, dev_t *seen, unsigned int *nb_seen,
	unsigned int max)
{
	char path[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s%s", root, mount->mnt_dir) >= (int)sizeof(path) ||
		stat(path, &st) != 0)
		return true;
	for (unsigned int i = 0; i < *nb_seen; i++) {
		/* Directories of a test are on one device. */
		if (root[0] == '\0' && seen[i] == st.st_dev)
			return true;
	}
	if (*nb_seen < max)
		seen[(*nb_seen)++] = st.st_dev;
	return false;
}

static void
walk_files(const char *root, file_fn *fn, void *arg)
{
	dev_t seen[16];
	unsigned int nb_seen = 0;
	char path[PATH_MAX];
	const struct mntent *mount;
	FILE *mounts;

	snprintf(path, sizeof(path), "%s/proc/self/mounts", root);
	mounts = setmntent(path, "re");
	if (mounts == NULL)
		return;
	while ((mount = getmntent(mounts)) != NULL) {
		if (strcmp(mount->mnt_type, "hugetlbfs") == 0 &&
			!seen_before(root, mount, seen, &nb_seen, RTE_DIM(seen)))
			walk_mount(root, mount->mnt_dir, fn, arg);
	}
	endmntent(mounts);
}

/* Read a line of /proc/locks, as "1: FLOCK  ADVISORY  READ  71 00:2c:5643 0 EOF"; false: it is another. */
static bool
parse_lock(const char *line, struct lock *lock)
{
	unsigned int major, minor;
	unsigned long ino;
	int pid;

	if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%lu", &pid, &major, &minor, &ino) != 4 ||
		pid <= 0)
		return false;
	*lock = (struct lock){makedev(major, minor), ino, pid};
	return true;
}

static void
read_locks(const char *root, struct locks *locks)
{
	char path[PATH_MAX], *line = NULL;
	size_t size = 0;
	FILE *file;

	*locks = (struct locks){NULL, 0};
	snprintf(path, sizeof(path), "%s/proc/locks", root);
	file = fopen(path, "re");
	if (file == NULL)
		return;
	while (getline(&line, &size, file) > 0) {
		struct lock lock, *more;

		if (!parse_lock(line, &lock))
			continue;
		more = realloc(locks->lock, (locks->nb + 1) * sizeof(*more));
		if (more == NULL)
			break;
		locks->lock = more;
		locks->lock[locks->nb++] = lock;
	}
	free(line);
	fclose(file);
}

static pid_t
owner_of(const struct locks *locks, const struct stat *st)
{
	for (size_t i = 0; i < locks->nb; i++) {
		if (locks->lock[i].dev == st->st_dev && locks->lock[i].ino == st->st_ino)
			return locks->lock[i].pid;
	}
	return 0;
}

/* Return the node of the first page of a file. All pages exist, so to touch one takes none. */
static int
page_node(int fd, const struct stat *st, size_t page_size)
{
	int node = TIDE_NODE_UNKNOWN;
	void *page;

	if (st->st_size <= 0 || (uint64_t)st->st_blocks * BLOCK < (uint64_t)st->st_size)
		return TIDE_NODE_UNKNOWN;
	page = mmap(NULL, page_size, PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return TIDE_NODE_UNKNOWN;
	if (syscall(SYS_get_mempolicy, &node, NULL, 0UL, page, MPOL_F_NODE | MPOL_F_ADDR) != 0)
		node = TIDE_NODE_UNKNOWN;
	munmap(page, page_size);
	return node;
}

/* Tell whether no process has a lock on a file, also none of another container. */
static bool
unlocked(int fd, const struct stat *st)
{
	if (time(NULL) - st->st_mtime < SECONDS_TO_LOCK || flock(fd, LOCK_EX | LOCK_NB) != 0)
		return false;
	flock(fd, LOCK_UN);
	return true;
}

struct listing {
	const struct locks *locks;
	struct tide_eal_files *files;
	unsigned int nb, max;
};

static bool
same_group(const struct tide_eal_files *a, const struct tide_eal_files *b)
{
	return strcmp(a->directory, b->directory) == 0 && strcmp(a->prefix, b->prefix) == 0 &&
	       a->owner == b->owner && a->pid == b->pid && a->node == b->node;
}

static void
add_file(struct listing *listing, const struct tide_eal_files *file)
{
	for (unsigned int i = 0; i < listing->nb; i++) {
		if (!same_group(&listing->files[i], file))
			continue;
		listing->files[i].files++;
		listing->files[i].bytes += file->bytes;
		return;
	}
	listing->files[listing->nb++] = *file;
}

static void
list_file(int dir, const char *path, const char *name, size_t prefix_len, void *arg)
{
	struct tide_eal_files file = {.node = TIDE_NODE_UNKNOWN, .files = 1};
	struct listing *listing = arg;
	struct statfs fs;
	struct stat st;
	int fd;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode) ||
		listing->nb == listing->max || strlen(path) >= sizeof(file.directory))
		return;
	snprintf(file.directory, sizeof(file.directory), "%s", path);
	snprintf(file.prefix, sizeof(file.prefix), "%.*s", (int)prefix_len, name);
	file.page_size = fstatfs(dir, &fs) == 0 ? (uint64_t)fs.f_bsize : 0;
	file.bytes = (uint64_t)st.st_blocks * BLOCK;
	file.pid = owner_of(listing->locks, &st);
	file.owner = file.pid != 0 ? TIDE_EAL_OWNER_ALIVE : TIDE_EAL_OWNER_UNKNOWN;
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0) {
		file.node = page_node(fd, &st, file.page_size);
		if (file.pid == 0)
			file.owner = unlocked(fd, &st) ? TIDE_EAL_OWNER_DEAD : TIDE_EAL_OWNER_ALIVE;
		close(fd);
	}
	add_file(listing, &file);
}

/* Most groups: mounts times prefixes times nodes. */
#define GROUPS_MAX 1024

unsigned int
tidei_eal_files_read(const char *root, struct tide_eal_files *files, unsigned int max)
{
	struct tide_eal_files *all = calloc(GROUPS_MAX, sizeof(*all));
	struct listing listing = {.files = all, .max = all == NULL ? 0 : GROUPS_MAX};
	struct locks locks;

	read_locks(root, &locks);
	listing.locks = &locks;
	walk_files(root, list_file, &listing);
	for (unsigned int i = 0; i < listing.nb && i < max; i++)
		files[i] = all[i];
	free(locks.lock);
	free(all);
	return listing.nb;
}

unsigned int
tide_eal_files_read(struct tide_eal_files *files, unsigned int max)
{
	return tidei_eal_files_read("", files, max);
}

struct removal {
	const char *prefix;
	unsigned int removed;
};

/* A living process has a shared lock on its files. */
static void
remove_unlocked(int dir, const char *path, const char *name, size_t prefix_len, void *arg)
{
	struct removal *removal = arg;
	int fd;

	if (strlen(removal->prefix) != prefix_len ||
		strncmp(name, removal->prefix, prefix_len) != 0)
		return;
	fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && unlinkat(dir, name, 0) == 0)
		removal->removed++;
	close(fd);
}

unsigned int
tidei_eal_files_remove(const char *root, const char *prefix)
{
	struct removal removal = {.prefix = prefix};

	walk_files(root, remove_unlocked, &removal);
	return removal.removed;
}

unsigned int
tide_eal_files_remove(const char *prefix)
{
	return tidei_eal_files_remove("", prefix);
}
