/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Times how long a CPU of one node waits for memory of another: a pointer chase through lines flushed
 * from every cache just before. Thanks to flushing, a small buffer suffices: filling one larger than
 * the caches would take too long.
 */

#include <errno.h>
#include <limits.h>
#include <numaif.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "topology_internal.h"
#include "topology_friend.h"
#include "tide_log.h"

/*
 * 512 pages of 4 KB, which fit the second level TLB of a server CPU with any page size, so that a load
 * does not walk page tables too.
 */
#define BUFFER ((size_t)2 << 20)

/*
 * Bytes from one line used to the next. Prefetchers load neighbours: the other half of 128 aligned
 * bytes, or the next lines of a page. So neighbours are not used, and the order is random.
 */
#define STEP 512

#define LINES (BUFFER / STEP)

/* Passes over all lines. The fastest counts: interrupts and other programs only ever add time. */
#define ROUNDS 5

/* Times the kernel is asked where the pages are: a page that migrates is absent for a moment. */
#define TRIES 3

#define PAGE_MIN 4096

#define BITS_PER_LONG (sizeof(unsigned long) * CHAR_BIT)

struct chase {
	const struct tide_topology *topo;
	int from, to;
	char *buf;
	const void *at; /* The line reached; keeps the loads from being optimised away. */
	uint64_t best; /* Nanoseconds of the fastest round. */
	int error; /* 0 or negative errno. */
};

#if defined(__x86_64__)
#define CAN_FLUSH true

static inline void
flush_line(void *line)
{
	__builtin_ia32_clflush(line);
}

static inline void
flush_end(void)
{
	__builtin_ia32_mfence();
}
#elif defined(__aarch64__)
#define CAN_FLUSH true

static inline void
flush_line(void *line)
{
	asm volatile("dc civac, %0" : : "r"(line) : "memory");
}

static inline void
flush_end(void)
{
	asm volatile("dsb sy" : : : "memory");
}
#else
#define CAN_FLUSH false

static inline void
flush_line(void *line)
{
}

static inline void
flush_end(void)
{
}
#endif

static int
give_up(const struct chase *chase, int error, const char *fmt, ...) __rte_format_printf(3, 4);

/* Log why there is no figure. */
static int
give_up(const struct chase *chase, int error, const char *fmt, ...)
{
	char why[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	TIDE_LOG(topology, WARNING, "latency from node %d to node %d not measured: %s", chase->from,
		chase->to, why);
	return error;
}

static int
check_nodes(const struct chase *chase)
{
	const struct tide_node *from = tide_topology_node(chase->topo, chase->from);
	const struct tide_node *to = tide_topology_node(chase->topo, chase->to);

	if (from == NULL || to == NULL)
		return give_up(chase, -EINVAL, "there is no node %d",
			from == NULL ? chase->from : chase->to);
	if (!CAN_FLUSH)
		return give_up(chase, -ENOTSUP, "programs cannot flush caches on this CPU");
	if (from->nb_cpus_allowed == 0)
		return give_up(
			chase, -ENODEV, "node %d has no CPU this process may use", chase->from);
	if (to->memory == 0 || !to->mem_allowed)
		return give_up(
			chase, -ENODEV, "node %d has no memory this process may use", chase->to);
	return 0;
}

/*
 * Prefers a node, does not bind: the kernel kills a process if a bound page does not fit. Pages that
 * exist (an application may have locked its future memory) are moved. A refusal, as in containers, is
 * harmless if there is only one node.
 */
static int
prefer(const struct chase *chase)
{
	unsigned long mask[TIDE_NODE_MAX / BITS_PER_LONG] = {0};
	size_t to = chase->to;
	int error;

	mask[to / BITS_PER_LONG] = 1UL << (to % BITS_PER_LONG);
	/* The kernel reads one bit less than the number it is given. */
	if (mbind(chase->buf, BUFFER, MPOL_PREFERRED, mask, TIDE_NODE_MAX + 1, MPOL_MF_MOVE) == 0)
		return 0;
	error = -errno;
	if (error == -EINVAL)
		return give_up(chase, -ENODEV, "this machine has no memory on node %d", chase->to);
	if (tidei_only_node() == chase->to)
		return 0;
	return give_up(chase, error, "mbind: %s", strerror(-error));
}

/* Link the lines into one ring in random order (Sattolo's shuffle), the same in each measurement. */
static void
link_lines(char *buf)
{
	uint64_t random = UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < LINES; i++)
		*(void **)(buf + i * STEP) = buf + i * STEP;
	for (size_t i = LINES - 1; i > 0; i--) {
		void **a = (void **)(buf + i * STEP), **b, *swap;

		/* xorshift64 */
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		b = (void **)(buf + random % i * STEP);
		swap = *a;
		*a = *b;
		*b = swap;
	}
}

