/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The pointer scan of a program that changes all the time. Threads pass buffers through a ring; threads take buffers and
 * end; mempools, rings and mappings come and go. A few buffers are lost at the begin. No scan may call another buffer
 * leaked, and at rest a scan must find exactly those that are lost. Then processes end in the middle of a scan.
 *
 * scans [-s SECONDS] [-e PROCESSES] [-o OPS]
 */

#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_ring.h>

#include "eal.h"
#include "tide_locate.h"

#define BUFFERS 4095
#define LOST    16
#define BURST   32

static struct rte_mempool *traffic;
static struct rte_ring *ring;
static atomic_bool stop;
static const char *ops = "tide";

static void *
lose(void *unused)
{
	for (unsigned int i = 0; i < LOST; i++)
		if (rte_pktmbuf_alloc(traffic) == NULL)
			abort();
	return unused;
}

/* Takes bursts, passes them on, frees what others passed on. */
static void *
pass(void *unused)
{
	struct rte_mbuf *burst[BURST];
	unsigned int n;

	while (!stop) {
		if (rte_pktmbuf_alloc_bulk(traffic, burst, BURST) == 0) {
			n = rte_ring_enqueue_burst(ring, (void **)burst, BURST, NULL);
			rte_pktmbuf_free_bulk(burst + n, BURST - n);
		}
		n = rte_ring_dequeue_burst(ring, (void **)burst, BURST, NULL);
		rte_pktmbuf_free_bulk(burst, n);
		usleep((useconds_t)rand() % 100);
	}
	return unused;
}

static void *
hold_a_moment(void *unused)
{
	struct rte_mbuf *held = rte_pktmbuf_alloc(traffic);

	usleep((useconds_t)rand() % 2000);
	rte_pktmbuf_free(held);
	return unused;
}

static void *
start_threads(void *unused)
{
	pthread_t thread[8];

	while (!stop) {
		for (unsigned int i = 0; i < 8; i++)
			if (pthread_create(&thread[i], NULL, hold_a_moment, NULL) != 0)
				abort();
		for (unsigned int i = 0; i < 8; i++)
			pthread_join(thread[i], NULL);
	}
	return unused;
}

/* Mempools and rings with buffers in them, heaps and mappings with pointers. */
static void *
make_and_free(void *unused)
{
	while (!stop) {
		struct rte_mempool *mp = rte_pktmbuf_pool_create_by_ops(
			"passing", 511, 0, 0, 512, SOCKET_ID_ANY, ops);
		struct rte_ring *r = rte_ring_create("passing", 64, SOCKET_ID_ANY, 0);
		struct rte_mbuf **block = rte_malloc(NULL, 4096, 0);
		struct rte_mbuf **mapping = mmap(
			NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (mp == NULL || r == NULL || block == NULL || mapping == MAP_FAILED)
			abort();
		if (rte_pktmbuf_alloc_bulk(mp, mapping, 64) != 0 ||
			rte_pktmbuf_alloc_bulk(mp, block, 64) != 0)
			abort();
		rte_ring_enqueue_burst(r, (void **)block, 63, NULL);
		usleep((useconds_t)rand() % 20000);
		munmap(mapping, 1 << 20);
		rte_free(block);
		rte_ring_free(r);
		rte_mempool_free(mp);
	}
	return unused;
}

/* Returns false if a scan says what cannot be. */
static bool
scan(bool at_rest)
{
	const struct tide_locate_conf conf = {.pool = "traffic", .interval_ms = 100};
	struct tide_locate *r = tide_locate_create(&conf);
	struct tide_locate_summary s;
	bool ok;

	if (r == NULL) {
		fprintf(stderr, "no scan: %s\n", rte_strerror(rte_errno));
		return false;
	}
	s = tide_locate_summary(r);
	ok = at_rest ? s.leaked == LOST && s.outstanding == LOST : s.leaked <= LOST;
	printf("%u outstanding, %u located, %u leaked, %u unknown, %u scans%s\n", s.outstanding,
		s.located, s.leaked, s.unknown, s.scans, s.restless ? ", restless" : "");
	if (!ok)
		tide_locate_dump(r, stderr);
	tide_locate_free(r);
	return ok;
}

static bool
scan_under_load(unsigned int seconds)
{
	static void *(*const work[])(void *) = {pass, pass, start_threads, make_and_free};
	pthread_t thread[RTE_DIM(work)], loser;
	time_t end = time(NULL) + (time_t)seconds;
	bool ok = true;
	void *left = NULL;

	traffic = rte_pktmbuf_pool_create_by_ops("traffic", BUFFERS, 0, 0, 512, SOCKET_ID_ANY, ops);
	ring = rte_ring_create("traffic", 256, SOCKET_ID_ANY, 0);
	if (traffic == NULL || ring == NULL || pthread_create(&loser, NULL, lose, NULL) != 0)
		return false;
	pthread_join(loser, NULL);
	for (unsigned int i = 0; i < RTE_DIM(work); i++)
		if (pthread_create(&thread[i], NULL, work[i], NULL) != 0)
			abort();
	while (ok && time(NULL) < end)
		ok = scan(false);
	stop = true;
	for (unsigned int i = 0; i < RTE_DIM(work); i++)
		pthread_join(thread[i], NULL);
	while (rte_ring_dequeue(ring, &left) == 0)
		rte_pktmbuf_free(left);
	left = NULL;
	return ok && scan(true);
}

static void *
scan_for_ever(void *unused)
{
	const struct tide_locate_conf conf = {.interval_ms = 1};

	for (;;)
		tide_locate_free(tide_locate_create(&conf));
	return unused;
}

/* A program that ends while it is scanned; test_eal_start() has EAL cleaned up at exit(3). */
static void
end_in_scan(unsigned int us)
{
	pthread_t scanner;

	test_eal_start(false, 64, "0");
	traffic = rte_pktmbuf_pool_create_by_ops("traffic", BUFFERS, 0, 0, 512, SOCKET_ID_ANY, ops);
	if (traffic == NULL || pthread_create(&scanner, NULL, scan_for_ever, NULL) != 0)
		abort();
	usleep(us);
	exit(0);
}

static bool
end_in_scans(unsigned int processes)
{
	bool ok = true;
	int status;

	for (unsigned int i = 0; i < processes; i++) {
		pid_t child = fork();

		if (child == 0)
			end_in_scan(10000 + (unsigned int)rand() % 50000);
		if (child < 0 || waitpid(child, &status, 0) != child)
			return false;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
			fprintf(stderr, "process %u ended with status %#x\n", i, status);
			ok = false;
		}
	}
	return ok;
}

int
main(int argc, char **argv)
{
	unsigned int seconds = 10, processes = 20;
	int option;

	while ((option = getopt(argc, argv, "s:e:o:")) != -1) {
		if (option == 's')
			seconds = (unsigned int)atoi(optarg);
		else if (option == 'e')
			processes = (unsigned int)atoi(optarg);
		else if (option == 'o')
			ops = optarg;
		else
			return 2;
	}
	if (!end_in_scans(processes))
		return 1;
	test_eal_start(false, 64, "0");
	return scan_under_load(seconds) ? 0 : 1;
}
