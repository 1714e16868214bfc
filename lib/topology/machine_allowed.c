/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads which CPUs and memory this process may use: by its threads and by its cpuset. */

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "machine_internal.h"

/* Add the ids of a list line such as "Cpus_allowed_list:\t0-3"; -ENOENT: no such line. */
static int
add_status_list(const char *status, const char *name, unsigned int max, struct tidei_idset *set)
{
	const char *at = strstr(status, name);
	struct tidei_idset found = {0};
	int ret;

	if (at == NULL)
		return -ENOENT;
	at += strlen(name);
	at += strspn(at, " \t");
	ret = tidei_idset_parse(&found, at, strcspn(at, "\n"), max);
	for (unsigned int i = 0; ret == 0 && i < RTE_DIM(set->bits); i++)
		set->bits[i] |= found.bits[i];
	return ret;
}

/* Add the CPUs that the kernel says a thread may run on; 0: the caller. */
static void
add_affinity(pid_t tid, struct tidei_idset *cpus)
{
	cpu_set_t *set = CPU_ALLOC(TIDE_CPU_MAX);
	size_t size = CPU_ALLOC_SIZE(TIDE_CPU_MAX);

	if (set == NULL)
		return;
	CPU_ZERO_S(size, set);
	if (sched_getaffinity(tid, size, set) == 0) {
		for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++)
			if (CPU_ISSET_S(cpu, size, set))
				tidei_idset_add(cpus, cpu);
	}
	CPU_FREE(set);
}

/* Add the CPUs that one thread may run on. A thread that has ended meanwhile has none. */
static void
add_thread(struct tidei_reading *r, const char *name)
{
	int ret = tidei_textfile_read(&r->file, r->root, "/proc/self/task/%s/status", name);
	uint64_t tid = 0;

	if (ret == -ENOENT || ret == -ESRCH)
		return;
	if (ret == 0)
		ret = add_status_list(
			r->file.text, "\nCpus_allowed_list:", TIDE_CPU_MAX, &r->cpus_allowed);
	if (ret == 0)
		return;
	/* gVisor has no such line; sched_getaffinity(2) answers as well there. */
	if (ret != -ENOENT)
		tidei_reading_fault(
			r, "no valid Cpus_allowed_list", "sched_getaffinity(2) is asked instead");
	if (tidei_number_parse(name, strlen(name), INT_MAX, &tid) == 0)
		add_affinity((pid_t)tid, &r->cpus_allowed);
}

/*
 * Reads all threads: EAL pins the main thread to one CPU, while its control threads keep the CPUs of the
 * process.
 */
void
tidei_reading_cpus_allowed(struct tidei_reading *r)
{
	struct dirent *entry;
	DIR *d;

	snprintf(r->file.path, sizeof(r->file.path), "%s/proc/self/task", r->root);
	d = opendir(r->file.path);
	if (d == NULL) {
		tidei_reading_fault(
			r, strerror(errno), "only the CPUs of the calling thread count as allowed");
		add_affinity(0, &r->cpus_allowed);
		return;
	}
	while ((entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			add_thread(r, entry->d_name);
	closedir(d);
}

static void
add_all_nodes(const struct tide_topology *topo, struct tidei_idset *nodes)
{
	for (unsigned int i = 0; i < topo->nb_nodes; i++)
		tidei_idset_add(nodes, topo->nodes[i].id);
}

void
tidei_reading_allow(struct tidei_reading *r)
{
	struct tidei_idset cpuset = {0}, bound;
	int ret = tidei_textfile_read(&r->file, r->root, "/proc/self/status");
	const char *wrong = ret == 0 ? "no valid Mems_allowed_list" : strerror(-ret);
	bool readable = ret == 0;

	if (readable)
		ret = add_status_list(r->file.text, "\nMems_allowed_list:", TIDE_NODE_MAX, &cpuset);
	if (ret != 0)
		add_all_nodes(r->topo, &cpuset);
	/* A kernel without cpusets has no such line. */
	if (!readable || (ret != 0 && ret != -ENOENT))
		tidei_reading_fault(r, wrong, "memory of every node counts as allowed");
	bound = cpuset;
	tidei_policy_limit(r->policy, &bound);
	tidei_topology_allow(r->topo, &r->cpus_allowed, &cpuset, &bound);
}
