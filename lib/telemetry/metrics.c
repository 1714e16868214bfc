/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The table of metrics. To add one, add an entry: every output has it then, under this name. Where the
 * figure is no field of the sample, give the entry a function.
 */

#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "tide_telemetry.h"

static const struct tide_metric_value no_value = {.state = TIDE_METRIC_NONE};

static struct tide_metric_value
whole(uint64_t count)
{
	return (struct tide_metric_value){.state = TIDE_METRIC_KNOWN, .count = count};
}

static struct tide_metric_value
real(double value)
{
	return (struct tide_metric_value){
		.state = TIDE_METRIC_KNOWN, .is_real = true, .real = value};
}

static struct tide_metric_value
field(uint64_t count)
{
	if (count == TIDE_COUNT_NONE)
		return no_value;
	if (count == TIDE_COUNT_UNKNOWN)
		return (struct tide_metric_value){.state = TIDE_METRIC_UNKNOWN};
	return whole(count);
}

/* Per second. Counters of a driver that were reset in between count as no progress. */
static struct tide_metric_value
rate(uint64_t before, uint64_t now, double scale, uint64_t ns)
{
	double progress = now < before ? 0 : (double)(now - before);

	return real(ns == 0 ? 0 : progress * scale * 1e9 / (double)ns);
}

static struct tide_metric_value
port_rx_pps(const void *sample)
{
	const struct tide_port_sample *s = sample;

	return rate(s->before.rx, s->now.rx, 1, s->ns);
}

static struct tide_metric_value
port_tx_pps(const void *sample)
{
	const struct tide_port_sample *s = sample;

	return rate(s->before.tx, s->now.tx, 1, s->ns);
}

static struct tide_metric_value
port_rx_mbps(const void *sample)
{
	const struct tide_port_sample *s = sample;

	return rate(s->before.rx_bytes, s->now.rx_bytes, 8e-6, s->ns);
}

static struct tide_metric_value
port_tx_mbps(const void *sample)
{
	const struct tide_port_sample *s = sample;

	return rate(s->before.tx_bytes, s->now.tx_bytes, 8e-6, s->ns);
}

static struct tide_metric_value
lcore_busy(const void *sample)
{
	const struct tide_lcore_sample *s = sample;

	if (s->cycles == 0 || s->now.busy < s->before.busy)
		return real(0);
	return real(RTE_MIN(1.0, (double)(s->now.busy - s->before.busy) / (double)s->cycles));
}

static struct tide_metric_value
lcore_packets_per_burst(const void *sample)
{
	const struct tide_lcore_sample *s = sample;
	uint64_t bursts = s->now.bursts - s->before.bursts;

	if (bursts == 0)
		return real(0);
	return real((double)(s->now.packets - s->before.packets) / (double)bursts);
}

static struct tide_metric_value
pool_peak(const void *sample)
{
	const struct tide_pool_sample *s = sample;

	return s->counts ? whole(s->tide.peak) : no_value;
}

static struct tide_metric_value
pool_failures(const void *sample)
{
	const struct tide_pool_sample *s = sample;

	return s->counts ? whole(s->stats.failures) : no_value;
}

static struct tide_metric_value
pool_misuse(const void *sample)
{
	const struct tide_pool_sample *s = sample;

	return s->counts ? whole(s->stats.misuse) : no_value;
}

static struct tide_metric_value
placement_pages(const void *sample)
{
	const struct tide_pool_sample *s = sample;

	return s->made != NULL ? whole(s->made->pages) : no_value;
}

static struct tide_metric_value
placement_local(const void *sample)
{
	const struct tide_pool_sample *s = sample;

	return s->made != NULL ? whole(s->made->local) : no_value;
}

static struct tide_metric_value
placement_unknown(const void *sample)
{
	const struct tide_pool_sample *s = sample;

	return s->made != NULL ? whole(s->made->unknown) : no_value;
}

#define FIELD(type, f) .at = offsetof(struct type, f), .size = sizeof(((struct type *)0)->f)
#define COUNTER        .kind = TIDE_METRIC_COUNTER
#define GAUGE          .kind = TIDE_METRIC_GAUGE

