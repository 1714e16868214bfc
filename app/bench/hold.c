/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-bench: how many packets a MB holds. Each candidate gets the same memory and is filled until it
 * is dry; what counts is all the memory it took, mbufs, headers and pages begun included.
 */

#include <stdlib.h>

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "hold.h"
#include "scenarios.h"
#include "tide_pool.h"

/* The simple Internet mix: 7 short, 4 middle, 1 long. */
static const uint16_t mix[] = {64, 594, 64, 64, 594, 64, 1518, 64, 594, 64, 64, 594};

static const struct {
	const char *label;
	unsigned int size;
} kinds[] = {{"64 bytes", 64}, {"256 bytes", 256}, {"1500 bytes", 1500}, {"IMIX", 0}};

bool
hold_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	if (i >= RTE_DIM(kinds))
		return false;
	snprintf(work->label, sizeof(work->label), "%s", kinds[i].label);
	work->size = kinds[i].size;
	work->buffers = HOLD_BUFFERS;
	return true;
}

void
hold_invite(struct bench *bench, const struct scenario *scenario, const char *const *names)
{
	for (unsigned int i = 0; names[i] != NULL; i++) {
		struct candidate *c = bench_candidate(bench, names[i]);

		c->guest_of = scenario;
		c->present = true;
		c->no_peer = i == 0;
	}
}

uint16_t
hold_len(const struct work *work, uint64_t n)
{
	return work->size != 0 ? (uint16_t)work->size : mix[n % RTE_DIM(mix)];
}

double
hold_carved(const struct work *work)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < RTE_DIM(mix); i++)
		sum += RTE_ALIGN_CEIL(hold_len(work, i) + sizeof(struct rte_mbuf_ext_shared_info),
			sizeof(uint64_t));
	return (double)sum / RTE_DIM(mix);
}

struct tide_pktbuf *
hold_set(const struct work *work, uint32_t packets, struct app_error *err)
{
	const int node = (int)rte_socket_id();
	struct tide_pktbuf_conf conf = {
		.name = "bench",
		.nodes = &node,
		.nb_nodes = 1,
		.packets = packets,
	};
	/* And what a packet leaves at the end of a chunk, half of one on average. */
	const double room = TIDE_PKTBUF_CHUNK_DEFAULT - 128 - hold_carved(work) / 2;
	struct tide_pktbuf *set;

	conf.chunks = (uint32_t)(packets * hold_carved(work) / room) + 2;
	set = tide_pktbuf_create(&conf);
	if (set == NULL)
		app_fail(err, APP_EXIT_RUN, "tide_pktbuf_create() of %u packets: %s", packets,
			rte_strerror(rte_errno));
	return set;
}

struct hold {
	struct tide_pool *pool; /* One of the two. */
	struct tide_pktbuf *set;
	uint64_t memory; /* Bytes it took. */
	struct rte_mbuf **held;
	unsigned int max; /* Places in it. */
	unsigned int n;
};

static int
setup_plain(struct turn *turn, struct hold *hold)
{
	const int node = (int)rte_socket_id();
	const struct tide_pool_conf conf = {
		.name = "bench",
		.nodes = &node,
		.nb_nodes = 1,
		.buffers = turn->work->buffers,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
	};
	size_t len = 0;
	void *addr;

	hold->pool = tide_pool_create(&conf);
	if (hold->pool == NULL)
		return app_fail(&turn->err, APP_EXIT_RUN, "tide_pool_create(): %s",
			rte_strerror(rte_errno));
	tide_pool_memory(hold->pool, 0, &addr, &len);
	hold->memory = len;
	hold->max = turn->work->buffers;
	return 0;
}

static int
setup_compact(struct turn *turn, struct hold *hold)
{
	const double plain = (double)turn->work->buffers *
	                     rte_mempool_calc_obj_size(
				     sizeof(struct rte_mbuf) + RTE_MBUF_DEFAULT_BUF_SIZE, 0, NULL);
	const double each =
		hold_carved(turn->work) +
		rte_mempool_calc_obj_size(sizeof(struct rte_mbuf), RTE_MEMPOOL_F_NO_SPREAD, NULL);
	struct tide_pktbuf_stats stats = {0};

	hold->max = (unsigned int)(plain / each);
	hold->set = hold_set(turn->work, hold->max, &turn->err);
	if (hold->set == NULL)
		return -1;
	tide_pktbuf_stats(hold->set, (int)rte_socket_id(), &stats);
	hold->memory = stats.memory;
	return 0;
}

static int
hold_setup(struct turn *turn)
{
	struct hold *hold = calloc(1, sizeof(*hold));

	if (hold == NULL)
		return app_fail(&turn->err, APP_EXIT_RUN, "out of memory");
	if ((turn->who->no_peer ? setup_compact(turn, hold) : setup_plain(turn, hold)) == 0) {
		hold->held = calloc(hold->max, sizeof(*hold->held));
		turn->own = hold;
		return 0;
	}
	free(hold);
	return -1;
}

/* A packet of len bytes; NULL: there is no room for it. */
static struct rte_mbuf *
one(struct hold *hold, uint16_t len)
{
	struct rte_mbuf *m;

	if (hold->set != NULL)
		m = tide_pktbuf_alloc(hold->set, len);
	else
		m = rte_pktmbuf_alloc(tide_pool_member(hold->pool, 0));
	if (m != NULL)
		memset(rte_pktmbuf_append(m, len), (int)len, len);
	return m;
}

static int
hold_run(struct turn *turn)
{
	struct hold *hold = turn->own;

	if (hold->held == NULL)
		return app_fail(&turn->err, APP_EXIT_RUN, "out of memory");
	for (hold->n = 0; hold->n < hold->max; hold->n++) {
		hold->held[hold->n] = one(hold, hold_len(turn->work, hold->n));
		if (hold->held[hold->n] == NULL)
			break;
	}
	turn->sample.value = hold->n / ((double)hold->memory / (1 << 20));
	return 0;
}

static void
hold_teardown(struct turn *turn)
{
	struct hold *hold = turn->own;

	if (hold->n > 0)
		rte_pktmbuf_free_bulk(hold->held, hold->n);
	free(hold->held);
	if (hold->set != NULL && tide_pktbuf_check(hold->set) != 0)
		app_fail(&turn->err, APP_EXIT_RUN, "%s: its books are wrong", turn->who->name);
	if (tide_pool_free(hold->pool) != 0 || tide_pktbuf_free(hold->set) != 0)
		app_fail(&turn->err, APP_EXIT_RUN, "%s: lost packets", turn->who->name);
	free(hold);
}

static void
invite(struct bench *bench)
{
	static const char *const names[] = {"tide_pktbuf", "plain", NULL};

	hold_invite(bench, &scenario_hold, names);
}

/* Nothing is taken in bursts. */
static bool
density_plan(const struct bench *bench, unsigned int i, struct work *work)
{
	work->bulk = 0;
	return hold_plan(bench, i, work);
}

const struct scenario scenario_hold = {
	.name = "hold",
	.what = "packets that a MB holds, compact and in mbufs of 2 KB",
	.unit = "packets/MB",
	.more_is_better = true,
	.exact = true,
	.no_floor = true,
	.invite = invite,
	.crowding = CROWDING_ALONE,
	.plan = density_plan,
	.setup = hold_setup,
	.run = hold_run,
	.teardown = hold_teardown,
};
