/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Readers of an arena by name: finds those registered and those that an epoch waits for. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "arena_internal.h"
#include "magazine_friend.h"
#include "tide_log.h"

/* Whether the calling thread, with that identity, registered a place. */
static bool
is_mine(const struct tidei_arena *more, unsigned int place, uint64_t self)
{
	/* Relaxed: a thread that looks for its own identity finds its own store, or a later one. */
	return atomic_load_explicit(&more->readers[place].self, memory_order_relaxed) == self;
}

int
tidei_arena_reader_self(const struct tidei_arena *more)
{
	uint64_t self = tidei_self_identity();
	unsigned int lcore = rte_lcore_id();

	if (lcore < RTE_MAX_LCORE && is_mine(more, lcore, self))
		return (int)lcore;
	/* Threads without an lcore id first: an lcore has mostly been found above. */
	for (unsigned int i = 0; i < TIDEI_ARENA_READERS; i++) {
		unsigned int place = (RTE_MAX_LCORE + i) % TIDEI_ARENA_READERS;

		if (is_mine(more, place, self))
			return (int)place;
	}
	return -ENOENT;
}

/*
 * Find a place for this thread: that of its lcore, else the first free one behind those. A thread that had
 * the lcore id before may still be registered: whether it has ended or goes on without the id, its place
 * stays its own.
 */
static int
find_place(const struct tidei_arena *more)
{
	unsigned int lcore = rte_lcore_id();

	if (tidei_arena_reader_self(more) >= 0)
		return -EEXIST;
	if (lcore < RTE_MAX_LCORE && !more->readers[lcore].registered)
		return (int)lcore;
	for (unsigned int place = RTE_MAX_LCORE; place < TIDEI_ARENA_READERS; place++) {
		if (!more->readers[place].registered)
			return (int)place;
	}
	return -ENOSPC;
}

int
tide_arena_reader_register(struct tide_arena *arena, const char *name)
{
	struct tidei_arena *more = arena->more;
	struct tidei_arena_reader *reader;
	int place;

	if (name != NULL && strlen(name) > TIDE_ARENA_READER_NAME_MAX)
		return -EINVAL;
	pthread_mutex_lock(&more->lock);
	place = find_place(more);
	if (place >= 0) {
		reader = &more->readers[place];
		reader->registered = true;
		/* Relaxed, as in unregister: see is_mine(). */
		atomic_store_explicit(&reader->self, tidei_self_identity(), memory_order_relaxed);
		reader->tid = (uint32_t)rte_gettid();
		if (name != NULL)
			snprintf(reader->name, sizeof(reader->name), "%s", name);
		else if (place < RTE_MAX_LCORE)
			snprintf(reader->name, sizeof(reader->name), "lcore%d", place);
		else
			snprintf(reader->name, sizeof(reader->name), "thread%" PRIu32, reader->tid);
		rte_rcu_qsbr_thread_register(arena->readers, (unsigned int)place);
		rte_rcu_qsbr_thread_online(arena->readers, (unsigned int)place);
	}
	pthread_mutex_unlock(&more->lock);
	return place;
}

int
tide_arena_reader_unregister(struct tide_arena *arena, unsigned int reader)
{
	struct tidei_arena *more = arena->more;
	int ret = -ENOENT;

	pthread_mutex_lock(&more->lock);
	if (reader < TIDEI_ARENA_READERS && more->readers[reader].registered) {
		/* Else its counter would hold up the next thread in this place as it registers. */
		rte_rcu_qsbr_thread_offline(arena->readers, reader);
		rte_rcu_qsbr_thread_unregister(arena->readers, reader);
		more->readers[reader].registered = false;
		atomic_store_explicit(&more->readers[reader].self, 0, memory_order_relaxed);
		ret = 0;
	}
	pthread_mutex_unlock(&more->lock);
	return ret;
}

static void
tell(const struct tidei_arena *more, unsigned int place, struct tide_arena_stalled *stalled)
{
	const struct tidei_arena_reader *reader = &more->readers[place];

	memset(stalled, 0, sizeof(*stalled));
	snprintf(stalled->name, sizeof(stalled->name), "%s", reader->name);
	stalled->reader = place;
	stalled->lcore_id = place < RTE_MAX_LCORE ? place : LCORE_ID_ANY;
	stalled->tid = reader->tid;
}

bool
tidei_arena_reader_any(struct tidei_arena *more, struct tide_arena_stalled *reader)
{
	bool any = false;

	pthread_mutex_lock(&more->lock);
	for (unsigned int place = 0; place < TIDEI_ARENA_READERS && !any; place++) {
		any = more->readers[place].registered;
		if (any)
			tell(more, place, reader);
	}
	pthread_mutex_unlock(&more->lock);
	return any;
}

static bool
is_online_reader(const struct tide_arena *arena)
{
	int self = tidei_arena_reader_self(arena->more);

	/* Relaxed: only its own thread takes a reader online or offline. */
	return self >= 0 && __atomic_load_n(&arena->readers->qsbr_cnt[self].cnt,
				    __ATOMIC_RELAXED) != __RTE_QSBR_CNT_THR_OFFLINE;
}

void
tidei_arena_notice(const struct tide_arena *arena, struct tidei_arena_node *node, uint64_t epoch)
{
	struct tidei_arena *more = arena->more;

	/* Relaxed: a thread that is still in an epoch of before the flip is noticed in its next chunk. */
	if (likely(!atomic_load_explicit(&more->flipped, memory_order_relaxed)) ||
		is_online_reader(arena))
		return;
	atomic_fetch_add_explicit(&node->unregistered, 1, memory_order_relaxed);
	if (atomic_flag_test_and_set_explicit(&more->told_unregistered, memory_order_relaxed))
		return;
	TIDE_LOG(arena, WARNING,
		"%s: thread %d allocates in epoch %" PRIu64 " of an arena that is flipped and "
		"is not an online reader: no reclaim waits for it, so its memory can be handed out "
		"again while it is in use: call tide_arena_reader_register() in each thread that "
		"allocates (said once; tide_arena_stats() counts the chunks)",
		more->name, rte_gettid(), epoch);
}

bool
tidei_arena_reader_behind(const struct tide_arena *arena, uint64_t token, int but,
	struct tide_arena_stalled *stalled, uint64_t *passed)
{
	struct tidei_arena *more = arena->more;
	uint64_t count, least = token;
	bool any = false;

	pthread_mutex_lock(&more->lock);
	for (unsigned int place = 0; place < TIDEI_ARENA_READERS; place++) {
		if (!more->readers[place].registered || (int)place == but)
			continue;
		/* Relaxed: only the reader's name matters here. */
		count = __atomic_load_n(&arena->readers->qsbr_cnt[place].cnt, __ATOMIC_RELAXED);
		if (count == __RTE_QSBR_CNT_THR_OFFLINE || count >= least)
			continue;
		least = count;
		any = true;
		*passed = count;
		tell(more, place, stalled);
	}
	pthread_mutex_unlock(&more->lock);
	return any;
}
