/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: asks on which CPU each lcore runs. */

#include <string.h>

#include <rte_lcore.h>

#include "lcore_place.h"

/* Fields of /proc/PID/stat between the name and "processor": see proc_pid_stat(5). */
#define FIELDS_BEFORE_CPU 37

void
fwd_lcore_place_begin(struct fwd_lcore_place *place, int node)
{
	*place = (struct fwd_lcore_place){.cpu = -1, .node = node};
}

void
fwd_lcore_place_note(struct fwd_lcore_place *place, int cpu, const cpu_set_t *home,
	const struct tide_topology *topo)
{
	bool away = cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, home);

	place->news = (away && (!place->away || cpu != place->cpu)) || (!away && place->away);
	place->moves += place->news && away;
	place->cpu = cpu;
	place->away = away;
	place->node = tide_topology_cpu_node(topo, (unsigned int)cpu);
}

/* Return the CPU a thread is on, or was on last; -1: the kernel does not say. */
static int
cpu_of(pid_t tid)
{
	char path[64], line[1024], *at;
	int cpu = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)tid);
	f = fopen(path, "re");
	if (f == NULL)
		return -1;
	at = fgets(line, sizeof(line), f);
	fclose(f);
	/* The name of a thread can have spaces and brackets. */
	at = at == NULL ? NULL : strrchr(line, ')');
	for (unsigned int i = 0; at != NULL && i < FIELDS_BEFORE_CPU; i++)
		at = strchr(at + 1, ' ');
	return at != NULL && sscanf(at, " %d", &cpu) == 1 ? cpu : -1;
}

/* Tell whether the kernel keeps the thread on these CPUs: that counts more than what stat says. */
static bool
kept_on(pid_t tid, const cpu_set_t *home, int *cpu)
{
	cpu_set_t allowed, both;

	if (sched_getaffinity(tid, sizeof(allowed), &allowed) != 0)
		return false;
	CPU_AND(&both, &allowed, home);
	if (!CPU_EQUAL(&both, &allowed))
		return false;
	for (int i = 0; i < CPU_SETSIZE && !CPU_ISSET(*cpu, home); i++) {
		if (CPU_ISSET(i, &both))
			*cpu = i;
	}
	return true;
}

void
fwd_lcore_place_poll(struct fwd_lcore_place *place, const struct fwd_lcore *lcore,
	const struct tide_topology *topo)
{
	/* Relaxed: the number orders nothing. */
	pid_t tid = atomic_load_explicit(&lcore->tid, memory_order_relaxed);
	rte_cpuset_t home = rte_lcore_cpuset(lcore->id);
	int cpu = tid == 0 ? -1 : cpu_of(tid);

	place->news = false;
	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return;
	kept_on(tid, &home, &cpu);
	fwd_lcore_place_note(place, cpu, &home, topo);
}

static void
print_node(int node, FILE *out)
{
	if (node == TIDE_NODE_UNKNOWN)
		fprintf(out, "an unknown node");
	else
		fprintf(out, "node %d", node);
}

/* As taskset reads it. */
static void
print_cpus(const cpu_set_t *set, FILE *out)
{
	const char *comma = "";

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, set))
			continue;
		fprintf(out, "%s%d", comma, cpu);
		comma = ",";
	}
}

void
fwd_lcore_place_print(const struct fwd_lcore_place *place, const struct fwd_lcore *lcore, FILE *out)
{
	rte_cpuset_t home = rte_lcore_cpuset(lcore->id);

	fprintf(out, "lcore %u of ", lcore->id);
	print_node(lcore->node, out);
	if (!place->away) {
		fprintf(out, ": is on its CPU %d", place->cpu);
		return;
	}
	fprintf(out, ": is on CPU %d of ", place->cpu);
	print_node(place->node, out);
	fprintf(out, " now, it was started on CPU ");
	print_cpus(&home, out);
	fprintf(out,
		": something moved it (taskset, a change of the cpuset's CPUs, a CPU that went "
		"offline); restart to plan for other CPUs, or give it its own back: taskset -cp ");
	print_cpus(&home, out);
	fprintf(out, " %d", (int)atomic_load_explicit(&lcore->tid, memory_order_relaxed));
}
