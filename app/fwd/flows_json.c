/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: flows as JSON. */

#include <arpa/inet.h>
#include <inttypes.h>

#include <rte_byteorder.h>

#include "flows.h"

static void
sum(FILE *out, const struct fwd_flow_sum *found)
{
	fprintf(out, "\"packets\":%" PRIu64 ",\"bytes\":%" PRIu64, found->packets, found->bytes);
}

static void
tally(FILE *out, const struct fwd_flow_tally *found)
{
	sum(out, &found->ip);
	fprintf(out, ",\"not_ip\":{");
	sum(out, &found->other);
	fprintf(out, "},\"not_accounted\":{");
	sum(out, &found->lost);
	fputc('}', out);
}

static void
entry(FILE *out, const struct fwd_flow_entry *found)
{
	const union fwd_flow_key *key = &found->key;
	bool v4 = key->version == 4;
	char src[INET6_ADDRSTRLEN] = "", dst[INET6_ADDRSTRLEN] = "";

	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? key->v4.src : key->v6.src, src, sizeof(src));
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? key->v4.dst : key->v6.dst, dst, sizeof(dst));
	fprintf(out, "{\"src\":\"%s\",\"dst\":\"%s\",\"proto\":%u,\"sport\":%u,\"dport\":%u,", src,
		dst, key->proto, rte_be_to_cpu_16(key->sport), rte_be_to_cpu_16(key->dport));
	sum(out, &found->sum);
	fputc('}', out);
}

static void
report(FILE *out, const char *key, const struct fwd_flow_report *found)
{
	if (found->number == 0) {
		fprintf(out, ",\"%s\":null", key);
		return;
	}
	fprintf(out, ",\"%s\":{\"interval\":%" PRIu64 ",\"seconds\":%.6f,\"flows\":%" PRIu64 ",",
		key, found->number, (double)found->ns / 1e9, found->tally.flows);
	tally(out, &found->tally);
	fprintf(out, ",\"top\":[");
	for (unsigned int i = 0; i < found->nb_top; i++) {
		fputs(i == 0 ? "" : ",", out);
		entry(out, &found->top[i]);
	}
	fprintf(out, "]}");
}

static void
memory(FILE *out, const struct fwd_flows *flows)
{
	fprintf(out, ",\"memory\":[");
	for (unsigned int i = 0; i < flows->nb_nodes; i++) {
		struct tide_arena_stats stats = {.node = flows->node[i]};

		tide_arena_stats(flows->arena, flows->node[i], &stats);
		fprintf(out,
			"%s{\"node\":%d,\"bytes\":%" PRIu64 ",\"chunks\":%u,\"chunks_peak\":%u,"
			"\"failures\":%" PRIu64 "}",
			i == 0 ? "" : ",", stats.node, stats.capacity, stats.chunks,
			stats.chunks_high, stats.failures);
	}
	fputc(']', out);
}

void
fwd_flows_json(const struct fwd_flows *flows, FILE *out)
{
	fprintf(out,
		"{\"interval_seconds\":%" PRIu64 ",\"intervals\":%" PRIu64
		",\"flows_peak\":%" PRIu64 ",",
		flows->period / 1000000000, flows->next.number, flows->total.flows);
	tally(out, &flows->total);
	report(out, "complete", &flows->complete);
	report(out, "busiest", &flows->busiest);
	report(out, "unfinished", &flows->unfinished);
	memory(out, flows);
	fputc('}', out);
}
