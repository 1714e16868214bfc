/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Epochs: a flip closes one; it is reclaimed when every reader has reported a quiescent state since.
 *
 * One thread at a time flips, reclaims or resets. It never waits for another: it tries the flag `busy`
 * and gives up.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include <rte_atomic.h>
#include <rte_cycles.h>
#include <rte_errno.h>

#include "arena_internal.h"
#include "tide_log.h"

/* Chunks freed at once. */
#define BATCH 256

/* Between two polls of the readers. */
#define WAIT_STEP_US 20

static bool
begin(struct tidei_arena *more)
{
	/* Acquire, pairs with the release of end(): sees the writes of the thread busy before. */
	return !atomic_flag_test_and_set_explicit(&more->busy, memory_order_acquire);
}

static void
end(struct tidei_arena *more)
{
	atomic_flag_clear_explicit(&more->busy, memory_order_release);
}

/* Chunks to be freed together. */
struct batch {
	const struct tidei_arena *more;
	struct tidei_arena_node *node;
	unsigned int n;
	uint32_t chunks[BATCH];
};

static void
give_batch(struct batch *batch)
{
	/* Before they can be taken again: no more are counted than there are. */
	atomic_fetch_sub_explicit(&batch->node->taken, batch->n, memory_order_relaxed);
	tidei_arena_chunks_give(batch->more, batch->node, batch->chunks, batch->n);
	batch->n = 0;
}

static void
give_list(struct batch *batch, uint32_t head)
{
	for (; head != TIDEI_ARENA_NONE; head = batch->node->next[head]) {
		batch->chunks[batch->n++] = head;
		if (batch->n == BATCH)
			give_batch(batch);
	}
}

/* Free the chunks of an epoch on a node; its grace is over. */
static void
give_node(const struct tidei_arena *more, struct tidei_arena_node *node, uint64_t epoch)
{
	uint32_t slot = tidei_arena_slot(more, epoch);
	uint32_t *heads = tidei_arena_heads(node, slot);
	struct batch batch = {.more = more, .node = node};

	for (unsigned int lcore = 0; lcore < RTE_MAX_LCORE; lcore++) {
		if (heads[lcore] == TIDEI_ARENA_NONE)
			continue;
		give_list(&batch, heads[lcore]);
		heads[lcore] = TIDEI_ARENA_NONE;
	}
	tidei_arena_shared_drop(more, node, epoch);
	/* Relaxed: after the grace no other thread uses this slot; flip opens it by a release. */
	give_list(&batch, atomic_load_explicit(&node->shared_heads[slot], memory_order_relaxed));
	atomic_store_explicit(&node->shared_heads[slot], TIDEI_ARENA_NONE, memory_order_relaxed);
	if (batch.n != 0)
		give_batch(&batch);
}

static uint64_t
token_of(const struct tidei_arena *more, uint64_t epoch)
{
	/* Acquire: what is read after it, is. */
	return atomic_load_explicit(
		&more->closed[tidei_arena_slot(more, epoch)].token, memory_order_acquire);
}

/* Reclaim closed epochs, oldest first, until one waits for a reader; the count. Only while busy. */
static int
reclaim(struct tide_arena *arena)
{
	struct tidei_arena *more = arena->more;
	uint64_t oldest = atomic_load_explicit(&more->oldest, memory_order_relaxed);
	uint64_t token;
	int given = 0;

	/*
	 * With the fence of rte_rcu_qsbr_thread_online(): either we see that reader's counter, or it
	 * sees the epoch that follows those closed before.
	 */
	rte_atomic_thread_fence(__ATOMIC_SEQ_CST);
	while (oldest < atomic_load_explicit(&more->ended, memory_order_relaxed)) {
		token = token_of(more, oldest);
		if (!rte_rcu_qsbr_check(arena->readers, token, false))
			break;
		for (unsigned int i = 0; i < more->nb_nodes; i++)
			give_node(more, more->nodes[i], oldest);
		/* Release, for tide_arena_stalled(): the slot is used again only after this. */
		atomic_store_explicit(&more->oldest, ++oldest, memory_order_release);
		given++;
	}
	return given;
}

