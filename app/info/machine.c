/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info: gathers the facts about a machine. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_pci.h>

#include "machine.h"

/* A file of more is no description of a machine. */
#define FILE_MAX ((size_t)4 << 20)

/* Nodes of which every pair is measured; 5 ms each. */
#define MEASURED_MAX 32

static bool
measurable(const struct tide_node *from, const struct tide_node *to)
{
	return from->nb_cpus_allowed != 0 && to->memory != 0 && to->mem_allowed;
}

/* A pair that cannot be measured stays without a figure, which the reports say. */
static void
measure(const struct machine *m)
{
	unsigned int n = tide_topology_nb_nodes(m->topo);

	rte_log_set_level_pattern("lib.tide.topology", RTE_LOG_ERR);
	for (unsigned int i = 0; n <= MEASURED_MAX && i < n * n; i++) {
		const struct tide_node *from = tide_topology_node_at(m->topo, i / n);
		const struct tide_node *to = tide_topology_node_at(m->topo, i % n);

		if (measurable(from, to))
			tide_topology_measure(m->topo, from->id, to->id);
	}
	rte_log_set_level_pattern("lib.tide.topology", RTE_LOG_NOTICE);
}

static int
read_this(struct machine *m, bool latency, struct app_error *err)
{
	unsigned int n;

	m->topo = tide_topology_create();
	if (m->topo == NULL)
		return app_fail(err, APP_EXIT_RUN,
			"this machine cannot be read: %s; sysfs on /sys and procfs on /proc must "
			"be "
			"readable",
			rte_strerror(rte_errno));
	/* Every kernel has this directory, also without NUMA. */
	m->no_sysfs = access("/sys/devices/system/cpu", R_OK) != 0;
	n = tide_nics_read(m->topo, m->nic, MACHINE_NICS_MAX);
	m->nb_nics = RTE_MIN(n, (unsigned int)MACHINE_NICS_MAX);
	m->nics_left_out = n - m->nb_nics;
	n = tide_eal_files_read(m->files, MACHINE_FILES_MAX);
	m->nb_files = RTE_MIN(n, (unsigned int)MACHINE_FILES_MAX);
	m->memory_room = tide_process_memory_room();
	for (unsigned int i = 0; i < tide_topology_node_at(m->topo, 0)->nb_huge; i++)
		m->huge_room[i] = tide_process_huge_room(
			tide_topology_node_at(m->topo, 0)->huge[i].page_size);
	for (int i = 0; i < TIDE_CAPABILITY_COUNT; i++)
		tide_process_capability(i, &m->capability[i]);
	if (latency)
		measure(m);
	return 0;
}

/* Read a file to its end. NULL with err filled; the caller frees the text. */
static char *
read_file(const char *path, struct app_error *err)
{
	FILE *in = fopen(path, "re");
	char *text = malloc(FILE_MAX + 1);
	size_t len = 0;

	if (in != NULL && text != NULL)
		len = fread(text, 1, FILE_MAX + 1, in);
	if (text == NULL)
		app_fail(err, APP_EXIT_RUN, "out of memory");
	else if (in == NULL || ferror(in))
		app_fail(err, APP_EXIT_RUN, "%.500s: cannot be read: %s", path, strerror(errno));
	else if (len > FILE_MAX)
		app_fail(err, APP_EXIT_USAGE,
			"%s: larger than any description of a machine, 4 MB at most", path);
	else if (memchr(text, '\0', len) != NULL)
		app_fail(err, APP_EXIT_USAGE, "%s: not a text", path);
	if (in != NULL)
		fclose(in);
	if (err->code == 0) {
		text[len] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

int
machine_init(struct machine *m, const char *file, bool latency, struct app_error *err)
{
	char *text;
	int rc;

	memset(m, 0, sizeof(*m));
	m->file = file;
	m->memory_room = UINT64_MAX;
	for (unsigned int i = 0; i < TIDE_HUGE_SIZES_MAX; i++)
		m->huge_room[i] = UINT64_MAX;
	if (file == NULL)
		return read_this(m, latency, err);
	text = read_file(file, err);
	if (text == NULL)
		return -1;
	rc = machine_parse(m, file, text, err);
	free(text);
	return rc;
}

void
machine_fini(struct machine *m)
{
	tide_topology_free(m->topo);
	m->topo = NULL;
}

const struct tide_nic *
machine_nic(const struct machine *m, const char *address)
{
	char name[PCI_PRI_STR_SIZE];
	struct rte_pci_addr addr;

	if (rte_pci_addr_parse(address, &addr) != 0)
		return NULL;
	rte_pci_device_name(&addr, name, sizeof(name));
	for (unsigned int i = 0; i < m->nb_nics; i++) {
		if (strcmp(m->nic[i].address, name) == 0)
			return &m->nic[i];
	}
	return NULL;
}

uint64_t
machine_huge_total(const struct tide_node *node)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < node->nb_huge; i++)
		bytes += node->huge[i].total * node->huge[i].page_size;
	return bytes;
}

uint64_t
machine_huge_free(const struct tide_node *node)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < node->nb_huge; i++)
		bytes += node->huge[i].free * node->huge[i].page_size;
	return bytes;
}

uint64_t
machine_huge_left(const struct machine *m, int node)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < m->nb_files; i++) {
		if (m->files[i].owner == TIDE_EAL_OWNER_DEAD && m->files[i].node == node)
			bytes += m->files[i].bytes;
	}
	return bytes;
}

uint64_t
machine_huge_room(const struct machine *m, uint64_t page_size)
{
	const struct tide_node *first = tide_topology_node_at(m->topo, 0);

	for (unsigned int i = 0; i < first->nb_huge; i++) {
		if (first->huge[i].page_size == page_size)
			return m->huge_room[i];
	}
	return UINT64_MAX;
}

unsigned int
machine_cpus(const struct machine *m)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < tide_topology_nb_nodes(m->topo); i++)
		n += tide_topology_node_at(m->topo, i)->nb_cpus;
	return n;
}

uint64_t
machine_memory(const struct machine *m)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < tide_topology_nb_nodes(m->topo); i++)
		bytes += tide_topology_node_at(m->topo, i)->memory;
	return bytes;
}
