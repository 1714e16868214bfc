/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Reads the machine from sysfs and procfs. libnuma would serve for most of it, but it ends the
 * process when memory is short, prints, and cannot be pointed at another machine's files.
 */

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_errno.h>

#include "topology_internal.h"
#include "tide_log.h"

#define NODE_DIR "/sys/devices/system/node"

struct reading {
	const char *root;
	const struct tidei_policy *policy;
	struct tide_topology *topo;
	struct tidei_textfile file; /* The file being read. */
};

/* Say which file is missing or wrong, and how. */
static int
complain(const struct reading *r, const char *what)
{
	TIDE_LOG(topology, ERR, "%s: %s; sysfs on /sys and procfs on /proc must be readable",
		r->file.path, what);
	return -EIO;
}

/* Read the file that was opened with `ret` as a list of ids. */
static int
take_list(struct reading *r, int ret, unsigned int max, struct tidei_idset *set)
{
	memset(set, 0, sizeof(*set));
	if (ret != 0)
		return complain(r, strerror(-ret));
	if (tidei_idset_parse(set, r->file.text, strlen(r->file.text), max) != 0)
		return complain(r, "not a list of ids in range");
	return 0;
}

/* The number after "Name:" in a file such as meminfo, in kB; false when there is none. */
static bool
find_kb(const char *text, const char *name, uint64_t *bytes)
{
	const char *at = strstr(text, name);
	uint64_t kb;

	if (at == NULL)
		return false;
	at += strlen(name);
	at += strspn(at, " \t");
	if (tidei_number_parse(at, strspn(at, "0123456789"), UINT64_MAX >> 10, &kb) != 0)
		return false;
	*bytes = kb << 10;
	return true;
}

static int
take_memory(struct reading *r, int ret, struct tide_node *node)
{
	if (ret != 0)
		return complain(r, strerror(-ret));
	if (!find_kb(r->file.text, "MemTotal:", &node->memory) ||
		!find_kb(r->file.text, "MemFree:", &node->memory_free))
		return complain(r, "no MemTotal and MemFree in kB");
	/* The two are not counted at one instant. */
	node->memory_free = RTE_MIN(node->memory_free, node->memory);
	return 0;
}

/* One number in a file of a huge page folder. */
static int
read_pages(struct reading *r, const char *dir, const char *size, const char *name, uint64_t *pages)
{
	int ret = tidei_textfile_read(&r->file, r->root, "%s/%s/%s", dir, size, name);

	if (ret != 0)
		return complain(r, strerror(-ret));
	if (tidei_number_parse(r->file.text, strlen(r->file.text), UINT64_MAX, pages) != 0)
		return complain(r, "not a number of pages");
	return 0;
}

/* "hugepages-2048kB" -> 2097152; 0 when the name is another. */
static uint64_t
huge_dir_size(const char *name)
{
	static const char prefix[] = "hugepages-";
	size_t digits;
	uint64_t kb;

	if (strncmp(name, prefix, strlen(prefix)) != 0)
		return 0;
	name += strlen(prefix);
	digits = strspn(name, "0123456789");
	if (strcmp(name + digits, "kB") != 0)
		return 0;
	return tidei_number_parse(name, digits, UINT64_MAX >> 10, &kb) == 0 ? kb << 10 : 0;
}

static int
read_huge(struct reading *r, const char *dir, const char *name, struct tide_node *node)
{
	struct tide_huge huge = {.page_size = huge_dir_size(name)};

	if (huge.page_size == 0)
		return 0;
	if (read_pages(r, dir, name, "nr_hugepages", &huge.total) != 0 ||
		read_pages(r, dir, name, "free_hugepages", &huge.free) != 0)
		return -EIO;
	huge.free = RTE_MIN(huge.free, huge.total);
	huge.limit = tidei_cgroup_huge_limit(r->root, huge.page_size);
	if (tidei_node_add_huge(node, &huge) != 0)
		return complain(r, "more huge page sizes than any kernel has");
	return 0;
}

