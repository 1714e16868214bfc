/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: flows as JSON. */

#include <arpa/inet.h>

#include <rte_byteorder.h>

#include "flows.h"
#include "metrics.h"

static void
tally(struct app_json *json, const struct fwd_flow_tally *found)
{
	struct fwd_subject subject;

	fwd_flows_subject(found, &subject);
	fwd_metrics_json_all(&subject, json);
}

/* Of flows the run has no sum: the same flow counts in each interval. */
static void
total(struct app_json *json, const struct fwd_flow_tally *found)
{
	struct fwd_subject subject;

	fwd_flows_subject(found, &subject);
	subject.sample.flows.flows = TIDE_COUNT_NONE;
	fwd_metrics_json_all(&subject, json);
}

static void
entry(struct app_json *json, const struct fwd_flow_entry *found)
{
	const union fwd_flow_key *key = &found->key;
	bool v4 = key->version == 4;
	char src[INET6_ADDRSTRLEN] = "", dst[INET6_ADDRSTRLEN] = "";

	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? key->v4.src : key->v6.src, src, sizeof(src));
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? key->v4.dst : key->v6.dst, dst, sizeof(dst));
	app_json_object(json, NULL);
	app_json_text(json, "src", src);
	app_json_text(json, "dst", dst);
	app_json_uint(json, "proto", key->proto);
	app_json_uint(json, "sport", rte_be_to_cpu_16(key->sport));
	app_json_uint(json, "dport", rte_be_to_cpu_16(key->dport));
	app_json_uint(json, "packets", found->sum.packets);
	app_json_uint(json, "bytes", found->sum.bytes);
	app_json_object_end(json);
}

static void
report(struct app_json *json, const char *key, const struct fwd_flow_report *found)
{
	if (found->number == 0) {
		app_json_null(json, key);
		return;
	}
	app_json_object(json, key);
	app_json_uint(json, "interval", found->number);
	app_json_real(json, "seconds", "%.6f", (double)found->ns / 1e9);
	tally(json, &found->tally);
	app_json_array(json, "top");
	for (unsigned int i = 0; i < found->nb_top; i++)
		entry(json, &found->top[i]);
	app_json_array_end(json);
	app_json_object_end(json);
}

static void
memory(struct app_json *json, const struct fwd_flows *flows)
{
	struct fwd_subject subject;

	app_json_array(json, "memory");
	for (unsigned int i = 0; fwd_arena_subject(flows, i, &subject); i++) {
		app_json_object(json, NULL);
		app_json_int(json, "node", subject.sample.arena.node);
		fwd_metrics_json_all(&subject, json);
		app_json_object_end(json);
	}
	app_json_array_end(json);
}

void
fwd_flows_json(const struct fwd_flows *flows, struct app_json *json)
{
	app_json_uint(json, "interval_seconds", flows->period / 1000000000);
	app_json_uint(json, "intervals", flows->next.number);
	app_json_uint(json, "flows_peak", flows->total.flows);
	total(json, &flows->total);
	report(json, "complete", &flows->complete);
	report(json, "busiest", &flows->busiest);
	report(json, "unfinished", &flows->unfinished);
	memory(json, flows);
}
