/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Starts short-lived threads on the CPUs of one node, which touch or time memory. */

#include <pthread.h>
#include <signal.h>

#include "topology_internal.h"

unsigned int
tidei_topology_cpus(const struct tide_topology *topo, int node, cpu_set_t *set, size_t size)
{
	unsigned int count = 0;

	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++) {
		if (!tide_topology_cpu_allowed(topo, cpu))
			continue;
		if (node != TIDE_NODE_UNKNOWN && tide_topology_cpu_node(topo, cpu) != node)
			continue;
		CPU_SET_S(cpu, size, set);
		count++;
	}
	return count;
}

int
tidei_thread_start(
	pthread_t *thread, void *(*work)(void *arg), void *arg, const cpu_set_t *set, size_t size)
{
	sigset_t all, old;
	pthread_attr_t attr;
	int ret;

	ret = pthread_attr_init(&attr);
	if (ret != 0)
		return -ret;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (set != NULL)
		ret = pthread_attr_setaffinity_np(&attr, size, set);
	if (ret == 0)
		ret = pthread_create(thread, &attr, work, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return -ret;
}
