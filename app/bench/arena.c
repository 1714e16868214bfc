/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: objects of any size, allocated one by one and given back together, as what belongs to one
 * interval or one burst is. The works are those of arena_loop.h, and the flip that gives back many
 * chunks at once (arena_flip.h).
 */

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include "arena_flip.h"
#include "arena_loop.h"
#include "crew.h"
#include "scenarios.h"
#include "sizes.h"
#include "tide_region.h"

#define HEAPS_MAX 8

/* All works: sizes, threads, whether objects are written; then the flip. */
#define MIXED 1u
#define PAIR  2u
#define WRITE 4u
#define WORKS 8u

/* What a guest is; the floor is none. */
struct guest {
	enum way way;
	struct heap heap;
};

static const struct guest guest_arena = {.way = WAY_ARENA};
static const struct guest guest_bump = {.way = WAY_BUMP};
static const struct guest guest_pool = {.way = WAY_POOL};
static const struct guest no_guest = {.way = WAY_FLOOR};

static void *
eal_get(size_t size)
{
	return rte_malloc(NULL, size, 0);
}

static const struct guest guest_eal = {.way = WAY_HEAP, .heap = {eal_get, rte_free}};

/* Filled as allocators are invited. */
static struct guest guest_heap[HEAPS_MAX];

static struct candidate *
add(struct bench *bench, const char *name, const struct guest *guest)
{
	struct candidate *c = bench_candidate(bench, name);

	c->guest_of = &scenario_arena;
	c->guest = guest;
	c->present = true;
	return c;
}

static void
invite(struct bench *bench)
{
	struct candidate *c;

	add(bench, ARENA_SUBJECT, &guest_arena)->no_peer = true;
	add(bench, "shared_bump", &guest_bump)->no_peer = true;
	add(bench, "tide_bump", &guest_pool)->no_peer = true;
	for (unsigned int i = 0; i < HEAPS_MAX && heap_name(i) != NULL; i++) {
		guest_heap[i].way = WAY_HEAP;
		c = add(bench, heap_name(i), &guest_heap[i]);
		c->present = heap_load(i, &guest_heap[i].heap, c->reason, sizeof(c->reason)) == 0;
		if (!c->present)
			bench_note(bench, "%s is left out: %s", c->name, c->reason);
	}
	add(bench, "rte_malloc", &guest_eal);
}

static bool
plan(const struct bench *bench, unsigned int i, struct work *work)
{
	work->bulk = 0;
	if (i > WORKS)
		return false;
	if (i == WORKS) {
		arena_flip_plan(work);
		return true;
	}
	work->object = i & MIXED ? 0 : ARENA_SIZE;
	work->threads = i & PAIR ? 2 : 1;
	work->write = i & WRITE;
	snprintf(work->label, sizeof(work->label), "%s, %u thread%s%s",
		i & MIXED ? "mixed sizes" : "64 bytes", work->threads, i & PAIR ? "s" : "",
		i & WRITE ? ", written" : "");
	return true;
}

/* What a turn holds. */
struct stage {
	struct ground ground;
	struct tide_region *
		region; /* Of floor, bump and pool: as large as the arena, made as it makes its own. */
	uint16_t sizes[ARENA_BURST];
	struct hand hand[2]; /* Of the main lcore, and of another. */
};

static int
make_pool(struct turn *turn, struct ground *g)
{
	const struct tide_bump_conf conf = {
		.name = "bench", .addr = g->base, .len = g->len, .epochs = 2};
	char why[TIDE_BUMP_WHY_MAX];

	g->pool = tide_bump_create(&conf, why);
	if (g->pool == NULL)
		return app_fail(&turn->err, APP_EXIT_RUN, "%s: %s", turn->who->name, why);
	return 0;
}

