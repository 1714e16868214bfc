/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info plan: chooses the CPUs of the lcores. */

#include <rte_common.h>
#include <rte_lcore.h>

#include "plan.h"

/* The CPUs that are taken so far. */
struct taken {
	bool cpu[RTE_MAX_LCORE];
};

static bool
usable(const struct plan *plan, const struct taken *taken, unsigned int cpu)
{
	if (taken->cpu[cpu] || !tide_topology_cpu_allowed(plan->machine->topo, cpu))
		return false;
	return plan->request->nb_cpus == 0 || plan->request->cpu[cpu];
}

/* Return the lowest usable CPU of a node; RTE_MAX_LCORE: none. */
static unsigned int
lowest_of(const struct plan *plan, const struct taken *taken, int node)
{
	unsigned int cpu = 0;

	while (cpu < RTE_MAX_LCORE &&
		(!usable(plan, taken, cpu) ||
			tide_topology_cpu_node(plan->machine->topo, cpu) != node))
		cpu++;
	return cpu;
}

/* Take a CPU of a node, or of the nearest that has one; RTE_MAX_LCORE: all are taken. */
static unsigned int
take_near(const struct plan *plan, struct taken *taken, int node)
{
	unsigned int cpu = RTE_MAX_LCORE, n;
	int near[TIDE_NODE_MAX];

	if (node == TIDE_NODE_UNKNOWN)
		node = tide_topology_node_at(plan->machine->topo, 0)->id;
	n = tide_topology_nearest(plan->machine->topo, node, false, near, RTE_DIM(near));
	for (unsigned int i = 0; i < n && cpu == RTE_MAX_LCORE; i++)
		cpu = lowest_of(plan, taken, near[i]);
	if (cpu != RTE_MAX_LCORE)
		taken->cpu[cpu] = true;
	return cpu;
}

static void
add_lcore(struct plan *plan, unsigned int cpu)
{
	struct tide_lcore_facts *lcore = &plan->facts.lcore[plan->facts.nb_lcores++];

	lcore->id = cpu;
	lcore->node = tide_topology_cpu_node(plan->machine->topo, cpu);
}

/* How many lcores poll: as requested, else all CPUs that were named but one, else one per port. */
static unsigned int
count_pollers(const struct plan *plan)
{
	if (plan->request->lcores != 0)
		return plan->request->lcores;
	if (plan->request->nb_cpus != 0)
		return RTE_MAX(plan->request->nb_cpus - 1, 1u);
	return plan->facts.nb_ports;
}

/* Count the usable CPUs of a node, and the lcores that poll ports there. */
static unsigned int
count_usable(const struct plan *plan, const struct taken *taken, int node)
{
	unsigned int n = 0;

	for (unsigned int cpu = 0; cpu < RTE_MAX_LCORE; cpu++)
		n += usable(plan, taken, cpu) &&
		     tide_topology_cpu_node(plan->machine->topo, cpu) == node;
	return n;
}

static unsigned int
count_demand(const struct plan *plan, unsigned int pollers, int node)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < pollers; i++)
		n += plan->facts.port[i % plan->facts.nb_ports].node == node;
	return n;
}

/* Take a CPU for the main lcore that no port needs, near the first port; RTE_MAX_LCORE: there is none. */
static unsigned int
take_main(const struct plan *plan, struct taken *taken, unsigned int pollers)
{
	int near[TIDE_NODE_MAX], node = plan->facts.port[0].node;
	unsigned int n;

	if (node == TIDE_NODE_UNKNOWN)
		node = tide_topology_node_at(plan->machine->topo, 0)->id;
	n = tide_topology_nearest(plan->machine->topo, node, false, near, RTE_DIM(near));
	for (unsigned int i = 0; i < n; i++) {
		if (count_usable(plan, taken, near[i]) > count_demand(plan, pollers, near[i]))
			return take_near(plan, taken, near[i]);
	}
	return RTE_MAX_LCORE;
}

/* The main lcore polls only if it is alone, as in tide_plan_read(): else the last lcore becomes the main one. */
static unsigned int
replace_last(struct plan *plan)
{
	struct tide_plan_facts *facts = &plan->facts;

	if (facts->nb_lcores > 1)
		return facts->lcore[--facts->nb_lcores].id;
	return facts->nb_lcores == 1 ? facts->lcore[0].id : RTE_MAX_LCORE;
}

int
plan_choose_lcores(struct plan *plan, struct app_error *err)
{
	unsigned int pollers = count_pollers(plan), main_cpu, cpu = 0;
	struct taken taken = {0};

	main_cpu = take_main(plan, &taken, pollers);
	for (unsigned int i = 0; i < pollers && cpu != RTE_MAX_LCORE; i++) {
		cpu = take_near(plan, &taken, plan->facts.port[i % plan->facts.nb_ports].node);
		if (cpu != RTE_MAX_LCORE)
			add_lcore(plan, cpu);
	}
	if (main_cpu == RTE_MAX_LCORE)
		main_cpu = replace_last(plan);
	else if (plan->facts.nb_lcores == 0)
		add_lcore(plan, main_cpu);
	if (main_cpu == RTE_MAX_LCORE)
		return app_fail(err, APP_EXIT_USAGE,
			"this process may use none of the CPUs below %d that were named; name "
			"others in "
			"--cpus",
			RTE_MAX_LCORE);
	if (plan->request->lcores > plan->facts.nb_lcores)
		return app_fail(err, APP_EXIT_USAGE,
			"--lcores %u: with the main lcore there are CPUs for %u that poll; give "
			"fewer",
			plan->request->lcores, plan->facts.nb_lcores);
	plan->main_cpu = (int)main_cpu;
	plan->facts.main_node = tide_topology_cpu_node(plan->machine->topo, main_cpu);
	return 0;
}
