/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Closes an epoch while a reader still reads. What the reader reads stays until it is quiescent; the reader
 * that stalls is named.
 */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>

#include "example.h"

#define RECORD_BYTES 1024
#define RECORDS      16 /* On each node, in each epoch. */
#define PATIENCE_US  50000
#define PLENTY_US    10000000

/* The reader, and what it and the main thread tell each other. */
struct reader {
	struct tide_arena *arena;
	const unsigned char *record; /* Of the epoch that will be closed. */
	sem_t reads, let_go; /* It has the record; it may be done with it. */
	bool intact; /* The record was the same before and after. */
	int id; /* Reader id, or a negative errno. */
};

static unsigned int
sum(const unsigned char *record)
{
	unsigned int total = 0;

	for (unsigned int i = 0; i < RECORD_BYTES; i++)
		total += record[i];
	return total;
}

/* A thread like any other of an application: EAL lends it an lcore id, if one is free. */
static void *
read_stalled(void *arg)
{
	struct reader *reader = arg;
	bool is_lcore = rte_thread_register() == 0;
	unsigned int before;

	reader->id = tide_arena_reader_register(reader->arena, "stalled reader");
	before = sum(reader->record);
	sem_post(&reader->reads);
	/* Here it stalls on purpose: it reports no quiescent state and does not go offline. */
	sem_wait(&reader->let_go);
	reader->intact = sum(reader->record) == before;
	if (reader->id >= 0) {
		/* A reader that goes on would say this once per loop. */
		tide_arena_quiescent(reader->arena, (unsigned int)reader->id);
		tide_arena_reader_unregister(reader->arena, (unsigned int)reader->id);
	}
	if (is_lcore)
		rte_thread_unregister();
	return NULL;
}

/* Records on each node, every byte of them `byte`; *last is one of them. */
static int
write_records(struct example *ex, int byte, const unsigned char **last, struct app_error *err)
{
	for (unsigned int i = 0; i < ex->nb_nodes * RECORDS; i++) {
		int node = ex->nodes[i % ex->nb_nodes];
		unsigned char *record = tide_arena_alloc_on(ex->arena, node, RECORD_BYTES, 0);

		if (record == NULL)
			return app_fail(err, APP_EXIT_RUN,
				"node %d gives no %d bytes: %s; give --node-bytes more", node,
				RECORD_BYTES, rte_strerror(rte_errno));
		memset(record, byte, RECORD_BYTES);
		*last = record;
	}
	return 0;
}

static void
print_nodes(const struct example *ex, const char *when)
{
	struct tide_arena_stats stats;

	for (unsigned int i = 0; i < ex->nb_nodes; i++) {
		tide_arena_stats(ex->arena, ex->nodes[i], &stats);
		printf("  Node %d, %s: %" PRIu32 " chunks out, %" PRIu64 " bytes remaining\n",
			stats.node, when, stats.chunks_out, stats.remaining);
	}
}

/* Close the epoch. Allocation goes on at once, in chunks of the new epoch. */
static int
flip(struct example *ex, struct app_error *err)
{
	const unsigned char *record;
	uint64_t closed;
	int ret = tide_arena_flip(ex->arena, &closed);

	if (ret != 0)
		return app_fail(err, APP_EXIT_RUN, "no flip: %s", rte_strerror(-ret));
	printf("  Epoch %" PRIu64 " is closed, epoch %" PRIu64 " is open\n", closed,
		tide_arena_epoch(ex->arena));
	return write_records(ex, 2, &record, err);
}

/* Check that no memory is freed, and that the arena names the stalled reader. */
static int
wait_in_vain(struct example *ex, struct app_error *err)
{
	struct tide_arena_stalled stalled;
	int ret = tide_arena_reclaim_wait(ex->arena, PATIENCE_US, &stalled);

	if (ret != -ETIMEDOUT)
		return app_fail(
			err, APP_EXIT_RUN, "memory was freed while a reader used it (%d)", ret);
	printf("  Stalled: ");
	tide_arena_stalled_dump(&stalled, stdout);
	printf("\n");
	return 0;
}

static int
wait_well(struct example *ex, struct app_error *err)
{
	struct tide_arena_stalled stalled;

	if (tide_arena_reclaim_wait(ex->arena, PLENTY_US, &stalled) == 0)
		return 0;
	return app_fail(err, APP_EXIT_RUN, "the closed epoch is not freed");
}

/* Between these two the reader holds a record of the epoch that is closed. */
static int
start_reader(struct reader *reader, pthread_t *thread, struct app_error *err)
{
	int ret;

	sem_init(&reader->reads, 0, 0);
	sem_init(&reader->let_go, 0, 0);
	ret = pthread_create(thread, NULL, read_stalled, reader);
	if (ret != 0)
		return app_fail(err, APP_EXIT_RUN, "no thread for the reader: %s", strerror(ret));
	sem_wait(&reader->reads);
	return 0;
}

static int
end_reader(struct reader *reader, pthread_t thread, struct app_error *err)
{
	sem_post(&reader->let_go);
	pthread_join(thread, NULL);
	if (reader->id < 0)
		return app_fail(err, APP_EXIT_RUN, "the reader was not registered: %s",
			rte_strerror(-reader->id));
	if (!reader->intact)
		return app_fail(err, APP_EXIT_RUN, "the record changed while its reader used it");
	printf("  The reader reads its record again, finds it unchanged, and is quiescent\n");
	return 0;
}

static int
flip_while_read(struct example *ex, struct app_error *err)
{
	struct reader reader = {.arena = ex->arena};
	struct app_error second;
	pthread_t thread;
	int ret;

	if (write_records(ex, 1, &reader.record, err) != 0 ||
		start_reader(&reader, &thread, err) != 0)
		return -1;
	ret = flip(ex, err);
	if (ret == 0)
		print_nodes(ex, "before");
	if (ret == 0)
		ret = wait_in_vain(ex, err);
	/* The reader must end in any case. */
	if (end_reader(&reader, thread, ret == 0 ? err : &second) != 0)
		ret = -1;
	if (ret == 0)
		ret = wait_well(ex, err);
	if (ret == 0)
		print_nodes(ex, "after");
	return ret;
}

/* Close an epoch. A thread that allocates from the arena is a reader too, so that it keeps what it got. */
int
step_epochs(struct example *ex, struct app_error *err)
{
	int self, ret;

	printf("Flipping epochs while a reader stalls:\n");
	if (tide_arena_reset(ex->arena, NULL) != 0)
		return app_fail(err, APP_EXIT_RUN, "no reset: a reader is active");
	self = tide_arena_reader_register(ex->arena, "main");
	if (self < 0)
		return app_fail(
			err, APP_EXIT_RUN, "the main thread is no reader: %s", rte_strerror(-self));
	ret = flip_while_read(ex, err);
	tide_arena_reader_unregister(ex->arena, (unsigned int)self);
	return ret;
}
