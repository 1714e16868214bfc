/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Readers of an arena by name: who is registered, who keeps an epoch waiting. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "arena_internal.h"

/* A place for this thread: of its lcore, else the first free one behind those. */
static int
find_place(const struct tidei_arena *more)
{
	uint32_t tid = (uint32_t)rte_gettid();
	unsigned int lcore = rte_lcore_id(), place;
	int free_place = -ENOSPC;

	for (place = 0; place < TIDEI_ARENA_READERS; place++) {
		if (more->readers[place].registered && more->readers[place].tid == tid)
			return -EEXIST;
		if (place >= RTE_MAX_LCORE && !more->readers[place].registered && free_place < 0)
			free_place = (int)place;
	}
	if (lcore >= RTE_MAX_LCORE)
		return free_place;
	return more->readers[lcore].registered ? -EEXIST : (int)lcore;
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
		ret = 0;
	}
	pthread_mutex_unlock(&more->lock);
	return ret;
}

static void
tell(const struct tidei_arena *more, unsigned int place, struct tide_arena_late *late)
{
	const struct tidei_arena_reader *reader = &more->readers[place];

	memset(late, 0, sizeof(*late));
	snprintf(late->name, sizeof(late->name), "%s", reader->name);
	late->reader = place;
	late->lcore_id = place < RTE_MAX_LCORE ? place : LCORE_ID_ANY;
	late->tid = reader->tid;
}

bool
tidei_arena_reader_any(struct tidei_arena *more, struct tide_arena_late *reader)
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

int
tidei_arena_reader_self(struct tidei_arena *more)
{
	uint32_t tid = (uint32_t)rte_gettid();
	int self = -ENOENT;

	pthread_mutex_lock(&more->lock);
	for (unsigned int place = 0; place < TIDEI_ARENA_READERS && self < 0; place++) {
		if (more->readers[place].registered && more->readers[place].tid == tid)
			self = (int)place;
	}
	pthread_mutex_unlock(&more->lock);
	return self;
}

bool
tidei_arena_reader_behind(const struct tide_arena *arena, uint64_t token, int but,
	struct tide_arena_late *late, uint64_t *passed)
{
	struct tidei_arena *more = arena->more;
	uint64_t count, least = token;
	bool any = false;

	pthread_mutex_lock(&more->lock);
	for (unsigned int place = 0; place < TIDEI_ARENA_READERS; place++) {
		if (!more->readers[place].registered || (int)place == but)
			continue;
		/* Relaxed: only who it is matters here. */
		count = __atomic_load_n(&arena->readers->qsbr_cnt[place].cnt, __ATOMIC_RELAXED);
		if (count == __RTE_QSBR_CNT_THR_OFFLINE || count >= least)
			continue;
		least = count;
		any = true;
		*passed = count;
		tell(more, place, late);
	}
	pthread_mutex_unlock(&more->lock);
	return any;
}
