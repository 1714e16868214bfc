/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: flows for people. */

#include <arpa/inet.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>

#include <rte_byteorder.h>

#include "flows.h"
#include "metrics.h"

static const char *
proto_name(uint8_t proto)
{
	static const char *const names[UINT8_MAX + 1] = {
		[IPPROTO_ICMP] = "icmp",
		[IPPROTO_IGMP] = "igmp",
		[IPPROTO_TCP] = "tcp",
		[IPPROTO_UDP] = "udp",
		[IPPROTO_DCCP] = "dccp",
		[IPPROTO_GRE] = "gre",
		[IPPROTO_ESP] = "esp",
		[IPPROTO_AH] = "ah",
		[IPPROTO_ICMPV6] = "icmp6",
		[IPPROTO_SCTP] = "sctp",
		[IPPROTO_UDPLITE] = "udplite",
	};

	return names[proto];
}

static int
put_end(char *text, size_t len, const union fwd_flow_key *key, const uint8_t *addr, rte_be16_t port)
{
	bool v6 = key->version == 6;
	char name[INET6_ADDRSTRLEN] = "?";

	inet_ntop(v6 ? AF_INET6 : AF_INET, addr, name, sizeof(name));
	/* Both ports are 0 where there are none. */
	if (key->sport == 0 && key->dport == 0)
		return snprintf(text, len, "%s", name);
	return snprintf(text, len, v6 ? "[%s]:%u" : "%s:%u", name, rte_be_to_cpu_16(port));
}

const char *
fwd_flow_text(const union fwd_flow_key *key, char text[FWD_FLOW_TEXT_LEN])
{
	const char *proto = proto_name(key->proto);
	const size_t len = FWD_FLOW_TEXT_LEN;
	size_t n;

	n = put_end(text, len, key, key->version == 4 ? key->v4.src : key->v6.src, key->sport);
	n += snprintf(text + n, len - n, " > ");
	n += put_end(
		text + n, len - n, key, key->version == 4 ? key->v4.dst : key->v6.dst, key->dport);
	if (proto != NULL)
		snprintf(text + n, len - n, " %s", proto);
	else
		snprintf(text + n, len - n, " proto %u", key->proto);
	return text;
}

static double
mbps(const struct fwd_flow_entry *entry, uint64_t ns)
{
	return ns == 0 ? 0 : (double)entry->sum.bytes * 8e3 / (double)ns;
}

static void
print_entry(const struct fwd_flow_entry *entry, uint64_t ns, FILE *out)
{
	char text[FWD_FLOW_TEXT_LEN];

	fprintf(out, "%12" PRIu64 " packets%16" PRIu64 " bytes%11.1f Mbit/s  %s",
		entry->sum.packets, entry->sum.bytes, mbps(entry, ns),
		fwd_flow_text(&entry->key, text));
}

static void
print_lost(const struct fwd_flow_sum *lost, FILE *out)
{
	fprintf(out,
		"warning: %" PRIu64 " packets, %" PRIu64
		" bytes not accounted: no memory for more flows; give more --flows-memory or a "
		"shorter --flows-interval",
		lost->packets, lost->bytes);
}

static void
print_interval(const struct fwd_flow_report *report, FILE *out)
{
	struct fwd_subject subject;

	fwd_flows_subject(&report->tally, &subject);
	fprintf(out, "interval %" PRIu64 ", %.1f s: ", report->number, (double)report->ns / 1e9);
	fwd_metrics_line(&subject, out);
}

void
fwd_flows_print(const struct fwd_flow_report *report, unsigned int most, const char *before,
	const char *after, FILE *out)
{
	const struct fwd_flow_tally *tally = &report->tally;

	fputs(before, out);
	print_interval(report, out);
	fputs(after, out);
	if (tally->lost.packets != 0) {
		fputs(before, out);
		print_lost(&tally->lost, out);
		fputs(after, out);
	}
	for (unsigned int i = 0; i < report->nb_top && i < most; i++) {
		fputs(before, out);
		print_entry(&report->top[i], report->ns, out);
		fputs(after, out);
	}
}

/* A paragraph for which there is no memory is left out. */
void
fwd_flows_print_sums(const struct fwd_flow_report *report, struct fwd_canvas *canvas)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return;
	print_interval(report, out);
	if (report->tally.lost.packets != 0) {
		fputs("; ", out);
		print_lost(&report->tally.lost, out);
	}
	fclose(out);
	fwd_canvas_wrap(canvas, text);
	free(text);
}

void
fwd_flows_print_narrow(const struct fwd_flow_report *report, unsigned int most, FILE *out)
{
	char text[FWD_FLOW_TEXT_LEN];

	fprintf(out, "%10s%13s%9s  %s\n", "packets", "bytes", "Mb/s", "flow");
	for (unsigned int i = 0; i < report->nb_top && i < most; i++) {
		const struct fwd_flow_entry *entry = &report->top[i];

		fprintf(out, "%10" PRIu64 "%13" PRIu64 "%9.1f  %s\n", entry->sum.packets,
			entry->sum.bytes, mbps(entry, report->ns),
			fwd_flow_text(&entry->key, text));
	}
}

void
fwd_flows_print_end(const struct fwd_flows *flows, FILE *out)
{
	uint64_t last = flows->complete.number, busiest = flows->busiest.number;

	if (busiest != 0 && busiest != last && busiest != flows->unfinished.number)
		fwd_flows_print(&flows->busiest, UINT_MAX, "busiest flows: ", "\n", out);
	if (last != 0)
		fwd_flows_print(&flows->complete, UINT_MAX, "last flows: ", "\n", out);
	fwd_flows_print(&flows->unfinished, UINT_MAX,
		last != 0 ? "flows at the end: " : "flows: ", "\n", out);
	if (last == 0 || flows->total.lost.packets == 0)
		return;
	fprintf(out, "flows in all %" PRIu64 " intervals: ", flows->unfinished.number);
	print_lost(&flows->total.lost, out);
	fputc('\n', out);
}

void
fwd_flows_print_memory(const struct fwd_flows *flows, FILE *out)
{
	for (unsigned int i = 0; i < flows->nb_nodes; i++) {
		const struct tide_placement *found =
			tide_arena_placement(flows->arena, flows->node[i]);

		fprintf(out,
			"flows on node %d: %" PRIu64 " bytes, %" PRIu64 " pages of %" PRIu64 " kB",
			flows->node[i], tide_arena_capacity(flows->arena, flows->node[i]),
			found->pages, found->page_size / 1024);
		for (unsigned int n = 0; n < found->nb_found; n++) {
			if (found->found[n].node >= 0)
				fprintf(out, ", %" PRIu64 " of them on node %d",
					found->found[n].pages, found->found[n].node);
		}
		fputc('\n', out);
	}
}
