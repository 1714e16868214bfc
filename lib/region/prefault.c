/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Populates the pages of a region: in parallel, near them, and with an errno where a plain touch
 * would raise SIGBUS.
 *
 * MADV_POPULATE_WRITE does it from Linux 5.14 on. Before, read(2) from /dev/zero writes a byte to each
 * page: the kernel's copy faults the page in and turns a failure into EFAULT. It needs no privilege,
 * while RLIMIT_MEMLOCK limits mlock(2).
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "region_internal.h"
#include "topology_friend.h"

/* Bytes a thread takes at a time: enough to outweigh the call, small enough to share out. */
#define CHUNK ((size_t)16 << 20)

#define THREADS_AUTO_MAX 8
#define THREADS_MAX      256

struct job {
	char *addr;
	size_t len;
	size_t page_size;
	size_t chunk; /* A multiple of page_size. */
	enum tidei_prefault_by by;
	int zero_fd; /* /dev/zero; -1 unless by is READ. */
	_Atomic size_t next; /* Offset of the next chunk to take; any thread adds. */
	_Atomic int error; /* First negative errno; stops all. */
};

static int
populate_by_read(const struct job *job, size_t off, size_t len)
{
	size_t end = off + len;
	ssize_t n;

	while (off < end) {
		n = read(job->zero_fd, job->addr + off, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != 1)
			return n < 0 ? -errno : -EIO;
		off += job->page_size;
	}
	return 0;
}

static int
populate_by_madvise(const struct job *job, size_t off, size_t len)
{
	while (madvise(job->addr + off, len, MADV_POPULATE_WRITE) < 0) {
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
	return 0;
}

static void *
work(void *arg)
{
	struct job *job = arg;
	size_t off, len;
	int ret;

	/* Relaxed: offsets only share out work; the pages are handed over by pthread_join(). */
	while (atomic_load_explicit(&job->error, memory_order_relaxed) == 0) {
		off = atomic_fetch_add_explicit(&job->next, job->chunk, memory_order_relaxed);
		if (off >= job->len)
			break;
		len = RTE_MIN(job->chunk, job->len - off);
		if (job->by == TIDEI_PREFAULT_BY_MADVISE)
			ret = populate_by_madvise(job, off, len);
		else
			ret = populate_by_read(job, off, len);
		if (ret < 0)
			atomic_store_explicit(&job->error, ret, memory_order_relaxed);
	}
	return NULL;
}

/* Lists the CPUs to run on: those of the node, else of the nearest node that has any. */
static unsigned int
near_cpus(const struct tidei_step *step, cpu_set_t *set, size_t size)
{
	unsigned int i, n, count = 0;
	int ids[TIDE_NODE_MAX];

	CPU_ZERO_S(size, set);
	if (step->node == TIDE_NODE_UNKNOWN)
		return tidei_topology_cpus(step->topo, step->node, set, size);
	n = tide_topology_nearest(step->topo, step->node, false, ids, RTE_DIM(ids));
	for (i = 0; i < n && count == 0; i++)
		count = tidei_topology_cpus(step->topo, ids[i], set, size);
	return count;
}

/* Starts a thread; on any CPU if this machine lacks those of a topology made from a text. */
static int
start(pthread_t *thread, struct job *job, const cpu_set_t *set, size_t size)
{
	int ret = tidei_thread_start(thread, work, job, set, size);

	if (ret == -EINVAL && set != NULL)
		ret = tidei_thread_start(thread, work, job, NULL, 0);
	return ret;
}

static void
run(struct job *job, const struct tidei_step *step)
{
	cpu_set_t *set = CPU_ALLOC(TIDE_CPU_MAX);
	size_t size = CPU_ALLOC_SIZE(TIDE_CPU_MAX);
	pthread_t threads[THREADS_MAX];
	unsigned int cpus = 0, wanted, i, started = 0;
	size_t chunks = (job->len + job->chunk - 1) / job->chunk;

	if (set != NULL)
		cpus = near_cpus(step, set, size);
	wanted = step->threads != 0 ? step->threads : RTE_MIN(cpus, (unsigned int)THREADS_AUTO_MAX);
	wanted = RTE_MIN(wanted, (unsigned int)THREADS_MAX);
	for (i = 0; i < wanted && i < chunks; i++) {
		if (start(&threads[started], job, cpus == 0 ? NULL : set, size) < 0)
			break;
		started++;
	}
	/* If no thread can be started, the caller does the work. */
	if (started == 0)
		work(job);
	for (i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	CPU_FREE(set);
}

static int
populate(struct job *job, const struct tidei_step *step, enum tidei_prefault_by by)
{
	job->by = by;
	if (by == TIDEI_PREFAULT_BY_READ) {
		job->zero_fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
		if (job->zero_fd < 0)
			return -errno;
	}
	run(job, step);
	if (job->zero_fd >= 0)
		close(job->zero_fd);
	return atomic_load_explicit(&job->error, memory_order_relaxed);
}

int
tidei_prefault(void *addr, size_t len, size_t page_size, const struct tidei_step *step,
	enum tidei_prefault_by by)
{
	struct job job = {
		.addr = addr,
		.len = len,
		.page_size = page_size,
		.chunk = RTE_MAX(CHUNK, page_size),
		.zero_fd = -1,
	};
	int ret = populate(&job, step, by);

	/*
	 * The kernel does not know the advice. A call with length 0 cannot tell: gVisor accepts any
	 * advice then.
	 */
	if (ret == -EINVAL && by == TIDEI_PREFAULT_BY_MADVISE) {
		atomic_store_explicit(&job.error, 0, memory_order_relaxed);
		atomic_store_explicit(&job.next, 0, memory_order_relaxed);
		ret = populate(&job, step, TIDEI_PREFAULT_BY_READ);
	}
	return ret;
}