/* Close the current epoch; its successor's slot is free. Only while busy. */
static uint64_t
close_epoch(struct tide_arena *arena)
{
	struct tidei_arena *more = arena->more;
	uint64_t epoch = tide_arena_epoch(arena);
	struct tidei_arena_closed *closed = &more->closed[tidei_arena_slot(more, epoch)];

	/* Release, for the acquire of the slow paths: the slot is empty. */
	__atomic_store_n(&arena->epoch, epoch + 1, __ATOMIC_RELEASE);
	/* A release too: a reader that acquires the token, being quiescent, sees the new epoch. */
	/* Release both: a thread that sees one of them in a reused slot sees that `oldest` changed. */
	atomic_store_explicit(
		&closed->token, rte_rcu_qsbr_start(arena->readers), memory_order_release);
	atomic_store_explicit(&closed->when, rte_get_tsc_cycles(), memory_order_release);
	/* Release, for tide_arena_stalled(): both are there. */
	atomic_store_explicit(&more->ended, epoch + 1, memory_order_release);
	return epoch;
}

/* Tells whether the next epoch finds a slot, after a reclaim if need be. Only while busy. */
static bool
make_room(struct tide_arena *arena)
{
	struct tidei_arena *more = arena->more;
	uint64_t next = tide_arena_epoch(arena) + 1;

	if (next - atomic_load_explicit(&more->oldest, memory_order_relaxed) < more->epochs)
		return true;
	return reclaim(arena) > 0;
}

int
tide_arena_flip(struct tide_arena *arena, uint64_t *closed)
{
	uint64_t epoch = 0;
	int ret = 0;

	if (!begin(arena->more))
		return -EAGAIN;
	if (make_room(arena)) {
		/* Relaxed: see tidei_arena_notice(). */
		atomic_store_explicit(&arena->more->flipped, true, memory_order_relaxed);
		epoch = close_epoch(arena);
	} else {
		ret = -ENOBUFS;
	}
	end(arena->more);
	if (ret == 0 && closed != NULL)
		*closed = epoch;
	return ret;
}

int
tide_arena_reclaim(struct tide_arena *arena)
{
	int given;

	if (!begin(arena->more))
		return -EAGAIN;
	given = reclaim(arena);
	end(arena->more);
	return given;
}

/* Take the calling thread offline, when it is an online reader; its id, else -ENOENT. */
static int
step_aside(struct tide_arena *arena)
{
	int self = tidei_arena_reader_self(arena->more);

	if (self < 0 || __atomic_load_n(&arena->readers->qsbr_cnt[self].cnt, __ATOMIC_RELAXED) ==
				__RTE_QSBR_CNT_THR_OFFLINE)
		return -ENOENT;
	tide_arena_offline(arena, (unsigned int)self);
	return self;
}

static void
step_back(struct tide_arena *arena, int self)
{
	if (self >= 0)
		tide_arena_online(arena, (unsigned int)self);
}

static bool
all_given(const struct tidei_arena *more)
{
	/* Relaxed: only a hint; the calls that act on it read again. */
	return atomic_load_explicit(&more->oldest, memory_order_relaxed) >=
	       atomic_load_explicit(&more->ended, memory_order_relaxed);
}

/* Close the current epoch and reclaim all. Only while busy, when no reader was online a moment ago. */
static int
give_all(struct tide_arena *arena, struct tide_arena_stalled *stalled)
{
	bool closed = false;

	for (;;) {
		if (!closed && make_room(arena)) {
			close_epoch(arena);
			closed = true;
		}
		reclaim(arena);
		if (closed && all_given(arena->more))
			return 0;
		/* A reader came online meanwhile, and may hold the rest. */
		if (tide_arena_stalled(arena, stalled) == 0)
			return -EBUSY;
	}
}

