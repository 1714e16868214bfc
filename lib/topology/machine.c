/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Reads the machine from sysfs and procfs. libnuma could read most of it, but it ends the process when
 * memory is short, prints, and cannot read another machine's files.
 *
 * A node can come or go between two reads, so a reading that found a fault is repeated once. Faults of
 * the second reading are the machine's own: each loses only the facts of its file.
 */

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_errno.h>

#include "machine_internal.h"
#include "tide_log.h"

void
tidei_reading_fault(struct tidei_reading *r, const char *wrong, const char *fmt, ...)
{
	va_list ap;
	int len;

	if (r->nb_faults++ != 0)
		return;
	len = snprintf(r->first, sizeof(r->first), "%s: %s; ", r->file.path, wrong);
	if (len >= (int)sizeof(r->first))
		return;
	va_start(ap, fmt);
	vsnprintf(r->first + len, sizeof(r->first) - len, fmt, ap);
	va_end(ap);
}

int
tidei_reading_list(struct tidei_reading *r, int ret, unsigned int max, struct tidei_idset *set,
	const char **wrong)
{
	memset(set, 0, sizeof(*set));
	if (ret != 0) {
		*wrong = strerror(-ret);
		return -EIO;
	}
	if (tidei_idset_parse(set, r->file.text, strlen(r->file.text), max) == 0)
		return 0;
	memset(set, 0, sizeof(*set));
	*wrong = "not a list of ids in range";
	return -EIO;
}

static bool
empty(const struct tidei_idset *set)
{
	static const struct tidei_idset none;

	return memcmp(set, &none, sizeof(none)) == 0;
}

/* Tells whether a path below the root exists; r->file has the path afterwards. */
static bool
exists(struct tidei_reading *r, const char *path)
{
	return snprintf(r->file.path, sizeof(r->file.path), "%s%s", r->root, path) <
	               (int)sizeof(r->file.path) &&
	       access(r->file.path, F_OK) == 0;
}

/* Lists the nodes that have a directory. */
static void
list_folders(const struct tidei_reading *r, struct tidei_idset *ids)
{
	static const char prefix[] = "node";
	const size_t len = strlen(prefix);
	struct dirent *entry;
	char path[PATH_MAX];
	uint64_t id;
	DIR *d;

	if (snprintf(path, sizeof(path), "%s" NODE_DIR, r->root) >= (int)sizeof(path))
		return;
	d = opendir(path);
	if (d == NULL)
		return;
	while ((entry = readdir(d)) != NULL) {
		const char *number = entry->d_name + len;

		if (strncmp(entry->d_name, prefix, len) == 0 &&
			tidei_number_parse(number, strlen(number), TIDE_NODE_MAX - 1, &id) == 0)
			tidei_idset_add(ids, id);
	}
	closedir(d);
}

static void
read_online(struct tidei_reading *r)
{
	int ret = tidei_textfile_read(&r->file, r->root, NODE_DIR "/online");
	const char *wrong = "no node is online";

	if (tidei_reading_list(r, ret, TIDE_NODE_MAX, &r->online, &wrong) == 0 &&
		!empty(&r->online))
		return;
	list_folders(r, &r->online);
	r->partial = empty(&r->online);
	tidei_reading_fault(r, wrong, "the nodes that have a directory are used instead");
}

/* Tells whether a node has files: one that went offline is listed, but has no or an empty directory. */
static bool
has_files(struct tidei_reading *r, unsigned int id)
{
	static const char *const files[] = {"/cpulist", "/meminfo"};
	char path[64];

	for (unsigned int i = 0; i < RTE_DIM(files); i++) {
		snprintf(path, sizeof(path), NODE_DIR "/node%u%s", id, files[i]);
		if (exists(r, path))
			return true;
	}
	snprintf(path, sizeof(path), NODE_DIR "/node%u", id);
	r->partial = true;
	tidei_reading_fault(r, exists(r, path) ? "empty" : strerror(errno),
		"node %u is left out, like one that went offline", id);
	return false;
}

/* Lists the nodes; none if the kernel has no NUMA files, or none can be read. */
static void
read_ids(struct tidei_reading *r, struct tidei_idset *ids)
{
	memset(ids, 0, sizeof(*ids));
	if (!exists(r, NODE_DIR))
		return;
	read_online(r);
	for (unsigned int id = 0; id < TIDE_NODE_MAX; id++)
		if (tidei_idset_has(&r->online, id) && has_files(r, id))
			tidei_idset_add(ids, id);
}

static bool
has_memory(const struct tide_topology *topo)
{
	for (unsigned int i = 0; i < topo->nb_nodes; i++)
		if (topo->nodes[i].memory != 0)
			return true;
	return false;
}

static int
start(struct tidei_reading *r, const struct tidei_idset *ids)
{
	tide_topology_free(r->topo);
	r->topo = tidei_topology_new(ids);
	return r->topo == NULL ? -ENOMEM : 0;
}

/* Reads everything once. 0, -ENOMEM, or -EIO: no memory could be found at all. */
static int
read_once(struct tidei_reading *r)
{
	const struct tidei_idset only = {.bits = {1}};
	struct tidei_idset ids;

	r->nb_faults = 0;
	r->partial = false;
	memset(&r->cpus_allowed, 0, sizeof(r->cpus_allowed));
	tidei_reading_cpus_allowed(r);
	read_ids(r, &ids);
	if (!empty(&ids)) {
		if (start(r, &ids) != 0)
			return -ENOMEM;
		for (unsigned int i = 0; i < r->topo->nb_nodes; i++)
			tidei_reading_node(r, i);
	}
	/* A kernel without NUMA, or files that list no node: one node, 0. */
	if (empty(&ids) || !has_memory(r->topo)) {
		if (start(r, &only) != 0)
			return -ENOMEM;
		tidei_reading_flat(r);
	}
	if (!has_memory(r->topo))
		return -EIO;
	tidei_reading_allow(r);
	r->topo->partial = r->partial;
	return 0;
}

/* Logs all faults in one line: most often they have one cause. */
static void
warn(const struct tidei_reading *r)
{
	char more[48] = "";

	if (r->nb_faults == 0)
		return;
	if (r->nb_faults > 1)
		snprintf(more, sizeof(more), " (and %u more such files)", r->nb_faults - 1);
	TIDE_LOG(topology, WARNING, "%s%s", r->first, more);
}

static struct tide_topology *
read_machine(struct tidei_reading *r)
{
	int ret = read_once(r);

	if (ret == -EIO || (ret == 0 && r->nb_faults != 0))
		ret = read_once(r);
	if (ret == 0) {
		assert(tidei_topology_check(r->topo) == 0);
		return r->topo;
	}
	if (ret == -EIO)
		TIDE_LOG(topology, ERR, "%s; sysfs on /sys and procfs on /proc must be readable",
			r->first);
	tide_topology_free(r->topo);
	rte_errno = -ret;
	return NULL;
}

struct tide_topology *
tidei_topology_read(const char *root, const struct tidei_policy *policy)
{
	struct tidei_reading r = {.root = root, .policy = policy};
	struct tide_topology *topo = read_machine(&r);

	if (topo != NULL)
		warn(&r);
	return topo;
}

struct tide_topology *
tidei_topology_read_quietly(const char *root, const struct tidei_policy *policy)
{
	struct tidei_reading r = {.root = root, .policy = policy};

	return read_machine(&r);
}

struct tide_topology *
tide_topology_create(void)
{
	struct tidei_policy policy;

	tidei_policy_read(&policy);
	return tidei_topology_read("", &policy);
}