/* Metrics of a scope, and in it those of a group, follow each other. */
/* clang-format off */
static const struct tide_metric table[] = {
#define IN .scope = TIDE_SCOPE_PROCESS
	{IN, .name = "ports_elsewhere", .unit = "ports", GAUGE, .detail = true,
		FIELD(tide_process_sample, ports_elsewhere),
		.help = "Ports whose buffers are on another node than the port."},
	{IN, .name = "pages_elsewhere", .unit = "pages", GAUGE, .detail = true,
		FIELD(tide_process_sample, pages_elsewhere),
		.help = "Pages of buffers that were made on another node than their pool."},
	{IN, .name = "pages_unknown", .unit = "pages", GAUGE, .detail = true,
		FIELD(tide_process_sample, pages_unknown),
		.help = "Pages of buffers of which the kernel told no node, as in a container that may not ask."},
	{IN, .name = "lcores_elsewhere", .unit = "lcores", GAUGE, .detail = true,
		FIELD(tide_process_sample, lcores_elsewhere),
		.help = "Forwarding lcores that were last seen on another node than planned."},
	{IN, .name = "reports_lost", .unit = "reports", COUNTER, .detail = true,
		FIELD(tide_process_sample, reports_lost),
		.help = "Reports that were dropped because standard output was not read or refused them."},
	{IN, .name = "lcores_stuck", .unit = "lcores", GAUGE, .detail = true,
		FIELD(tide_process_sample, lcores_stuck),
		.help = "Lcores that did not stop when forwarding ended."},
#undef IN
#define IN .scope = TIDE_SCOPE_PORT
	{IN, .name = "rx", .unit = "packets", COUNTER, FIELD(tide_port_sample, now.rx),
		.help = "Packets that the program received."},
	{IN, .name = "tx", .unit = "packets", COUNTER, FIELD(tide_port_sample, now.tx),
		.help = "Packets that the program handed to the port to send."},
	{IN, .name = "rx_pps", .unit = "packets per second", GAUGE, .get = port_rx_pps,
		.help = "Packets received per second."},
	{IN, .name = "tx_pps", .unit = "packets per second", GAUGE, .get = port_tx_pps,
		.help = "Packets sent per second."},
	{IN, .name = "rx_mbps", .unit = "megabits per second", GAUGE, .get = port_rx_mbps,
		.help = "Megabits received per second, without preamble and gap; 0 where the driver counts no bytes."},
	{IN, .name = "tx_mbps", .unit = "megabits per second", GAUGE, .get = port_tx_mbps,
		.help = "Megabits sent per second, without preamble and gap; 0 where the driver counts no bytes."},
	{IN, .name = "rx_bytes", .unit = "bytes", COUNTER, .detail = true,
		FIELD(tide_port_sample, now.rx_bytes),
		.help = "Bytes that the driver received; 0 where it does not count them."},
	{IN, .name = "tx_bytes", .unit = "bytes", COUNTER, .detail = true,
		FIELD(tide_port_sample, now.tx_bytes),
		.help = "Bytes that the driver sent; 0 where it does not count them."},
	{IN, .name = "runts", .unit = "packets", COUNTER, .detail = true, FIELD(tide_port_sample, now.runts),
		.help = "Frames that end before their second address; they leave unchanged in any mode."},
	{IN, .name = "no_buffer", .group = "drops", .unit = "packets", COUNTER,
		FIELD(tide_port_sample, now.no_buffer),
		.help = "Packets lost because the pool was empty (rx_nombuf of the driver)."},
	{IN, .name = "missed", .group = "drops", .unit = "packets", COUNTER,
		FIELD(tide_port_sample, now.missed),
		.help = "Packets lost because the receive queue was full: the lcore was too slow (imissed)."},
	{IN, .name = "tx_full", .group = "drops", .unit = "packets", COUNTER,
		FIELD(tide_port_sample, now.tx_full),
		.help = "Packets freed because the transmit queue took no more."},
	{IN, .name = "rx_error", .group = "drops", .unit = "packets", COUNTER,
		FIELD(tide_port_sample, now.rx_error),
		.help = "Receive errors that the driver counts (ierrors)."},
	{IN, .name = "tx_error", .group = "drops", .unit = "packets", COUNTER,
		FIELD(tide_port_sample, now.tx_error),
		.help = "Transmit errors that the driver counts (oerrors)."},
	{IN, .name = "malformed", .group = "drops", .unit = "packets", COUNTER, .detail = true,
		FIELD(tide_port_sample, now.malformed),
		.help = "Packets freed because their length is not that of their segments, "
			"as net_pcap makes of a frame above 65,535 bytes."},
	{IN, .name = "at_stop", .group = "drops", .unit = "packets", COUNTER, .detail = true,
		FIELD(tide_port_sample, now.at_stop),
		.help = "Packets received after the stop and freed, so that every buffer returns to its pool."},
#undef IN
#define IN .scope = TIDE_SCOPE_LCORE
	{IN, .name = "moves", .unit = "moves", COUNTER, .detail = true, FIELD(tide_lcore_sample, moves),
		.help = "Times the lcore was found on a CPU it was not started on."},
	{IN, .name = "packets", .unit = "packets", COUNTER, .detail = true,
		FIELD(tide_lcore_sample, now.packets),
		.help = "Packets that the lcore received."},
	{IN, .name = "bursts", .unit = "bursts", COUNTER, .detail = true, FIELD(tide_lcore_sample, now.bursts),
		.help = "Polls that found packets."},
	{IN, .name = "queues", .unit = "queues", GAUGE, FIELD(tide_lcore_sample, queues),
		.help = "Receive queues that the lcore polls."},
	{IN, .name = "busy", .unit = TIDE_UNIT_RATIO, GAUGE, .get = lcore_busy,
		.help = "Share of cycles spent in passes over the queues that found packets."},
	{IN, .name = "packets_per_burst", .unit = "packets", GAUGE, .get = lcore_packets_per_burst,
		.help = "Packets per poll that found any."},
#undef IN
#define IN .scope = TIDE_SCOPE_POOL
	{IN, .name = "size", .unit = "buffers", GAUGE, FIELD(tide_pool_sample, stats.size),
		.help = "Buffers in the pool."},
	{IN, .name = "free", .unit = "buffers", GAUGE, FIELD(tide_pool_sample, stats.free),
		.help = "Free buffers, those in mempool caches included."},
	{IN, .name = "in_use", .unit = "buffers", GAUGE, FIELD(tide_pool_sample, stats.in_use),
		.help = "Buffers that are out of the pool and its caches."},
	{IN, .name = "cached", .unit = "buffers", GAUGE, .detail = true, FIELD(tide_pool_sample, stats.cached),
		.help = "Free buffers that are in the mempool caches of lcores."},
	{IN, .name = "peak", .unit = "buffers", GAUGE, .get = pool_peak,
		.help = "Most buffers that were out of the pool at once, those in mempool caches included."},
	{IN, .name = "failures", .unit = "gets", COUNTER, .get = pool_failures,
		.help = "Gets that found too few buffers; counted by the tide ops."},
	{IN, .name = "misuse", .unit = "buffers", COUNTER, .get = pool_misuse,
		.help = "Double frees and foreign pointers that the tide ops refused."},
	{IN, .name = "spilled_out", .unit = "gets", COUNTER, .detail = true,
		FIELD(tide_pool_sample, stats.spilled_out),
		.help = "Gets of this node that the pool of another node served."},
	{IN, .name = "spilled_in", .unit = "gets", COUNTER, .detail = true,
		FIELD(tide_pool_sample, stats.spilled_in),
		.help = "Gets of other nodes that this pool served."},
	{IN, .name = "kept_by_drivers", .unit = "buffers", GAUGE, .detail = true,
		FIELD(tide_pool_sample, kept_by_drivers),
		.help = "Buffers that drivers did not free when their ports closed."},
	{IN, .name = "pages", .group = "placement", .unit = "pages", GAUGE, .detail = true,
		.get = placement_pages, .help = "Pages that the memory of the pool touches."},
	{IN, .name = "local", .group = "placement", .unit = "pages", GAUGE, .detail = true,
		.get = placement_local, .help = "Pages that were made on the node of the pool."},
	{IN, .name = "unknown", .group = "placement", .unit = "pages", GAUGE, .detail = true,
		.get = placement_unknown, .help = "Pages of which the kernel told no node when they were made."},
	{IN, .name = "moved_pages", .group = "placement", .unit = "pages", GAUGE, .detail = true,
		FIELD(tide_pool_sample, moved_pages),
		.help = "Pages that the last check found on another node than they were made on."},
	{IN, .name = "moved_pages_worst", .group = "placement", .unit = "pages", GAUGE, .detail = true,
		FIELD(tide_pool_sample, moved_pages_worst),
		.help = "Most pages that any check found moved."},
	{IN, .name = "thp_lost", .group = "placement", .unit = "bytes", GAUGE, .detail = true,
		FIELD(tide_pool_sample, thp_lost),
		.help = "Bytes that lost their transparent huge pages: the kernel split them."},
	{IN, .name = "checks", .group = "placement", .unit = "checks", COUNTER, .detail = true,
		FIELD(tide_pool_sample, checks), .help = "Checks of where the pages are."},
#undef IN
#define IN .scope = TIDE_SCOPE_ARENA
	{IN, .name = "bytes", .unit = "bytes", GAUGE, .detail = true, FIELD(tide_arena_stats, capacity),
		.help = "Bytes in all chunks of the arena on this node."},
	{IN, .name = "remaining", .unit = "bytes", GAUGE, .detail = true, FIELD(tide_arena_stats, remaining),
		.help = "Bytes that are not taken yet."},
	{IN, .name = "chunks", .unit = "chunks", GAUGE, .detail = true, FIELD(tide_arena_stats, chunks),
		.help = "Chunks of the arena on this node."},
	{IN, .name = "chunks_out", .unit = "chunks", GAUGE, .detail = true,
		FIELD(tide_arena_stats, chunks_out),
		.help = "Chunks that are taken, those of closed epochs included."},
	{IN, .name = "chunks_peak", .unit = "chunks", GAUGE, .detail = true,
		FIELD(tide_arena_stats, chunks_high),
		.help = "Most chunks that were taken at once."},
	{IN, .name = "allocations", .unit = "allocations", COUNTER, .detail = true,
		FIELD(tide_arena_stats, allocs), .help = "Allocations from the arena on this node."},
	{IN, .name = "allocated_bytes", .unit = "bytes", COUNTER, .detail = true,
		FIELD(tide_arena_stats, bytes), .help = "Bytes allocated, alignment included."},
	{IN, .name = "waste", .unit = "bytes", COUNTER, .detail = true, FIELD(tide_arena_stats, waste),
		.help = "Bytes left at the end of chunks that were given up or closed."},
	{IN, .name = "failures", .unit = "allocations", COUNTER, .detail = true,
		FIELD(tide_arena_stats, failures), .help = "Allocations that found no chunk."},
#undef IN
#define IN .scope = TIDE_SCOPE_FLOWS
	{IN, .name = "flows", .unit = "flows", GAUGE, FIELD(tide_flows_sample, flows),
		.help = "Flows of the interval."},
	{IN, .name = "packets", .unit = "packets", GAUGE, FIELD(tide_flows_sample, ip.packets),
		.help = "Packets that were counted for these flows."},
	{IN, .name = "bytes", .unit = "bytes", GAUGE, FIELD(tide_flows_sample, ip.bytes),
		.help = "Bytes of the frames of these packets, without checksums."},
	{IN, .name = "packets", .group = "not_ip", .unit = "packets", GAUGE,
		FIELD(tide_flows_sample, not_ip.packets), .help = "Packets without a sound IP header."},
	{IN, .name = "bytes", .group = "not_ip", .unit = "bytes", GAUGE,
		FIELD(tide_flows_sample, not_ip.bytes), .help = "Bytes of the frames of these packets."},
	{IN, .name = "packets", .group = "not_accounted", .unit = "packets", GAUGE,
		FIELD(tide_flows_sample, not_accounted.packets),
		.help = "IP packets of flows for which there was no memory; they were still forwarded."},
	{IN, .name = "bytes", .group = "not_accounted", .unit = "bytes", GAUGE,
		FIELD(tide_flows_sample, not_accounted.bytes),
		.help = "Bytes of the frames of these packets."},
#undef IN
};
/* clang-format on */

