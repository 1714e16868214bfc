/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads the sysfs files of one node of a machine: its CPUs, memory, huge pages and distances. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "machine_internal.h"

/* Take the memory out of r->file, which was read with result `ret`. 0, or -EIO with *wrong set. */
static int
take_memory(struct tidei_reading *r, int ret, struct tide_node *node, const char **wrong)
{
	uint64_t total, left;

	if (ret != 0) {
		*wrong = strerror(-ret);
		return -EIO;
	}
	if (!tidei_meminfo_bytes(r->file.text, "MemTotal:", &total) ||
		!tidei_meminfo_bytes(r->file.text, "MemFree:", &left)) {
		*wrong = "no MemTotal and MemFree in kB";
		return -EIO;
	}
	node->memory = total;
	/* The kernel does not count the two at one instant. */
	node->memory_free = RTE_MIN(left, total);
	return 0;
}

/* Returns 2097152 for "hugepages-2048kB"; 0 for any other form of name. */
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

/* Reads one number from a file of a huge page directory. 0, or -EIO with *wrong set. */
static int
read_pages(struct tidei_reading *r, const char *dir, const char *size, const char *name,
	uint64_t *pages, const char **wrong)
{
	int ret = tidei_textfile_read(&r->file, r->root, "%s/%s/%s", dir, size, name);

	*wrong = ret != 0 ? strerror(-ret) : "not a number of pages";
	if (ret == 0)
		ret = tidei_number_parse(r->file.text, strlen(r->file.text), UINT64_MAX, pages);
	return ret == 0 ? 0 : -EIO;
}

static void
read_huge(struct tidei_reading *r, const char *dir, const char *name, struct tide_node *node)
{
	struct tide_huge huge = {.page_size = huge_dir_size(name)};
	const char *wrong;

	if (huge.page_size == 0)
		return;
	if (read_pages(r, dir, name, "nr_hugepages", &huge.total, &wrong) != 0 ||
		read_pages(r, dir, name, "free_hugepages", &huge.free, &wrong) != 0) {
		tidei_reading_fault(r, wrong, "node %d counts as without such pages", node->id);
		return;
	}
	huge.free = RTE_MIN(huge.free, huge.total);
	huge.limit = tidei_cgroup_huge_limit(r->root, huge.page_size);
	if (tidei_node_add_huge(node, &huge) != 0)
		tidei_reading_fault(
			r, "more huge page sizes than any kernel has", "this one is left out");
}

/* Read all huge page sizes of a node; a kernel without huge pages has no directory, no fault. */
static void
read_huge_dir(struct tidei_reading *r, const char *dir, struct tide_node *node)
{
	struct dirent *entry;
	char path[PATH_MAX];
	DIR *d;

	if (snprintf(path, sizeof(path), "%s%s", r->root, dir) >= (int)sizeof(path))
		return;
	d = opendir(path);
	if (d == NULL)
		return;
	while ((entry = readdir(d)) != NULL)
		read_huge(r, dir, entry->d_name, node);
	closedir(d);
}

/* Returns the node that the link in a CPU's directory names; unknown: there is not exactly one. */
static int
linked_node(const struct tidei_reading *r, unsigned int cpu)
{
	static const char prefix[] = "node";
	const size_t len = strlen(prefix);
	int found = TIDE_NODE_UNKNOWN;
	struct dirent *entry;
	char path[PATH_MAX];
	bool several = false;
	uint64_t id;
	DIR *d;

	if (snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/cpu%u", r->root, cpu) >=
		(int)sizeof(path))
		return TIDE_NODE_UNKNOWN;
	d = opendir(path);
	if (d == NULL)
		return TIDE_NODE_UNKNOWN;
	while ((entry = readdir(d)) != NULL) {
		const char *number = entry->d_name + len;

		if (strncmp(entry->d_name, prefix, len) != 0 ||
			tidei_number_parse(number, strlen(number), TIDE_NODE_MAX - 1, &id) != 0)
			continue;
		several = found != TIDE_NODE_UNKNOWN;
		found = (int)id;
	}
	closedir(d);
	return several ? TIDE_NODE_UNKNOWN : found;
}

/*
 * Decides whether this node has a CPU that a node before it lists too: with numa=fake every CPU is on
 * several nodes.
 */
static bool
wins_cpu(struct tidei_reading *r, int id, unsigned int cpu)
{
	int before = r->topo->cpu_node[cpu], linked = linked_node(r, cpu);

	if (tide_topology_node(r->topo, linked) == NULL) {
		tidei_reading_fault(r,
			"lists CPUs of another node, and no link of these CPUs names theirs",
			"CPU %u counts to node %d", cpu, before);
		return false;
	}
	if (linked != id)
		return false;
	tidei_topology_drop_cpu(r->topo, cpu);
	return true;
}

static void
set_cpus(struct tidei_reading *r, int id, struct tidei_idset *cpus)
{
	unsigned int clash;

	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++)
		if (tidei_idset_has(cpus, cpu) && r->topo->cpu_node[cpu] != TIDE_NODE_UNKNOWN &&
			!wins_cpu(r, id, cpu))
			tidei_idset_remove(cpus, cpu);
	tidei_topology_set_cpus(r->topo, id, cpus, &clash);
}

static bool
alone(const struct tidei_reading *r)
{
	return r->topo->nb_nodes == 1;
}

