/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_CLUSTERS_H
#define LOCATE_CLUSTERS_H

/* The lists of a report: buffers, and clusters of buffers that are alike. */

#include <stdbool.h>
#include <stdint.h>

#include "tide_locate.h"

/* The most clusters of a report, a power of two. */
#define TIDEI_CLUSTERS_MAX 1024

/* A buffer of a report. */
struct tidei_entry {
	/* Its address, inverted: a later scan does not take the report for a place that refers to it. */
	uintptr_t inverted;
	uint32_t pool, place; /* place: index in the report. */
	struct tide_locate_buffer buffer; /* All except object and names. */
};

struct tidei_entries {
	struct tidei_entry *at;
	uint32_t nb;
};

/* Finds the cluster of a buffer: 1 + its index, by hash; 0: none. */
struct tidei_cluster_table {
	uint16_t cluster[4 * TIDEI_CLUSTERS_MAX];
};

/* Add a buffer to the cluster that is like it. Returns false if there are too many clusters. */
bool tidei_clusters_add(struct tidei_entries *clusters, struct tidei_cluster_table *table,
	const struct tidei_entry *buffer);

/* Sort clusters, most buffers first. */
void tidei_clusters_sort(struct tidei_entries *clusters);

#endif /* LOCATE_CLUSTERS_H */
