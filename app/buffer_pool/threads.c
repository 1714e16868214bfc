/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Each lcore allocates on its own node, in a chunk of its own, and the kernel says where that is. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "example.h"

#define RECORDS      16
#define RECORD_BYTES 64

/* What the lcores bring back. */
struct work {
	struct tide_arena *arena;
	struct {
		char *record[RECORDS];
		int error; /* rte_errno of the record it did not get; else 0. */
	} lcore[RTE_MAX_LCORE];
};

/* Allocate, on every lcore. The arena knows the node of the lcore. */
static int
allocate(void *arg)
{
	struct work *work = arg;
	unsigned int self = rte_lcore_id();

	for (unsigned int i = 0; i < RECORDS; i++) {
		char *record = tide_arena_alloc(work->arena, RECORD_BYTES, 0);

		if (record == NULL) {
			work->lcore[self].error = rte_errno;
			return -1;
		}
		memset(record, (int)self, RECORD_BYTES);
		work->lcore[self].record[i] = record;
	}
	return 0;
}

/* Ask the kernel for the node of an address. Returns it, or a negative errno when the kernel does not say. */
static int
node_of(const void *address)
{
	uintptr_t page = (uintptr_t)address & ~((uintptr_t)getpagesize() - 1);
	void *pages[] = {(void *)page};
	int status = -ENODATA;

	if (syscall(SYS_move_pages, 0, 1UL, pages, NULL, &status, 0) != 0)
		return -errno;
	return status;
}

/* Containers and kernels without NUMA do not say where memory is: that is not elsewhere. */
static bool
unasked(int node)
{
	return node == -EPERM || node == -ENOSYS;
}

/* Return the node an lcore's memory should be on: its own, or the nearest that has memory for us. */
static int
node_requested(const struct example *ex, unsigned int lcore)
{
	int own = tide_topology_lcore_node(ex->topo, lcore), nearest;

	if (tide_topology_nearest(ex->topo, own, true, &nearest, 1) == 0)
		return TIDE_NODE_UNKNOWN; /* It runs on the CPUs of several nodes. */
	return nearest;
}

static int
check_lcore(struct example *ex, const struct work *work, unsigned int lcore, struct app_error *err)
{
	char *const *record = work->lcore[lcore].record;
	int requested = node_requested(ex, lcore), found;

	if (work->lcore[lcore].error != 0)
		return app_fail(err, APP_EXIT_RUN,
			"lcore %u has no chunk: %s; give --node-bytes more, a chunk for each lcore",
			lcore, rte_strerror(work->lcore[lcore].error));
	for (unsigned int i = 0; i < RECORDS; i++) {
		/* Had others bumped in the same chunk, their records would lie between. */
		if (record[i] != record[0] + (size_t)i * RECORD_BYTES)
			return app_fail(err, APP_EXIT_RUN,
				"lcore %u did not have its chunk to itself", lcore);
		found = node_of(record[i]);
		if (unasked(found))
			continue;
		if (found < 0 || (requested != TIDE_NODE_UNKNOWN && found != requested))
			return app_fail(err, APP_EXIT_RUN,
				"a record of lcore %u, of node %d, is on node %d", lcore, requested,
				found);
	}
	printf("  lcore %u: %d records of %d bytes at %p, ", lcore, RECORDS, RECORD_BYTES,
		(void *)record[0]);
	found = node_of(record[0]);
	if (unasked(found))
		printf("of node %d; the kernel does not say (%s)\n", requested, strerror(-found));
	else
		printf("node %d by the kernel\n", found);
	return 0;
}

/* After a reset no chunk is out, so those that are out now are those of the lcores: one each. */
static int
check_chunks(struct example *ex, struct app_error *err)
{
	struct tide_arena_stats stats;
	unsigned int chunks = 0;

	for (unsigned int i = 0; i < ex->nb_nodes; i++) {
		tide_arena_stats(ex->arena, ex->nodes[i], &stats);
		chunks += stats.chunks_out;
	}
	printf("  %u lcores took %u chunks\n", rte_lcore_count(), chunks);
	if (chunks != rte_lcore_count())
		return app_fail(err, APP_EXIT_RUN, "%u lcores took %u chunks, not one each",
			rte_lcore_count(), chunks);
	return 0;
}

/* One arena has the chunks of all nodes. It is strict: it exists only if each is on its node. */
static int
make_arena(struct example *ex, struct app_error *err)
{
	struct tide_arena_conf conf = {
		.name = "buffers",
		.topo = ex->topo,
		.nodes = ex->nodes,
		.nb_nodes = ex->nb_nodes,
		.chunk_size = CHUNK_BYTES,
		.chunks = ex->opt.node_bytes / CHUNK_BYTES,
	};

	document_fini(ex);
	ex->arena = tide_arena_create(&conf);
	if (ex->arena == NULL)
		return app_fail(err, APP_EXIT_RUN,
			"no arena of %" PRIu32 " bytes on each node: %s; the line above says why",
			ex->opt.node_bytes, rte_strerror(rte_errno));
	return 0;
}

int
step_threads(struct example *ex, struct app_error *err)
{
	static struct work work;
	unsigned int lcore;

	printf("Allocating on every lcore, each on its own node:\n");
	if (make_arena(ex, err) != 0)
		return -1;
	work.arena = ex->arena;
	rte_eal_mp_remote_launch(allocate, &work, CALL_MAIN);
	rte_eal_mp_wait_lcore();
	RTE_LCORE_FOREACH (lcore) {
		if (check_lcore(ex, &work, lcore, err) != 0)
			return -1;
	}
	return check_chunks(ex, err);
}
