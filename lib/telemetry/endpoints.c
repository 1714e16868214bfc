/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The table of endpoints, and their registration with DPDK's telemetry. */

#include <assert.h>
#include <string.h>

#include <rte_common.h>
#include <rte_telemetry.h>

#include "endpoint.h"

/* DPDK refuses a longer command or help without a word. */
#define COMMAND_MAX 56
#define SHORT_ENOUGH(command, function, slow, help)                                         \
	static_assert(sizeof(command) <= COMMAND_MAX, "the command is too long: " command); \
	static_assert(sizeof(help) <= RTE_TEL_MAX_STRING_LEN, "the help is too long: " command);
TIDEI_ENDPOINTS(SHORT_ENOUGH)

#define ENTRY(command, function, slow, help) {command, function, slow, help},
static const struct tidei_endpoint table[] = {TIDEI_ENDPOINTS(ENTRY)};

const struct tidei_endpoint *
tidei_endpoint(unsigned int i)
{
	return i < RTE_DIM(table) ? &table[i] : NULL;
}

const struct tidei_endpoint *
tidei_endpoint_find(const char *command)
{
	for (unsigned int i = 0; i < RTE_DIM(table); i++) {
		if (strcmp(table[i].command, command) == 0)
			return &table[i];
	}
	return NULL;
}

void
tidei_endpoint_metrics(
	struct tidei_answer *answer, enum tide_metric_scope scope, const void *sample)
{
	const struct tide_metric *m;

	for (unsigned int i = 0; (m = tide_telemetry_metric(scope, i)) != NULL; i++) {
		struct tide_metric_value value = tide_telemetry_read(m, sample);
		char name[TIDE_METRIC_NAME_MAX];

		/* DPDK's telemetry has whole numbers only; no metric of these scopes is another one. */
		if (value.state != TIDE_METRIC_KNOWN || value.is_real)
			continue;
		tide_telemetry_metric_name(m, name);
		tidei_answer_unsigned(answer, name, value.count);
	}
}

/* A thread of DPDK's telemetry calls this, one for each client. */
static int
answer_dpdk(const char *command, const char *params, struct rte_tel_data *data)
{
	const struct tidei_endpoint *endpoint = tidei_endpoint_find(command);
	struct tidei_answer answer;

	if (endpoint == NULL)
		return -1;
	tidei_answer_to_data(&answer, data);
	endpoint->answer(params != NULL ? params : "", &answer);
	tidei_answer_end(&answer);
	return 0;
}

void
tidei_endpoints_register(void)
{
	for (unsigned int i = 0; i < RTE_DIM(table); i++)
		rte_telemetry_register_cmd(table[i].command, answer_dpdk, table[i].help);
}
