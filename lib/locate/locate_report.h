/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_REPORT_H
#define LOCATE_REPORT_H

/* The report: what remains of the scans. */

#include "locate_clusters.h"
#include "locate_scan.h"
#include "tide_locate.h"

/* The most leaked buffers that are listed. */
#define TIDEI_LEAKED_MAX 65536

/* What a report says of a mempool. No address remains: its memory can become that of another one. */
struct tidei_report_pool {
	char name[RTE_MEMPOOL_NAMESIZE];
	char ops[RTE_MEMPOOL_OPS_NAMESIZE];
	uint32_t objects;
	bool requested, uncertain;
};

struct tide_locate {
	struct tide_locate_summary summary;
	struct tidei_place *place;
	uint32_t *place_buffers, *place_order;
	uint32_t places;
	struct tidei_report_pool *pool;
	uint32_t pools;
	struct tidei_entries list[TIDE_LOCATE_LIST_OLDEST + 1];
};

/* Make a report of scans that are complete. NULL: there is no memory. */
struct tide_locate *tidei_report_make(
	struct tidei_scan *scan, const struct tide_locate_summary *sum, unsigned int oldest);

/* Read the packet of an outstanding object, as far as it is an mbuf with fields that fit each other. */
void tidei_content_read(
	const struct tidei_scan *scan, uint32_t object, struct tide_locate_buffer *buffer);

#endif /* LOCATE_REPORT_H */
