/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The endpoint /tide/scan: where the outstanding buffers of a mempool are. The thread that serves the
 * client makes the scan, and no lock is held meanwhile.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_errno.h>

#include "endpoint.h"
#include "tide_locate.h"

/* All of it fits an answer, unless names are long. */
#define PLACES_SHOWN   20
#define CLUSTERS_SHOWN 12
#define BUFFERS_SHOWN  4
#define BYTES_SHOWN    48

static const char *const kinds[] = {
	[TIDE_LOCATE_ALLOCATOR] = "allocator",
	[TIDE_LOCATE_RING] = "ring",
	[TIDE_LOCATE_QUEUE] = "queue",
	[TIDE_LOCATE_BUFFER] = "buffer",
	[TIDE_LOCATE_MEMZONE] = "memzone",
	[TIDE_LOCATE_DATA] = "variable",
	[TIDE_LOCATE_EAL_HEAP] = "EAL heap",
	[TIDE_LOCATE_C_HEAP] = "C heap",
	[TIDE_LOCATE_MEMORY] = "memory",
	[TIDE_LOCATE_STACK] = "stack",
	[TIDE_LOCATE_UNKNOWN] = "unknown",
	[TIDE_LOCATE_LEAKED] = "leaked",
};

static void
add_places(struct tidei_answer *answer, const struct tide_locate *r)
{
	struct tide_locate_place place;

	for (unsigned int i = 0; i < PLACES_SHOWN && tide_locate_place(r, i, &place); i++) {
		tidei_answer_open_entry(answer, "place", i);
		tidei_answer_unsigned(answer, "buffers", place.buffers);
		tidei_answer_string(answer, "kind", kinds[place.kind]);
		tidei_answer_string(answer, "name", place.name);
		tidei_answer_close(answer);
	}
}

static void
add_packet(struct tidei_answer *answer, const struct tide_locate_buffer *b)
{
	char text[16];

	if (b->port != TIDE_LOCATE_NONE)
		tidei_answer_unsigned(answer, "port", b->port);
	if (b->length != 0 && b->length != TIDE_LOCATE_MORE)
		tidei_answer_unsigned(answer, "length", b->length);
	if (b->ether_type != TIDE_LOCATE_NONE) {
		snprintf(text, sizeof(text), "0x%04" PRIx32, b->ether_type);
		tidei_answer_string(answer, "ether_type", text);
	}
	if (b->fragment)
		tidei_answer_unsigned(answer, "fragment", 1);
}

/* Add what a buffer and a cluster have in common. */
static void
add_common(struct tidei_answer *answer, const struct tide_locate_buffer *b)
{
	tidei_answer_string(answer, "place", b->place);
	if (b->lcore_id != TIDE_LOCATE_NONE)
		tidei_answer_unsigned(answer, "lcore", b->lcore_id);
	if (b->tid != 0)
		tidei_answer_unsigned(answer, "thread", b->tid);
	if (b->age_max_ms != 0 && b->age_max_ms != TIDE_LOCATE_MORE)
		tidei_answer_unsigned(answer, "age_max_ms", b->age_max_ms);
	add_packet(answer, b);
}

static void
add_clusters(struct tidei_answer *answer, const struct tide_locate *r)
{
	struct tide_locate_buffer b;

	for (unsigned int i = 0;
		i < CLUSTERS_SHOWN && tide_locate_buffer(r, TIDE_LOCATE_LIST_CLUSTERS, i, &b);
		i++) {
		tidei_answer_open_entry(answer, "cluster", i);
		add_common(answer, &b);
		tidei_answer_unsigned(answer, "buffers", b.buffers);
		tidei_answer_close(answer);
	}
}

static void
add_buffers(struct tidei_answer *answer, const struct tide_locate *r, enum tide_locate_list list,
	const char *what)
{
	char bytes[2 * BYTES_SHOWN + 1], address[20];
	struct tide_locate_buffer b;

	for (unsigned int i = 0; i < BUFFERS_SHOWN && tide_locate_buffer(r, list, i, &b); i++) {
		tidei_answer_open_entry(answer, what, i);
		add_common(answer, &b);
		snprintf(address, sizeof(address), "%p", b.object);
		tidei_answer_string(answer, "address", address);
		bytes[0] = '\0';
		for (unsigned int j = 0; j < RTE_MIN(b.nb_bytes, (unsigned int)BYTES_SHOWN); j++)
			snprintf(&bytes[2 * j], 3, "%02x", b.bytes[j]);
		tidei_answer_string(answer, "bytes", bytes);
		tidei_answer_close(answer);
	}
}

static void
add_summary(struct tidei_answer *answer, const struct tide_locate_summary *s)
{
	const struct {
		const char *name;
		uint64_t value;
	} figures[] = {
		{"size", s->objects},
		{"outstanding", s->outstanding},
		{"located", s->located},
		{"leaked", s->leaked},
		{"unknown", s->unknown},
		{"cached", s->cached},
		{"unclustered", s->unclustered},
		{"scans", s->scans},
		{"scan_us", s->scan_us},
		{"bytes_read", s->bytes_read},
		{"threads", s->threads},
		{"threads_asleep", s->asleep},
	};

	for (unsigned int i = 0; i < RTE_DIM(figures); i++)
		tidei_answer_unsigned(answer, figures[i].name, figures[i].value);
}

static void
add_limits(struct tidei_answer *answer, const struct tide_locate *r)
{
	const char *text;

	for (unsigned int i = 0; (text = tide_locate_limit(r, i)) != NULL; i++)
		tidei_answer_string_entry(answer, "limit", i, text);
}

/* Return the sentence that tells a client why there is no scan. */
static const char *
refusal(int error)
{
	switch (error) {
	case ENOENT:
	case EINVAL:
		return "no mempool has this name: /tide/pools lists them";
	case EBUSY:
		return "another scan is running: ask again in a second";
	case EPERM:
		return "the kernel does not allow process_vm_readv(2) to this process";
	default:
		return strerror(error);
	}
}

void
tidei_endpoint_scan(const char *params, struct tidei_answer *answer)
{
	const struct tide_locate_conf conf = {.pool = params, .oldest = BUFFERS_SHOWN};
	struct tide_locate_summary summary;
	struct tide_locate *r = NULL;

	if (params[0] == '\0') {
		tidei_answer_refuse(answer, TIDEI_ENDPOINT_UNNAMED);
		return;
	}
	r = tide_locate_create(&conf);
	if (r == NULL) {
		tidei_answer_refuse(answer, "%s", refusal(rte_errno));
		return;
	}
	tidei_answer_start(answer);
	summary = tide_locate_summary(r);
	add_summary(answer, &summary);
	add_places(answer, r);
	add_clusters(answer, r);
	add_buffers(answer, r, TIDE_LOCATE_LIST_LEAKED, "leaked");
	add_buffers(answer, r, TIDE_LOCATE_LIST_OLDEST, "oldest");
	add_limits(answer, r);
	tide_locate_free(r);
}