/* Ask the kernel how many pages of the buffer are elsewhere; negative errno when it refuses. */
static int
count_away(const struct chase *chase)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *pages[BUFFER / PAGE_MIN];
	int status[BUFFER / PAGE_MIN];
	size_t n = BUFFER / page;
	int away = 0;

	for (size_t i = 0; i < n; i++)
		pages[i] = chase->buf + i * page;
	if (move_pages(0, n, pages, NULL, status, 0) < 0) {
		int error = -errno;

		if (tidei_only_node() == chase->to)
			return 0;
		return give_up(chase, error, "move_pages: %s", strerror(-error));
	}
	for (size_t i = 0; i < n; i++)
		away += status[i] != chase->to;
	return away;
}

/* Check that the memory is on the requested node: otherwise the figure is worthless. */
static int
prove(const struct chase *chase)
{
	int away = 1;

	for (unsigned int i = 0; i < TRIES && away > 0; i++)
		away = count_away(chase);
	if (away > 0)
		return give_up(chase, -ENOMEM,
			"node %d is short of memory, %d pages came from elsewhere", chase->to,
			away);
	return away;
}

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Follow the ring: each load waits for the one before it, so nothing overlaps. */
static const void *
follow(const void *at, size_t loads)
{
	while (loads-- > 0)
		at = *(const void *const *)at;
	return at;
}

static uint64_t
round_ns(struct chase *chase)
{
	uint64_t start;

	for (size_t i = 0; i < LINES; i++)
		flush_line(chase->buf + i * STEP);
	flush_end();
	start = now_ns();
	chase->at = follow(chase->at, LINES);
	return now_ns() - start;
}

static void *
run(void *arg)
{
	struct chase *chase = arg;

	link_lines(chase->buf);
	chase->error = prove(chase);
	chase->at = chase->buf;
	chase->best = UINT64_MAX;
	for (unsigned int i = 0; i < ROUNDS && chase->error == 0; i++) {
		uint64_t ns = round_ns(chase);

		chase->best = RTE_MIN(chase->best, ns);
	}
	return NULL;
}

/* Run on a thread of its own, so that the caller's affinity does not change. */
static int
run_on_node(struct chase *chase)
{
	cpu_set_t *set = CPU_ALLOC(TIDE_CPU_MAX);
	size_t size = CPU_ALLOC_SIZE(TIDE_CPU_MAX);
	pthread_t thread;
	int ret;

	if (set == NULL)
		return give_up(chase, -ENOMEM, "out of memory");
	CPU_ZERO_S(size, set);
	tidei_topology_cpus(chase->topo, chase->from, set, size);
	ret = tidei_thread_start(&thread, run, chase, set, size);
	CPU_FREE(set);
	/* A topology from a text may name CPUs this machine does not have. */
	if (ret == -EINVAL)
		return give_up(chase, -ENODEV, "this machine has none of the CPUs of node %d",
			chase->from);
	if (ret < 0)
		return give_up(chase, ret, "no thread: %s", strerror(-ret));
	pthread_join(thread, NULL);
	return chase->error;
}

int
tide_topology_measure(struct tide_topology *topo, int from, int to)
{
	struct chase chase = {.topo = topo, .from = from, .to = to};
	uint64_t ns;
	int ret;

	ret = check_nodes(&chase);
	if (ret < 0)
		return ret;
	chase.buf = mmap(NULL, BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (chase.buf == MAP_FAILED)
		return give_up(&chase, -ENOMEM, "mmap: %s", strerror(errno));
	ret = prefer(&chase);
	if (ret == 0)
		ret = run_on_node(&chase);
	munmap(chase.buf, BUFFER);
	if (ret < 0)
		return ret;
	ns = (chase.best + LINES / 2) / LINES;
	ns = RTE_MIN(ns, (uint64_t)LATENCY_MAX);
	tidei_latency_set(topo, topo->index[from], topo->index[to], RTE_MAX(ns, UINT64_C(1)));
	return 0;
}
