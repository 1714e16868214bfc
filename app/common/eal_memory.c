/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The kind of EAL memory for users who name none, and whether that of others can be had. */

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <rte_common.h>

#include "eal_main_cpu.h"
#include "eal_memory.h"

/* Huge page sizes a kernel has at most. */
#define SIZES_MAX 16

/* Nodes a kernel has at most. */
#define NODES_MAX 1024

/* Huge pages of one size. */
struct pages {
	uint64_t kb; /* Size of one. */
	uint64_t total; /* On the node of the main lcore; on the machine, when that is not known. */
	uint64_t free;
	bool can_come; /* The kernel may make more on demand. */
};

struct machine {
	const char *root;
	int node; /* Of the main lcore; -1: not known, or a kernel without NUMA. */
	unsigned int nb_sizes;
	struct pages size[SIZES_MAX];
};

/* EAL takes any beginning of an option that only one has. The first of n options that is given; NULL: none. */
static const char *
given(const char *const options[], unsigned int n, int argc, char *const argv[])
{
	for (int i = 1; i < argc; i++) {
		size_t len = strcspn(argv[i], "=");

		if (len < strlen("--in-"))
			continue;
		for (unsigned int k = 0; k < n; k++) {
			if (strncmp(argv[i], options[k], len) == 0)
				return options[k];
		}
	}
	return NULL;
}

/* Return the option that chooses the kind of memory; NULL: none. */
static const char *
chosen(int argc, char *const argv[])
{
	static const char *const kinds[] = {"--in-memory", "--no-huge", "--huge-dir",
		"--huge-unlink", "--legacy-mem", "--single-file-segments"};

	return given(kinds, RTE_DIM(kinds), argc, argv);
}

/* Return the option that EAL refuses together with --no-huge; NULL: none. */
static const char *
huge_only(int argc, char *const argv[])
{
	static const char *const options[] = {
		"--socket-mem", "--numa-mem", "--match-allocations", "--huge-worker-stack"};

	return given(options, RTE_DIM(options), argc, argv);
}

/* One number in a file; 0 when it cannot be read. */
static uint64_t
read_number(const char *dir, const char *name)
{
	char path[PATH_MAX];
	unsigned long long n;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return 0;
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%llu", &n) != 1)
		n = 0;
	fclose(f);
	return n;
}

/* Find the directories of all huge page sizes of a node, or of the machine for -1; globfree() frees them. */
static bool
find_sizes(const char *root, int node, glob_t *found)
{
	char pattern[PATH_MAX], where[64] = "kernel/mm";
	int len;

	if (node >= 0)
		snprintf(where, sizeof(where), "devices/system/node/node%d", node);
	len = snprintf(pattern, sizeof(pattern), "%s/sys/%s/hugepages/hugepages-*kB", root, where);
	return len < (int)sizeof(pattern) && glob(pattern, 0, NULL, found) == 0;
}

/* Return the node EAL finds a CPU on, as it looks. */
static int
node_of_cpu(const char *root, int cpu)
{
	char path[PATH_MAX];

	for (int node = 0; cpu >= 0 && node < NODES_MAX; node++) {
		snprintf(path, sizeof(path), "%s/sys/devices/system/node/node%d/cpu%d", root, node,
			cpu);
		if (access(path, F_OK) == 0)
			return node;
	}
	return -1;
}

/* Pages on demand are counted for the whole machine. */
static bool
can_come(const char *root, uint64_t kb)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s/sys/kernel/mm/hugepages/hugepages-%llukB", root,
		(unsigned long long)kb);
	return read_number(dir, "nr_overcommit_hugepages") > read_number(dir, "surplus_hugepages");
}

