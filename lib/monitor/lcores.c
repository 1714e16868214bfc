/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Asks on which CPU each lcore is. */

#include <errno.h>

#include "monitor_internal.h"
#include "sys_friend.h"

int
tide_monitor_set_thread(struct tide_monitor *monitor, unsigned int lcore_id, pid_t tid)
{
	if (rte_eal_lcore_role(lcore_id) == ROLE_OFF)
		return -ENOENT;
	if (tid < 0)
		return -EINVAL;
	/* Relaxed: the number orders nothing. */
	atomic_store_explicit(&monitor->tid[lcore_id], tid, memory_order_relaxed);
	return 0;
}

void
tidei_monitor_lcore_begin(
	struct tide_monitor_lcore *state, unsigned int lcore_id, const struct tide_topology *topo)
{
	int home = tide_topology_lcore_node(topo, lcore_id);

	*state = (struct tide_monitor_lcore){
		.lcore_id = lcore_id, .home = home, .cpu = -1, .node = home};
}

void
tidei_monitor_lcore_note(struct tide_monitor_lcore *state, int cpu, const cpu_set_t *home,
	const struct tide_topology *topo)
{
	bool away = !CPU_ISSET(cpu, home);

	state->changed = away != state->away || (away && cpu != state->cpu);
	state->moves += state->changed && away;
	state->cpu = cpu;
	state->away = away;
	state->node = tide_topology_cpu_node(topo, (unsigned int)cpu);
}

/*
 * Correct the CPU of a thread that has not run since the kernel returned it to its CPUs: the kernel
 * shows the last CPU until the thread runs again.
 */
static int
settled_cpu(pid_t tid, int cpu, const cpu_set_t *home)
{
	cpu_set_t allowed, both;

	if (CPU_ISSET(cpu, home) || sched_getaffinity(tid, sizeof(allowed), &allowed) != 0)
		return cpu;
	CPU_AND(&both, &allowed, home);
	if (!CPU_EQUAL(&both, &allowed))
		return cpu;
	for (cpu = 0; !CPU_ISSET(cpu, &both);)
		cpu++;
	return cpu;
}

/* Tell whether the lcore changed. */
static bool
check_lcore(const struct tide_monitor *monitor, struct tide_monitor_lcore *state, pid_t tid)
{
	const struct tide_topology *topo = monitor->conf.topo;
	rte_cpuset_t home = rte_lcore_cpuset(state->lcore_id);
	struct tide_monitor_event event = {.lcore = state};
	int cpu = tidei_thread_cpu(tid);

	if (tid != state->tid) {
		tidei_monitor_lcore_begin(state, state->lcore_id, topo);
		state->tid = tid;
	}
	if (cpu < 0)
		return false;
	event.from = state->node;
	state->home = tide_topology_lcore_node(topo, state->lcore_id);
	tidei_monitor_lcore_note(state, settled_cpu(tid, cpu, &home), &home, topo);
	event.to = state->node;
	if (state->changed)
		tidei_monitor_report(monitor, &event);
	return state->changed;
}

unsigned int
tide_monitor_check_lcores(struct tide_monitor *monitor)
{
	unsigned int changed = 0;

	for (unsigned int i = 0; i < RTE_MAX_LCORE; i++) {
		/* Relaxed: as in tide_monitor_set_thread(). */
		pid_t tid = atomic_load_explicit(&monitor->tid[i], memory_order_relaxed);

		monitor->lcores[i].changed = false;
		if (tid != 0)
			changed += check_lcore(monitor, &monitor->lcores[i], tid);
	}
	return changed;
}
