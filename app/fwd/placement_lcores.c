/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: where the lcores are, for people. */

#include <rte_lcore.h>

#include "placement.h"

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
fwd_lcore_print_place(const struct fwd *fwd, unsigned int i, FILE *out)
{
	const struct tide_plan_lcore *lcore = &fwd->plan.lcore[i];
	const struct tide_monitor_lcore *place = fwd_lcore_place(fwd, i);
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
	fprintf(out, " %d", (int)place->tid);
}
