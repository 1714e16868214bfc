/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The telemetry endpoints /tide/...: they answer for mempools of any ops, in each program that has the
 * library or the plugin.
 *
 * DPDK's telemetry thread calls the handlers. Each looks for its mempool under DPDK's lock of the list
 * of mempools, so the application cannot free the mempool meanwhile.
 */

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_lcore.h>
#include <rte_mempool.h>
#include <rte_telemetry.h>

#include "telemetry_internal.h"

struct request {
	const char *name; /* Requested mempool. */
	bool found;
	int error; /* Negative errno of the answer; 0: none. */
	struct rte_tel_data *answer;
	int (*answer_for)(struct rte_mempool *mp, struct rte_tel_data *answer);
};

static void
answer_if_named(struct rte_mempool *mp, void *arg)
{
	struct request *request = arg;

	if (request->found || strcmp(mp->name, request->name) != 0)
		return;
	request->found = true;
	request->error = request->answer_for(mp, request->answer);
}

int
tidei_answer_refuse(struct rte_tel_data *answer, const char *format, const char *name)
{
	char text[RTE_TEL_MAX_STRING_LEN];

	snprintf(text, sizeof(text), format, name);
	rte_tel_data_start_dict(answer);
	return rte_tel_data_add_dict_string(answer, "error", text);
}

/* Answer for the mempool that the parameters name. */
static int
for_one(const char *params, struct rte_tel_data *answer,
	int (*answer_for)(struct rte_mempool *mp, struct rte_tel_data *answer))
{
	struct request request = {.name = params, .answer = answer, .answer_for = answer_for};

	if (params == NULL || params[0] == '\0')
		return tidei_answer_refuse(answer, TIDEI_ANSWER_UNNAMED, "");
	rte_mempool_walk(answer_if_named, &request);
	if (!request.found)
		return tidei_answer_refuse(
			answer, "no mempool is called %.60s: /tide/pools lists them", params);
	if (request.error == -ENOTSUP)
		return tidei_answer_refuse(answer,
			"%.40s has other mempool ops than tide, which keep no owners", params);
	if (request.error < 0)
		return tidei_answer_refuse(answer, "no answer: %s", strerror(-request.error));
	return 0;
}

static void
add_name(struct rte_mempool *mp, void *arg)
{
	/* A full array refuses further names. */
	rte_tel_data_add_array_string(arg, mp->name);
}

static int
pools(const char *cmd, const char *params, struct rte_tel_data *answer)
{
	RTE_SET_USED(cmd);
	RTE_SET_USED(params);
	rte_tel_data_start_array(answer, RTE_TEL_STRING_VAL);
	rte_mempool_walk(add_name, answer);
	return 0;
}

static int
answer_pool(struct rte_mempool *mp, struct rte_tel_data *answer)
{
	const struct tide_metric *m;
	struct tide_pool_sample sample;

	tide_telemetry_mempool(mp, &sample);
	rte_tel_data_start_dict(answer);
	rte_tel_data_add_dict_string(answer, "name", mp->name);
	rte_tel_data_add_dict_string(answer, "ops", rte_mempool_get_ops(mp->ops_index)->name);
	rte_tel_data_add_dict_int(answer, "socket_id", mp->socket_id);
	tidei_answer_add(answer, "cache_size", mp->cache_size);
	for (unsigned int i = 0; (m = tide_telemetry_metric(TIDE_SCOPE_POOL, i)) != NULL; i++) {
		struct tide_metric_value value = tide_telemetry_read(m, &sample);
		char name[TIDEI_METRIC_NAME_LEN];

		/* DPDK's telemetry has whole numbers only; no metric of a pool is another one. */
		if (value.state != TIDE_METRIC_KNOWN || value.is_real)
			continue;
		tidei_metric_name(m, name);
		tidei_answer_add(answer, name, value.count);
	}
	return 0;
}

static int
pool(const char *cmd, const char *params, struct rte_tel_data *answer)
{
	RTE_SET_USED(cmd);
	return for_one(params, answer, answer_pool);
}

/* DPDK's telemetry has no array of dictionaries, so an owner is a member by its name. */
static int
add_owner(const struct tide_mempool_owner *owner, unsigned int place, struct rte_tel_data *answer)
{
	struct rte_tel_data *one = rte_tel_data_alloc();
	char name[32];

	if (one == NULL)
		return -ENOMEM;
	rte_tel_data_start_dict(one);
	if (owner->lcore_id != LCORE_ID_ANY)
		snprintf(name, sizeof(name), "lcore_%u", owner->lcore_id);
	else if (owner->tid != 0)
		snprintf(name, sizeof(name), "thread_%u", owner->tid);
	else
		snprintf(name, sizeof(name), "others_%u", place);
	tidei_answer_add(one, "buffers", owner->buffers);
	if (owner->age_max_ms != 0) {
		tidei_answer_add(one, "oldest_min_ms", owner->age_min_ms);
		tidei_answer_add(one, "oldest_max_ms", owner->age_max_ms);
	}
	return rte_tel_data_add_dict_container(answer, name, one, 0);
}

static int
answer_owners(struct rte_mempool *mp, struct rte_tel_data *answer)
{
	struct tide_mempool_owner owners[TIDE_MEMPOOL_OWNERS_MAX];
	int nb = tide_mempool_owners(mp, owners, RTE_DIM(owners)), ret = 0;

	if (nb < 0)
		return nb;
	rte_tel_data_start_dict(answer);
	for (int i = 0; i < nb && ret == 0; i++)
		ret = add_owner(&owners[i], (unsigned int)i, answer);
	return ret;
}

static int
owners_of(const char *cmd, const char *params, struct rte_tel_data *answer)
{
	RTE_SET_USED(cmd);
	return for_one(params, answer, answer_owners);
}

/* The plugin leaves the endpoints to the library if the program has linked it. */
static bool
library_has_them(void)
{
	void *symbol = dlsym(RTLD_DEFAULT, "tide_telemetry_metric");

	return symbol != NULL && symbol != (void *)(uintptr_t)tide_telemetry_metric;
}

RTE_INIT(register_endpoints)
{
	if (library_has_them())
		return;
	rte_telemetry_register_cmd(
		"/tide/pools", pools, "Lists the mempools of this process. Takes no parameters");
	rte_telemetry_register_cmd("/tide/pool", pool,
		"Returns the metrics of a mempool of any ops. Parameters: name of the mempool");
	rte_telemetry_register_cmd("/tide/owners", owners_of,
		"Lists who took the outstanding buffers of a mempool with the tide ops, and their "
		"ages. Parameters: name of the mempool");
	rte_telemetry_register_cmd("/tide/scan", tidei_telemetry_scan,
		"Tells where the outstanding buffers of a mempool are, and which are leaked. "
		"Parameters: name of the mempool");
}