static void
unmake_pool(struct turn *turn, struct tide_bump *pool)
{
	char why[TIDE_BUMP_WHY_MAX];

	/* A turn that failed may have left anything. */
	if (turn->err.code == 0 && tide_bump_check(pool, why) != 0)
		app_fail(&turn->err, APP_EXIT_RUN, "%s: %s", turn->who->name, why);
	if (tide_bump_free(pool) != 0)
		app_fail(&turn->err, APP_EXIT_RUN, "%s: readers are left", turn->who->name);
}

static int
make_ground(struct turn *turn, struct stage *stage)
{
	const struct tide_region_conf conf = {
		.name = "bench_bump",
		.node = (int)rte_socket_id(),
		.len = (size_t)ARENA_CHUNKS * ARENA_CHUNK_SIZE,
	};
	struct ground *g = &stage->ground;

	if (g->way == WAY_HEAP)
		return 0;
	if (g->way == WAY_ARENA) {
		g->arena = arena_make(&turn->err);
		return g->arena != NULL ? 0 : -1;
	}
	stage->region = tide_region_create(&conf, NULL);
	if (stage->region == NULL)
		return app_fail(&turn->err, APP_EXIT_RUN, "%s: no memory: %s", turn->who->name,
			rte_strerror(rte_errno));
	g->base = tide_region_addr(stage->region);
	g->len = tide_region_len(stage->region);
	return g->way == WAY_POOL ? make_pool(turn, g) : 0;
}

static void
unmake_ground(struct turn *turn, struct stage *stage)
{
	if (stage->ground.arena != NULL)
		arena_unmake(stage->ground.arena, &turn->err);
	if (stage->ground.pool != NULL)
		unmake_pool(turn, stage->ground.pool);
	tide_region_free(stage->region);
	free(stage);
}

static int
join_pool(struct hand *hand, struct app_error *err)
{
	hand->holder = tide_bump_reader_register(hand->ground->pool, NULL);
	if (hand->holder == NULL)
		return app_fail(err, APP_EXIT_RUN, "tide_bump: a reader was not registered");
	tide_bump_hold(hand->holder);
	return 0;
}

static int
join(struct hand *hand, struct app_error *err)
{
	int reader;

	if (hand->ground->way == WAY_POOL)
		return join_pool(hand, err);
	if (hand->ground->way != WAY_ARENA)
		return 0;
	reader = tide_arena_reader_register(hand->ground->arena, NULL);
	if (reader < 0)
		return app_fail(err, APP_EXIT_RUN, "%s: a thread was not registered: %s",
			ARENA_SUBJECT, rte_strerror(-reader));
	hand->reader = (unsigned int)reader;
	return 0;
}

static void
leave(struct hand *hand)
{
	if (hand->ground->way == WAY_ARENA)
		tide_arena_reader_unregister(hand->ground->arena, hand->reader);
	if (hand->ground->way == WAY_POOL)
		tide_bump_reader_unregister(hand->holder);
}

/* Also makes the memory warm. */
static int
prove(struct hand *hand, struct turn *turn)
{
	int ret = join(hand, &turn->err);

	if (ret != 0 || hand->ground->way == WAY_FLOOR)
		return ret;
	ret = arena_prove(hand, turn->who->name, &turn->err);
	leave(hand);
	return ret;
}

static int
alloc_setup(struct turn *turn)
{
	const struct guest *guest = turn->who->guest != NULL ? turn->who->guest : &no_guest;
	/* Its size is a multiple of its alignment. */
	struct stage *stage = aligned_alloc(alignof(struct stage), sizeof(*stage));

	if (stage == NULL)
		return app_fail(&turn->err, APP_EXIT_RUN, "%s: out of memory", turn->who->name);
	memset(stage, 0, sizeof(*stage));
	stage->ground.way = guest->way;
	stage->ground.heap = guest->heap;
	stage->ground.write = turn->work->write;
	stage->hand[0].leader = true;
	sizes_mix(stage->sizes, ARENA_BURST);
	if (turn->work->object == 0)
		stage->ground.sizes = stage->sizes;
	for (unsigned int i = 0; i < RTE_DIM(stage->hand); i++)
		stage->hand[i].ground = &stage->ground;
	if (make_ground(turn, stage) != 0 || prove(&stage->hand[0], turn) != 0) {
		unmake_ground(turn, stage);
		return -1;
	}
	turn->own = stage;
	return 0;
}

