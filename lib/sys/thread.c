/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Starts threads of the library's own, which touch or time memory for a moment. */

#include <signal.h>

#include "sys_friend.h"

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
