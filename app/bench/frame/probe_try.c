/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: tries whether mempool ops do what a packet pool must do. */

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "frame/probe.h"
#include "frame/probe_protocol.h"

#define BUFFERS 1023
#define BURST   32

static void
stage(const char *verb, const char *object)
{
	printf(PROBE_STAGE "%s %s\n", verb, object);
	fflush(stdout);
}

static int refuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int
refuse(const char *fmt, ...)
{
	va_list args;

	fputs(PROBE_REFUSAL, stdout);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	return -1;
}

static int
one_thread_gets_all(struct rte_mempool *mp)
{
	void *table[BUFFERS + 1];
	unsigned int n = 0;

	stage("taking", "all buffers in one thread");
	while (n <= BUFFERS && rte_mempool_get(mp, &table[n]) == 0)
		n++;
	rte_mempool_put_bulk(mp, table, n);
	if (n != BUFFERS)
		return refuse("one thread got %u of %u buffers", n, BUFFERS);
	n = rte_mempool_avail_count(mp);
	if (n != BUFFERS)
		return refuse("it counts %u of %u free buffers when none is in use", n, BUFFERS);
	return 0;
}

static void *
use(void *mp)
{
	void *table[BURST];

	if (rte_mempool_get_bulk(mp, table, BURST) != 0)
		return "";
	rte_mempool_put_bulk(mp, table, BURST);
	return NULL;
}

static void *
use_registered(void *mp)
{
	void *ret;

	if (rte_thread_register() != 0)
		return "";
	ret = use(mp);
	rte_thread_unregister();
	return ret;
}

static int
thread_works(struct rte_mempool *mp, void *(*fn)(void *), const char *text)
{
	pthread_t thread;
	void *failed;

	stage("serving", text);
	if (pthread_create(&thread, NULL, fn, mp) != 0 || pthread_join(thread, &failed) != 0)
		return refuse("no thread could be created for the trial");
	return failed == NULL ? 0 : refuse("%s got no buffers", text);
}

static int
work_as_pool(const char *ops)
{
	struct rte_mempool *mp;

	stage("making", "a packet pool");
	mp = rte_pktmbuf_pool_create_by_ops(
		"probe", BUFFERS, 0, 0, RTE_PKTMBUF_HEADROOM, SOCKET_ID_ANY, ops);
	if (mp == NULL)
		return refuse("it makes no packet pool: %s", rte_strerror(rte_errno));
	if (one_thread_gets_all(mp) != 0 ||
		thread_works(mp, use, "a thread without an lcore id") != 0 ||
		thread_works(mp, use_registered, "a thread registered with EAL") != 0 ||
		one_thread_gets_all(mp) != 0)
		return -1;
	stage("freeing", "the pool");
	rte_mempool_free(mp);
	puts(PROBE_WORKS);
	fflush(stdout);
	return 0;
}

int
probe_try(const char *ops)
{
	const struct rlimit no_core = {0, 0};

	setrlimit(RLIMIT_CORE, &no_core);
	alarm(PROBE_SECONDS);
	return work_as_pool(ops);
}