const struct tide_metric *
tide_telemetry_metric(enum tide_metric_scope scope, unsigned int i)
{
	for (unsigned int at = 0; at < RTE_DIM(table); at++) {
		if (table[at].scope == scope && i-- == 0)
			return &table[at];
	}
	return NULL;
}

const char *
tide_telemetry_scope_name(enum tide_metric_scope scope)
{
	static const char *const names[] = {
		[TIDE_SCOPE_PROCESS] = "process",
		[TIDE_SCOPE_PORT] = "port",
		[TIDE_SCOPE_LCORE] = "lcore",
		[TIDE_SCOPE_POOL] = "pool",
		[TIDE_SCOPE_ARENA] = "arena",
		[TIDE_SCOPE_FLOWS] = "flows",
	};

	return (unsigned int)scope < RTE_DIM(names) ? names[scope] : NULL;
}

void
tide_telemetry_metric_name(const struct tide_metric *metric, char name[TIDE_METRIC_NAME_MAX])
{
	snprintf(name, TIDE_METRIC_NAME_MAX, "%s%s%s", metric->group != NULL ? metric->group : "",
		metric->group != NULL ? "_" : "", metric->name);
}

struct tide_metric_value
tide_telemetry_read(const struct tide_metric *metric, const void *sample)
{
	const char *at = (const char *)sample + metric->at;
	uint64_t count;
	uint32_t small;

	if (metric->get != NULL)
		return metric->get(sample);
	if (metric->size == sizeof(small)) {
		memcpy(&small, at, sizeof(small));
		return whole(small);
	}
	memcpy(&count, at, sizeof(count));
	return field(count);
}
