/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Prints a report. */

#include <ctype.h>
#include <inttypes.h>

#include <rte_common.h>

#include "locate_report.h"

#define CLUSTERS_SHOWN 16
#define LEAKED_SHOWN   16

static void
print_owner(const struct tide_locate_buffer *b, FILE *out)
{
	if (b->lcore_id != TIDE_LOCATE_NONE)
		fprintf(out, "lcore %" PRIu32, b->lcore_id);
	else if (b->tid != 0)
		fprintf(out, "thread %" PRIu32, b->tid);
	else
		fprintf(out, "owner unknown");
}

static void
print_packet(const struct tide_locate_buffer *b, const char *most, FILE *out)
{
	if (b->port != TIDE_LOCATE_NONE)
		fprintf(out, ", port %" PRIu32, b->port);
	if (b->length == TIDE_LOCATE_MORE)
		fprintf(out, ", more than 9018 bytes");
	else if (b->length != 0)
		fprintf(out, ", %s%" PRIu32 " bytes", most, b->length);
	if (b->ether_type != TIDE_LOCATE_NONE)
		fprintf(out, ", type 0x%04" PRIx32, b->ether_type);
	if (b->fragment)
		fprintf(out, ", fragment");
}

static void
print_bytes(const struct tide_locate_buffer *b, FILE *out)
{
	for (unsigned int i = 0; i < b->nb_bytes; i++)
		fprintf(out, "%s%02x", i % 16 == 0 ? "\n      " : " ", b->bytes[i]);
	fprintf(out, "\n");
}

static void
print_clusters(const struct tide_locate *r, FILE *out)
{
	struct tide_locate_buffer b;

	for (unsigned int i = 0;
		i < CLUSTERS_SHOWN && tide_locate_buffer(r, TIDE_LOCATE_LIST_CLUSTERS, i, &b);
		i++) {
		fprintf(out, "%s  %8" PRIu32 "  %s: ", i == 0 ? "alike:\n" : "", b.buffers, b.pool);
		print_owner(&b, out);
		if (b.age_max_ms == TIDE_LOCATE_MORE)
			fprintf(out, ", for more than an hour");
		else if (b.age_max_ms != 0)
			fprintf(out, ", for at most %.0f s", b.age_max_ms / 1000.0);
		print_packet(&b, "up to ", out);
		fprintf(out, "; %s\n", b.place);
	}
	if (r->summary.unclustered != 0)
		fprintf(out, "  %8" PRIu32 "  others, in none of the first 1,024 clusters\n",
			r->summary.unclustered);
}

static void
print_buffers(const struct tide_locate *r, enum tide_locate_list list, unsigned int most,
	const char *title, FILE *out)
{
	struct tide_locate_buffer b;

	for (unsigned int i = 0; i < most && tide_locate_buffer(r, list, i, &b); i++) {
		fprintf(out, "%s  %p of %s: ", i == 0 ? title : "", b.object, b.pool);
		print_owner(&b, out);
		if (b.age_max_ms != 0)
			fprintf(out, ", for %.1f to %.1f s", b.age_min_ms / 1000.0,
				b.age_max_ms / 1000.0);
		print_packet(&b, "", out);
		fprintf(out, "; %s (%" PRIu32 " references)", b.place, b.references);
		print_bytes(&b, out);
	}
}

static void
print_limits(const struct tide_locate *r, FILE *out)
{
	const char *text;

	for (unsigned int i = 0; (text = tide_locate_limit(r, i)) != NULL; i++)
		fprintf(out, "%s  %s\n", i == 0 ? "limits:\n" : "", text);
}

void
tide_locate_dump(const struct tide_locate *r, FILE *out)
{
	const struct tide_locate_summary *s = &r->summary;
	struct tide_locate_place p;

	fprintf(out,
		"%" PRIu32 " buffers of %" PRIu32 " mempools: %" PRIu32 " outstanding (%" PRIu32
		" located, %" PRIu32 " leaked, %" PRIu32 " unknown), %" PRIu32
		" in per-lcore caches\n",
		s->objects, s->pools, s->outstanding, s->located, s->leaked, s->unknown, s->cached);
	fprintf(out,
		"%" PRIu32 " scans; the last read %.1f MB in %.1f ms, while %" PRIu32 " of %" PRIu32
		" threads slept\n",
		s->scans, (double)s->bytes_read / 1e6, (double)s->scan_us / 1e3, s->asleep,
		s->threads);
	for (unsigned int i = 0; tide_locate_place(r, i, &p); i++)
		fprintf(out, "%s  %8" PRIu32 "  %s\n", i == 0 ? "places:\n" : "", p.buffers,
			p.name);
	print_clusters(r, out);
	print_buffers(r, TIDE_LOCATE_LIST_LEAKED, LEAKED_SHOWN, "leaked:\n", out);
	print_buffers(r, TIDE_LOCATE_LIST_OLDEST, UINT32_MAX, "oldest:\n", out);
	print_limits(r, out);
}