static void
read_machine(struct machine *m, const char *root, int argc, char *const argv[])
{
	glob_t found;

	*m = (struct machine){
		.root = root, .node = node_of_cpu(root, app_eal_main_cpu(argc, argv))};
	if (!find_sizes(root, m->node, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc && m->nb_sizes < SIZES_MAX; i++) {
		const char *dir = found.gl_pathv[i];
		struct pages *size = &m->size[m->nb_sizes];

		size->kb = strtoull(strrchr(dir, '-') + 1, NULL, 10);
		size->total = read_number(dir, "nr_hugepages");
		size->free = read_number(dir, "free_hugepages");
		size->can_come = can_come(root, size->kb);
		m->nb_sizes += size->kb != 0;
	}
	globfree(&found);
}

static bool
to_be_had(const struct pages *size)
{
	return size->free != 0 || size->can_come;
}

static bool
pages_free(const struct machine *m)
{
	for (unsigned int i = 0; i < m->nb_sizes; i++) {
		if (to_be_had(&m->size[i]))
			return true;
	}
	return false;
}

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
place_of(const struct machine *m, uint64_t kb)
{
	for (unsigned int i = 0; i < m->nb_sizes; i++) {
		if (m->size[i].kb == kb)
			return (int)i;
	}
	return -1;
}

/*
 * Tell whether EAL gets huge pages by way of a hugetlbfs: of each page size it takes the first mount there
 * is, and one that it may not write to ends the search. If it gets none, *why has the reason.
 */
static bool
mounts_serve(const struct machine *m, char *why, size_t len)
{
	char path[PATH_MAX];
	bool seen[SIZES_MAX] = {false}, serve = false;
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
			serve = serve || to_be_had(&m->size[at]);
	}
	endmntent(mounts);
	return serve;
}

/* EAL asks where each huge page is that it takes, and gives it back when the kernel does not tell. */
static bool
may_ask(void)
{
	return syscall(SYS_get_mempolicy, NULL, NULL, 0UL, NULL, 0UL) == 0 || errno == ENOSYS;
}

const char *
app_eal_memory_choose(const char *root, int argc, char *const argv[], char *why, size_t size)
{
	const char *without = huge_only(argc, argv) == NULL ? "--no-huge" : NULL;
	struct machine m;

	if (chosen(argc, argv) != NULL)
		return NULL;
	read_machine(&m, root, argc, argv);
	if (!pages_free(&m)) {
		if (m.node >= 0)
			snprintf(why, size, "node %d, of the main lcore, has no free huge page",
				m.node);
		else
			snprintf(why, size, "no huge page is free");
		return without;
	}
	if (!may_ask()) {
		snprintf(why, size,
			"the kernel does not tell this process where huge pages are, and EAL wants "
			"to know: docker run --cap-add SYS_NICE");
		return without;
	}
	return mounts_serve(&m, why, size) ? NULL : "--in-memory";
}

const char *
app_eal_memory_argument(int argc, char *const argv[])
{
	char why[PATH_MAX];

	return app_eal_memory_choose("", argc, argv, why, sizeof(why));
}

/* Return the first node that has free huge pages; -1: none. */
static int
better_node(const char *root)
{
	for (int node = 0; node < NODES_MAX; node++) {
		uint64_t pages = 0;
		glob_t found;

		if (!find_sizes(root, node, &found))
			continue;
		for (size_t i = 0; i < found.gl_pathc; i++)
			pages += read_number(found.gl_pathv[i], "free_hugepages");
		globfree(&found);
		if (pages != 0)
			return node;
	}
	return -1;
}

int
app_eal_memory_check(const char *root, int argc, char *const argv[], struct app_error *err)
{
	const char *kind = chosen(argc, argv);
	char other[80] = "";
	struct machine m;
	int node;

	if (kind == NULL)
		kind = huge_only(argc, argv);
	if (kind == NULL || strcmp(kind, "--no-huge") == 0)
		return 0;
	read_machine(&m, root, argc, argv);
	if (m.node < 0)
		return 0;
	for (unsigned int i = 0; i < m.nb_sizes; i++) {
		/* Files of a process that is gone can hold pages until EAL removes them. */
		if (to_be_had(&m.size[i]) ||
			(m.size[i].total != 0 && strcmp(kind, "--in-memory") != 0))
			return 0;
	}
	node = better_node(root);
	if (node >= 0)
		snprintf(other, sizeof(other),
			", or name an lcore of node %d, which has some, by --main-lcore", node);
	return app_fail(err, APP_EXIT_RUN,
		"node %d, of the main lcore, has no free huge page, and EAL needs some there with "
		"%s: echo 64 > /sys/devices/system/node/node%d/hugepages/hugepages-2048kB/"
		"nr_hugepages%s; or give --no-huge instead",
		m.node, kind, m.node, other);
}