/* Read all huge page sizes of a node; a kernel without huge pages has no folder and that is fine. */
static int
read_huge_dir(struct reading *r, const char *dir, struct tide_node *node)
{
	struct dirent *entry;
	char path[PATH_MAX];
	int ret = 0;
	DIR *d;

	if (snprintf(path, sizeof(path), "%s%s", r->root, dir) >= (int)sizeof(path))
		return 0;
	d = opendir(path);
	if (d == NULL)
		return 0;
	while (ret == 0 && (entry = readdir(d)) != NULL)
		ret = read_huge(r, dir, entry->d_name, node);
	closedir(d);
	return ret;
}

static int
set_cpus(struct reading *r, const struct tide_node *node, const struct tidei_idset *cpus)
{
	unsigned int clash;

	if (tidei_topology_set_cpus(r->topo, node->id, cpus, &clash) != 0)
		return complain(r, "a CPU of this node is on another node too");
	return 0;
}

/* "10 21 17": the distances to all online nodes in ascending order of id. */
static int
read_distances(struct reading *r, unsigned int from)
{
	int ret = tidei_textfile_read(
		&r->file, r->root, NODE_DIR "/node%d/distance", r->topo->nodes[from].id);
	const char *at = r->file.text;

	if (ret != 0)
		return complain(r, strerror(-ret));
	for (unsigned int to = 0; to < r->topo->nb_nodes; to++) {
		size_t digits;
		uint64_t d;

		at += strspn(at, " ");
		digits = strspn(at, "0123456789");
		if (tidei_number_parse(at, digits, DISTANCE_MAX, &d) != 0 || d < DISTANCE_LOCAL ||
			(from == to && d != DISTANCE_LOCAL))
			return complain(r, "not a distance for each online node");
		*tidei_distance_at(r->topo, from, to) = d;
		at += digits;
	}
	if (at[strspn(at, " ")] != '\0')
		return complain(r, "more distances than online nodes");
	return 0;
}

static int
read_node(struct reading *r, unsigned int i)
{
	struct tide_node *node = &r->topo->nodes[i];
	struct tidei_idset cpus;
	char dir[64];
	int ret;

	ret = tidei_textfile_read(&r->file, r->root, NODE_DIR "/node%d/cpulist", node->id);
	if (take_list(r, ret, TIDE_CPU_MAX, &cpus) != 0 || set_cpus(r, node, &cpus) != 0)
		return -EIO;
	ret = tidei_textfile_read(&r->file, r->root, NODE_DIR "/node%d/meminfo", node->id);
	if (take_memory(r, ret, node) != 0)
		return -EIO;
	snprintf(dir, sizeof(dir), NODE_DIR "/node%d/hugepages", node->id);
	if (read_huge_dir(r, dir, node) != 0)
		return -EIO;
	return read_distances(r, i);
}

/* A kernel built without NUMA: the machine is one node, 0. */
static int
read_flat(struct reading *r)
{
	struct tide_node *node = &r->topo->nodes[0];
	struct tidei_idset cpus;
	int ret;

	ret = tidei_textfile_read(&r->file, r->root, "/sys/devices/system/cpu/online");
	if (take_list(r, ret, TIDE_CPU_MAX, &cpus) != 0 || set_cpus(r, node, &cpus) != 0)
		return -EIO;
	ret = tidei_textfile_read(&r->file, r->root, "/proc/meminfo");
	if (take_memory(r, ret, node) != 0)
		return -EIO;
	return read_huge_dir(r, "/sys/kernel/mm/hugepages", node);
}

/* Add the ids of a list line such as "Cpus_allowed_list:\t0-3"; -ENOENT: no such line. */
static int
add_status_list(const char *status, const char *name, unsigned int max, struct tidei_idset *set)
{
	const char *at = strstr(status, name);

	if (at == NULL)
		return -ENOENT;
	at += strlen(name);
	at += strspn(at, " \t");
	return tidei_idset_parse(set, at, strcspn(at, "\n"), max);
}

