/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads the facts that sysfs has of a device: its node, the CPUs near it, the bridges above it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology_friend.h"
#include "topology_internal.h"

/* Reads a node id from a file; the kernel's "none" is -1. False when there is no such file. */
static bool
read_node_file(const char *dir, int *node)
{
	struct tidei_textfile file;
	uint64_t id;

	*node = TIDE_NODE_UNKNOWN;
	if (tidei_textfile_read(&file, dir, "/numa_node") != 0)
		return false;
	if (tidei_number_parse(file.text, strlen(file.text), TIDE_NODE_MAX - 1, &id) == 0)
		*node = id;
	return *node != TIDE_NODE_UNKNOWN || strcmp(file.text, "-1") == 0;
}

static int
read_cpulist_node(const struct tide_topology *topo, const char *dir)
{
	struct tidei_textfile file;
	struct tidei_idset cpus = {0};

	if (tidei_textfile_read(&file, dir, "/local_cpulist") != 0 ||
		tidei_idset_parse(&cpus, file.text, strlen(file.text), TIDE_CPU_MAX) != 0)
		return TIDE_NODE_UNKNOWN;
	return tidei_topology_cpus_node(topo, &cpus);
}

/* Returns the first node on the way up from a device to the top of its tree. Overwrites `dir`. */
static int
read_parent_node(const struct tide_topology *topo, char *dir, const char *top)
{
	size_t len = strlen(top);

	for (;;) {
		char *slash = strrchr(dir, '/');
		int node;

		if (slash == NULL || strncmp(dir, top, len) != 0 || dir[len] != '/' ||
			slash <= dir + len)
			return TIDE_NODE_UNKNOWN;
		*slash = '\0';
		read_node_file(dir, &node);
		if (tide_topology_node(topo, node) != NULL)
			return node;
	}
}

bool
tidei_device_facts(const struct tide_topology *topo, const char *root, const char *link,
	struct tide_device_facts *facts)
{
	char path[PATH_MAX], dir[PATH_MAX], top[PATH_MAX];
	bool known;

	*facts =
		(struct tide_device_facts){TIDE_NODE_UNKNOWN, TIDE_NODE_UNKNOWN, TIDE_NODE_UNKNOWN};
	if (snprintf(path, sizeof(path), "%s%s", root, link) >= (int)sizeof(path) ||
		realpath(path, dir) == NULL)
		return false;
	known = read_node_file(dir, &facts->device_node);
	facts->cpulist_node = read_cpulist_node(topo, dir);
	if (snprintf(path, sizeof(path), "%s/sys/devices", root) < (int)sizeof(path) &&
		realpath(path, top) != NULL)
		facts->parent_node = read_parent_node(topo, dir, top);
	return known;
}

const char *
tidei_devargs_value(const char *args, const char *key, char *value, size_t size)
{
	size_t len = strlen(key);

	while (args != NULL && *args != '\0') {
		size_t item = strcspn(args, ",");

		if (item > len && args[len] == '=' && strncmp(args, key, len) == 0) {
			int got = snprintf(
				value, size, "%.*s", (int)(item - len - 1), args + len + 1);

			return got < (int)size ? value : NULL;
		}
		args += item + (args[item] != '\0');
	}
	return NULL;
}