static int
reset(struct tide_arena *arena, struct tide_arena_stalled *stalled)
{
	int self = tidei_arena_reader_self(arena->more), ret;
	uint64_t count;

	/* Before the caller goes offline, a quiescent state. UINT64_MAX: any online reader. */
	if (tidei_arena_reader_behind(arena, UINT64_MAX, self, stalled, &count)) {
		stalled->epoch = tide_arena_epoch(arena);
		return -EBUSY;
	}
	self = step_aside(arena);
	ret = give_all(arena, stalled);
	step_back(arena, self);
	return ret;
}

int
tide_arena_reset(struct tide_arena *arena, struct tide_arena_stalled *stalled)
{
	struct tide_arena_stalled online;
	int ret;

	if (!begin(arena->more))
		return -EAGAIN;
	ret = reset(arena, &online);
	end(arena->more);
	if (ret < 0 && stalled != NULL)
		*stalled = online;
	return ret;
}

/* Log the stalled reader, like tide_arena_stalled_dump(). */
static void
log_stalled(const struct tidei_arena *more, const struct tide_arena_stalled *stalled)
{
	char text[160] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (out != NULL) {
		tide_arena_stalled_dump(stalled, out);
		fclose(out);
	}
	TIDE_LOG(arena, WARNING, "%s: %s", more->name, text);
}

static int
wait_for_all(struct tide_arena *arena, uint64_t timeout_us, struct tide_arena_stalled *stalled)
{
	uint64_t hz = rte_get_tsc_hz(), start = rte_get_tsc_cycles();
	/* A wait of at most 68 years does not overflow. */
	uint64_t limit = timeout_us / 1000000 > INT32_MAX
	                         ? UINT64_MAX
	                         : timeout_us / 1000000 * hz + timeout_us % 1000000 * hz / 1000000;
	bool last = false;

	for (;;) {
		tide_arena_reclaim(arena);
		if (all_given(arena->more))
			return 0;
		if (last)
			return -EAGAIN;
		if (rte_get_tsc_cycles() - start >= limit) {
			if (tide_arena_stalled(arena, stalled) == 0)
				return -ETIMEDOUT;
			/* The next look gives it back, unless others flip or reclaim all the time. */
			last = true;
		}
		nanosleep(&(struct timespec){0, WAIT_STEP_US * 1000}, NULL);
	}
}

int
tide_arena_reclaim_wait(
	struct tide_arena *arena, uint64_t timeout_us, struct tide_arena_stalled *stalled)
{
	int self = step_aside(arena);
	struct tide_arena_stalled who;
	int ret = wait_for_all(arena, timeout_us, &who);

	step_back(arena, self);
	if (ret == -ETIMEDOUT) {
		log_stalled(arena->more, &who);
		if (stalled != NULL)
			*stalled = who;
	}
	return ret;
}

int
tide_arena_stalled(const struct tide_arena *arena, struct tide_arena_stalled *stalled)
{
	const struct tidei_arena *more = arena->more;
	uint64_t oldest, ended, epoch, count, when, since, hz = rte_get_tsc_hz();
	struct tide_arena_stalled who;

	do {
		/* Acquire, with reclaim: when a slot is used again, oldest has changed. */
		oldest = atomic_load_explicit(&more->oldest, memory_order_acquire);
		/* Acquire, with flip: token and time are there. */
		ended = atomic_load_explicit(&more->ended, memory_order_acquire);
		if (oldest >= ended || !tidei_arena_reader_behind(
					       arena, token_of(more, ended - 1), -1, &who, &count))
			return -ENOENT;
		for (epoch = oldest; epoch < ended - 1 && token_of(more, epoch) <= count; epoch++)
			;
		when = atomic_load_explicit(
			&more->closed[tidei_arena_slot(more, epoch)].when, memory_order_acquire);
	} while (oldest != atomic_load_explicit(&more->oldest, memory_order_relaxed));
	since = rte_get_tsc_cycles() - when;
	who.epoch = epoch;
	who.stalled_us = since / hz * 1000000 + since % hz * 1000000 / hz;
	*stalled = who;
	return 0;
}