/* Reads all CPUs of the machine, for its only node. */
static void
read_all_cpus(struct tidei_reading *r, int id)
{
	int ret = tidei_textfile_read(&r->file, r->root, "/sys/devices/system/cpu/online");
	struct tidei_idset cpus;
	const char *wrong;

	if (tidei_reading_list(r, ret, TIDE_CPU_MAX, &cpus, &wrong) != 0) {
		/* Every kernel has this file: if it is hidden, nodes may be hidden too. */
		r->partial = true;
		tidei_reading_fault(r, wrong, "the CPUs this process may use are taken instead");
		cpus = r->cpus_allowed;
	}
	set_cpus(r, id, &cpus);
}

static void
read_cpus(struct tidei_reading *r, int id)
{
	int ret = tidei_textfile_read(&r->file, r->root, NODE_DIR "/node%d/cpulist", id);
	struct tidei_idset cpus;
	const char *wrong;

	if (tidei_reading_list(r, ret, TIDE_CPU_MAX, &cpus, &wrong) == 0) {
		set_cpus(r, id, &cpus);
	} else if (alone(r)) {
		tidei_reading_fault(r, wrong, "all CPUs count to the only node");
		read_all_cpus(r, id);
	} else {
		tidei_reading_fault(r, wrong, "node %d counts as without CPUs", id);
	}
}

/* Reads all memory of the machine, for its only node. */
static void
read_all_memory(struct tidei_reading *r, struct tide_node *node)
{
	int ret = tidei_textfile_read(&r->file, r->root, "/proc/meminfo");
	const char *wrong;

	if (take_memory(r, ret, node, &wrong) != 0)
		tidei_reading_fault(r, wrong, "no memory is known");
}

static void
read_memory(struct tidei_reading *r, struct tide_node *node)
{
	int ret = tidei_textfile_read(&r->file, r->root, NODE_DIR "/node%d/meminfo", node->id);
	const char *wrong;

	if (take_memory(r, ret, node, &wrong) == 0)
		return;
	if (alone(r)) {
		tidei_reading_fault(r, wrong, "all memory counts to the only node");
		read_all_memory(r, node);
	} else {
		r->partial = true;
		tidei_reading_fault(r, wrong, "node %d counts as without memory", node->id);
	}
}

/* Parses "10 21 17", at most max numbers; returns how many there are, or -EINVAL: other text. */
static int
split_numbers(const char *at, uint64_t *values, unsigned int max)
{
	unsigned int n = 0;

	for (at += strspn(at, " "); *at != '\0'; at += strspn(at, " ")) {
		size_t digits = strspn(at, "0123456789");

		if (n == max || tidei_number_parse(at, digits, UINT64_MAX, &values[n]) != 0)
			return -EINVAL;
		at += digits;
		n++;
	}
	return (int)n;
}

/* Takes a distance if it is possible; 0 is none: some architectures have no table of distances. */
static bool
take_distance(const struct tidei_reading *r, unsigned int from, int to, uint64_t d)
{
	if (d == 0)
		return true;
	if (d < DISTANCE_LOCAL || d > DISTANCE_MAX)
		return false;
	if ((int)from == to)
		return d == DISTANCE_LOCAL;
	if (to >= 0)
		*tidei_distance_at(r->topo, from, (unsigned int)to) = (uint8_t)d;
	return true;
}

/* Takes a row: a column for each online node, ascending by id. Returns how many are impossible. */
static unsigned int
take_row(const struct tidei_reading *r, unsigned int from, const uint64_t *values)
{
	unsigned int bad = 0;

	for (unsigned int id = 0; id < TIDE_NODE_MAX; id++)
		if (tidei_idset_has(&r->online, id) &&
			!take_distance(r, from, r->topo->index[id], *values++))
			bad++;
	return bad;
}

/* Reads the distances, which are hints: if one is missing or impossible, the default stays. */
static void
read_distances(struct tidei_reading *r, unsigned int from)
{
	int ret = tidei_textfile_read(
		&r->file, r->root, NODE_DIR "/node%d/distance", r->topo->nodes[from].id);
	const char *wrong = ret != 0 ? strerror(-ret) : "not a distance for each online node";
	uint64_t values[TIDE_NODE_MAX];
	int columns = 0;

	for (unsigned int id = 0; id < TIDE_NODE_MAX; id++)
		columns += tidei_idset_has(&r->online, id);
	if (ret == 0 && split_numbers(r->file.text, values, RTE_DIM(values)) == columns &&
		take_row(r, from, values) == 0)
		return;
	tidei_reading_fault(r, wrong, "%d is used for an unknown distance", DISTANCE_REMOTE);
}

void
tidei_reading_node(struct tidei_reading *r, unsigned int i)
{
	struct tide_node *node = &r->topo->nodes[i];
	char dir[64];

	read_cpus(r, node->id);
	read_memory(r, node);
	snprintf(dir, sizeof(dir), NODE_DIR "/node%d/hugepages", node->id);
	read_huge_dir(r, dir, node);
	read_distances(r, i);
}

void
tidei_reading_flat(struct tidei_reading *r)
{
	struct tide_node *node = &r->topo->nodes[0];

	read_all_cpus(r, node->id);
	read_all_memory(r, node);
	read_huge_dir(r, "/sys/kernel/mm/hugepages", node);
}