/* Add the CPUs one thread may run on. A thread that has ended meanwhile has none. */
static int
add_thread(struct reading *r, const char *tid, struct tidei_idset *cpus)
{
	int ret = tidei_textfile_read(&r->file, r->root, "/proc/self/task/%s/status", tid);

	if (ret == -ENOENT || ret == -ESRCH)
		return 0;
	if (ret != 0)
		return complain(r, strerror(-ret));
	if (add_status_list(r->file.text, "\nCpus_allowed_list:", TIDE_CPU_MAX, cpus) != 0)
		return complain(r, "no valid Cpus_allowed_list");
	return 0;
}

/*
 * The CPUs any thread of this process may run on. The main thread alone would tell too little: EAL
 * pins it to one CPU, while its control threads keep what the process was given.
 */
static int
read_cpus_allowed(struct reading *r, struct tidei_idset *cpus)
{
	struct dirent *entry;
	int ret = 0;
	DIR *d;

	snprintf(r->file.path, sizeof(r->file.path), "%s/proc/self/task", r->root);
	d = opendir(r->file.path);
	if (d == NULL)
		return complain(r, strerror(errno));
	while (ret == 0 && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			ret = add_thread(r, entry->d_name, cpus);
	closedir(d);
	return ret;
}

static void
all_nodes(const struct tide_topology *topo, struct tidei_idset *nodes)
{
	for (unsigned int i = 0; i < topo->nb_nodes; i++)
		tidei_idset_add(nodes, topo->nodes[i].id);
}

static int
read_allowed(struct reading *r)
{
	struct tidei_idset cpus = {0}, cpuset = {0}, bound;
	int ret;

	if (read_cpus_allowed(r, &cpus) != 0)
		return -EIO;
	ret = tidei_textfile_read(&r->file, r->root, "/proc/self/status");
	if (ret != 0)
		return complain(r, strerror(-ret));
	ret = add_status_list(r->file.text, "\nMems_allowed_list:", TIDE_NODE_MAX, &cpuset);
	if (ret == -ENOENT) /* A kernel without cpusets. */
		all_nodes(r->topo, &cpuset);
	else if (ret != 0)
		return complain(r, "no valid Mems_allowed_list");
	bound = cpuset;
	tidei_policy_limit(r->policy, &bound);
	tidei_topology_allow(r->topo, &cpus, &cpuset, &bound);
	return 0;
}

/* Whether this kernel shows NUMA nodes at all. */
static bool
has_nodes(const char *root)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s" NODE_DIR, root) < (int)sizeof(path) &&
	       access(path, F_OK) == 0;
}

static int
read_ids(struct reading *r, struct tidei_idset *ids)
{
	int ret = tidei_textfile_read(&r->file, r->root, NODE_DIR "/online");

	if (take_list(r, ret, TIDE_NODE_MAX, ids) != 0)
		return -EIO;
	return r->file.text[0] == '\0' ? complain(r, "no node is online") : 0;
}

static int
read_nodes(struct reading *r)
{
	for (unsigned int i = 0; i < r->topo->nb_nodes; i++)
		if (read_node(r, i) != 0)
			return -EIO;
	return 0;
}

struct tide_topology *
tidei_topology_read(const char *root, const struct tidei_policy *policy)
{
	struct reading r = {.root = root, .policy = policy};
	struct tidei_idset ids = {.bits = {1}};
	bool flat = !has_nodes(root);

	if (!flat && read_ids(&r, &ids) != 0)
		goto failed;
	r.topo = tidei_topology_new(&ids);
	if (r.topo == NULL)
		return NULL;
	if ((flat ? read_flat(&r) : read_nodes(&r)) != 0 || read_allowed(&r) != 0)
		goto failed;
	assert(tidei_topology_check(r.topo) == 0);
	return r.topo;

failed:
	tide_topology_free(r.topo);
	rte_errno = EIO;
	return NULL;
}

struct tide_topology *
tide_topology_create(void)
{
	struct tidei_policy policy;

	tidei_policy_read(&policy);
	return tidei_topology_read("", &policy);
}
