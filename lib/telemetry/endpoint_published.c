/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The endpoints /tide/arena and /tide/flows: what the program has published. */

#include <string.h>

#include <rte_common.h>

#include "endpoint.h"
#include "published.h"

struct request {
	enum tide_metric_scope scope;
	const char *name; /* Requested thing; empty: all. */
	bool found;
	struct tidei_answer *answer;
};

static void
add_thing(const char *name, const union tidei_published_sample *sample, void *arg)
{
	struct request *request = arg;
	bool all = request->name[0] == '\0';

	if (all && sample != NULL) {
		tidei_answer_open(request->answer, name);
		tidei_endpoint_metrics(request->answer, request->scope, sample);
		tidei_answer_close(request->answer);
	} else if (!all && strcmp(name, request->name) == 0) {
		request->found = true;
		if (sample == NULL)
			tidei_answer_refuse(request->answer, "%s has no figures now", name);
		else
			tidei_endpoint_metrics(request->answer, request->scope, sample);
	}
}

static void
answer_scope(enum tide_metric_scope scope, const char *params, struct tidei_answer *answer)
{
	struct request request = {.scope = scope, .name = params, .answer = answer};
	const char *what = tide_telemetry_scope_name(scope);

	tidei_answer_start(answer);
	if (tidei_published_each(scope, add_thing, &request) < 0)
		tidei_answer_refuse(answer, TIDEI_ENDPOINT_ENDED);
	else if (params[0] != '\0' && !request.found)
		tidei_answer_refuse(answer,
			"the program has published no %s called %.60s: /tide/%s lists them", what,
			params, what);
}

void
tidei_endpoint_arena(const char *params, struct tidei_answer *answer)
{
	answer_scope(TIDE_SCOPE_ARENA, params, answer);
}

void
tidei_endpoint_flows(const char *params, struct tidei_answer *answer)
{
	answer_scope(TIDE_SCOPE_FLOWS, params, answer);
}