static void
work_for(struct hand *hand, uint64_t start, uint64_t ticks, struct tally *tally)
{
	uint32_t n;

	do {
		n = arena_burst(hand);
		tally->objects += n;
		if (likely(n == ARENA_BURST))
			continue;
		tally->failed++;
		/* Another thread keeps it waiting: let that one run. */
		sched_yield();
	} while (rte_rdtsc_precise() - start < ticks);
}

/*
 * Wait for the others. Whoever starts finds an arena that has everything back, even where the warm-up
 * ran it dry as one thread was stopped: while all are waiting no reader is online.
 */
static uint64_t
begin(struct hand *hand, struct crew *crew)
{
	struct ground *g = hand->ground;
	uint64_t start;

	if (g->way == WAY_POOL) {
		tide_bump_release(hand->holder);
		start = crew_begin(crew);
		arena_turn_over(g);
		tide_bump_hold(hand->holder);
		return start;
	}
	if (g->way != WAY_ARENA)
		return crew_begin(crew);
	tide_arena_offline(g->arena, hand->reader);
	start = crew_begin(crew);
	arena_turn_over(g);
	tide_arena_online(g->arena, hand->reader);
	return start;
}

/* One thread of a turn. */
struct member {
	struct crew *crew;
	struct hand *hand;
	struct app_error err;
};

static int
member(void *arg)
{
	struct member *m = arg;
	struct tally warm = {0}, tally = {0};
	int ret = join(m->hand, &m->err);

	if (ret == 0)
		work_for(m->hand, rte_rdtsc_precise(), m->crew->ticks / 10, &warm);
	/* Also when it could not join: the other waits. */
	if (ret == 0)
		work_for(m->hand, begin(m->hand, m->crew), m->crew->ticks, &tally);
	else
		crew_begin(m->crew);
	crew_end(m->crew, &tally);
	if (ret == 0)
		leave(m->hand);
	return ret;
}

static int
alloc_run(struct turn *turn)
{
	const unsigned int other = rte_get_next_lcore(-1, 1, 0);
	struct stage *stage = turn->own;
	struct crew crew = {
		.turn = turn,
		.threads = turn->work->threads,
		.ticks = source_ticks(turn->bench),
		.lock = ATOMIC_FLAG_INIT,
	};
	struct member members[] = {
		{.crew = &crew, .hand = &stage->hand[0]},
		{.crew = &crew, .hand = &stage->hand[1]},
	};
	int ret = 0;

	if (crew.threads > 1)
		ret = rte_eal_remote_launch(member, &members[1], other);
	if (ret != 0)
		return app_fail(&turn->err, APP_EXIT_RUN, "lcore %u did not start: %s", other,
			rte_strerror(-ret));
	member(&members[0]);
	if (crew.threads > 1)
		rte_eal_wait_lcore(other);
	for (unsigned int i = 0; i < crew.threads; i++)
		if (members[i].err.code != 0) {
			turn->err = members[i].err;
			return -1;
		}
	return crew_sample(&crew, turn);
}

static bool
is_flip(const struct turn *turn)
{
	return turn->work->only != NULL;
}

static int
setup(struct turn *turn)
{
	return is_flip(turn) ? arena_flip_setup(turn) : alloc_setup(turn);
}

static int
run(struct turn *turn)
{
	return is_flip(turn) ? arena_flip_run(turn) : alloc_run(turn);
}

static void
teardown(struct turn *turn)
{
	if (is_flip(turn))
		arena_flip_teardown(turn);
	else
		unmake_ground(turn, turn->own);
}

const struct scenario scenario_arena = {
	.name = "arena",
	.what = "objects allocated one by one and given back together",
	.unit = "M objects/s",
	.more_is_better = true,
	.invite = invite,
	.plan = plan,
	.setup = setup,
	.run = run,
	.teardown = teardown,
};
