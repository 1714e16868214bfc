/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The endpoints /tide/pools, /tide/pool and /tide/owners: what is known about mempools of any ops. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_lcore.h>
#include <rte_mempool.h>

#include "endpoint.h"
#include "locate_friend.h"

struct request {
	const char *name; /* Requested mempool. */
	bool found;
	struct tidei_answer *answer;
	void (*answer_for)(struct rte_mempool *mp, struct tidei_answer *answer);
};

static void
answer_if_named(struct rte_mempool *mp, void *arg)
{
	struct request *request = arg;

	if (request->found || strcmp(mp->name, request->name) != 0)
		return;
	request->found = true;
	request->answer_for(mp, request->answer);
}

void
tidei_endpoint_for_mempool(const char *params, struct tidei_answer *answer,
	void (*answer_for)(struct rte_mempool *mp, struct tidei_answer *answer))
{
	struct request request = {.name = params, .answer = answer, .answer_for = answer_for};

	if (params[0] == '\0') {
		tidei_answer_refuse(answer, TIDEI_ENDPOINT_UNNAMED);
		return;
	}
	if (tidei_mempools_walk(answer_if_named, &request) < 0)
		tidei_answer_refuse(answer, TIDEI_ENDPOINT_ENDED);
	else if (!request.found)
		tidei_answer_refuse(answer, TIDEI_ENDPOINT_ABSENT, params);
}

static void
add_name(struct rte_mempool *mp, void *arg)
{
	tidei_answer_string(arg, NULL, mp->name);
}

void
tidei_endpoint_pools(const char *params, struct tidei_answer *answer)
{
	RTE_SET_USED(params);
	tidei_answer_start_array(answer);
	if (tidei_mempools_walk(add_name, answer) < 0)
		tidei_answer_refuse(answer, TIDEI_ENDPOINT_ENDED);
}

static void
answer_pool(struct rte_mempool *mp, struct tidei_answer *answer)
{
	struct tide_pool_sample sample;

	tide_telemetry_mempool(mp, &sample);
	tidei_answer_start(answer);
	tidei_answer_string(answer, "name", mp->name);
	tidei_answer_string(answer, "ops", rte_mempool_get_ops(mp->ops_index)->name);
	tidei_answer_signed(answer, "socket_id", mp->socket_id);
	tidei_answer_unsigned(answer, "cache_size", mp->cache_size);
	tidei_endpoint_metrics(answer, TIDE_SCOPE_POOL, &sample);
}

void
tidei_endpoint_pool(const char *params, struct tidei_answer *answer)
{
	tidei_endpoint_for_mempool(params, answer, answer_pool);
}

/* DPDK's telemetry has no array of dictionaries, so an owner is a member by its name. */
static void
add_owner(const struct tide_mempool_owner *owner, unsigned int place, struct tidei_answer *answer)
{
	char name[32];

	if (owner->lcore_id != LCORE_ID_ANY)
		snprintf(name, sizeof(name), "lcore_%u", owner->lcore_id);
	else if (owner->tid != 0)
		snprintf(name, sizeof(name), "thread_%u", owner->tid);
	else
		snprintf(name, sizeof(name), "others_%u", place);
	tidei_answer_open(answer, name);
	tidei_answer_unsigned(answer, "buffers", owner->buffers);
	if (owner->age_max_ms != 0) {
		tidei_answer_unsigned(answer, "oldest_min_ms", owner->age_min_ms);
		tidei_answer_unsigned(answer, "oldest_max_ms", owner->age_max_ms);
	}
	tidei_answer_close(answer);
}

static void
answer_owners(struct rte_mempool *mp, struct tidei_answer *answer)
{
	struct tide_mempool_owner owners[TIDE_MEMPOOL_OWNERS_MAX];
	int nb = tide_mempool_owners(mp, owners, RTE_DIM(owners));

	if (nb == -ENOTSUP) {
		tidei_answer_refuse(answer,
			"%s has other mempool ops than tide, which keep no owners", mp->name);
		return;
	}
	if (nb < 0 && nb != -ENODATA) {
		tidei_answer_refuse(answer, "no answer: %s", strerror(-nb));
		return;
	}
	/* A mempool without any memory yet has no owners. */
	tidei_answer_start(answer);
	for (int i = 0; i < nb; i++)
		add_owner(&owners[i], (unsigned int)i, answer);
}

void
tidei_endpoint_owners(const char *params, struct tidei_answer *answer)
{
	tidei_endpoint_for_mempool(params, answer, answer_owners);
}
