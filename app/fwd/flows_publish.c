/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: what clients of the telemetry sockets see of flow accounting. */

#include <stdio.h>
#include <string.h>

#include "flows.h"
#include "subject.h"
#include "tide_telemetry.h"

/* The name of the last complete interval. */
#define INTERVAL "last_interval"

/* arg is the element of flows->place for the node. */
static bool
take_arena(void *arg, void *sample)
{
	const struct fwd_flows_place *place = arg;

	return tide_arena_stats(place->arena, place->node, sample) == 0;
}

/* Main never waits for a thread that reads; that thread reads again if main wrote meanwhile. */
static bool
take_interval(void *arg, void *sample)
{
	struct fwd_flows_shared *shared = arg;
	struct fwd_subject subject;
	struct fwd_flow_tally tally;
	uint64_t number;
	uint32_t sn;

	do {
		sn = rte_seqcount_read_begin(&shared->seqcount);
		number = shared->number;
		tally = shared->tally;
	} while (rte_seqcount_read_retry(&shared->seqcount, sn));
	if (number == 0)
		return false;
	fwd_flows_subject(&tally, &subject);
	*(struct tide_flows_sample *)sample = subject.sample.flows;
	return true;
}

void
fwd_flows_share(struct fwd_flows *flows)
{
	struct fwd_flows_shared *shared = &flows->shared;

	rte_seqcount_write_begin(&shared->seqcount);
	shared->number = flows->complete.number;
	shared->tally = flows->complete.tally;
	rte_seqcount_write_end(&shared->seqcount);
}

static int
publish_arena(struct fwd_flows *flows, unsigned int i)
{
	struct fwd_flows_place *place = &flows->place[i];

	*place = (struct fwd_flows_place){.arena = flows->arena, .node = flows->node[i]};
	snprintf(place->name, sizeof(place->name), "flows_node_%d", place->node);
	return tide_telemetry_publish(TIDE_SCOPE_ARENA, place->name, take_arena, place);
}

int
fwd_flows_publish(struct fwd_flows *flows, struct app_error *err)
{
	int rc = tide_telemetry_publish(TIDE_SCOPE_FLOWS, INTERVAL, take_interval, &flows->shared);

	for (unsigned int i = 0; rc == 0 && i < flows->nb_nodes; i++)
		rc = publish_arena(flows, i);
	if (rc == 0)
		return 0;
	return app_fail(err, APP_EXIT_RUN, "cannot publish the flows: %s", strerror(-rc));
}

void
fwd_flows_withdraw(struct fwd_flows *flows)
{
	/* A name that was not published is not found. */
	tide_telemetry_withdraw(TIDE_SCOPE_FLOWS, INTERVAL);
	for (unsigned int i = 0; i < flows->nb_nodes; i++)
		tide_telemetry_withdraw(TIDE_SCOPE_ARENA, flows->place[i].name);
}
