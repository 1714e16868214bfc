/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Starts control threads with the call that this version of DPDK has. */

#include <signal.h>

#include <rte_lcore.h>
#include <rte_thread.h>

#include "eal_friend.h"

#if RTE_VERSION < RTE_VERSION_NUM(23, 11, 0, 0)
static int
start(pthread_t *thread, const char *name, tidei_control_result (*work)(void *arg), void *arg)
{
	return rte_ctrl_thread_create(thread, name, NULL, work, arg);
}
#else
static int
start(pthread_t *thread, const char *name, tidei_control_result (*work)(void *arg), void *arg)
{
	rte_thread_t id;
	int ret = rte_thread_create_control(&id, name, work, arg);

	if (ret == 0)
		*thread = (pthread_t)id.opaque_id;
	return ret > 0 ? -ret : ret;
}
#endif

int
tidei_control_thread_start(
	pthread_t *thread, const char *name, tidei_control_result (*work)(void *arg), void *arg)
{
	sigset_t all, old;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = start(thread, name, work, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return ret;
}
