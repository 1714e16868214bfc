/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Puts buffers together that agree in mempool, place, owner, age, port, length, Ethernet type and fragment. */

#include <string.h>

#include <rte_common.h>
#include <rte_jhash.h>

#include "locate_clusters.h"

struct key {
	uint32_t pool, place, lcore_id, tid, age_ms, port, length, ether_type, fragment;
};

/* Return the upper end of the class of an age or a length; 0 stays 0. */
static uint32_t
class_of(uint32_t value, const uint32_t *ends, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (value <= ends[i])
			return ends[i];
	return TIDE_LOCATE_MORE;
}

static struct key
key_of(const struct tidei_entry *e)
{
	static const uint32_t ages[] = {0, 1000, 10000, 60000, 600000, 3600000};
	static const uint32_t lengths[] = {0, 64, 127, 255, 511, 1023, 1518, 9018};
	const struct tide_locate_buffer *b = &e->buffer;

	return (struct key){e->pool, e->place, b->lcore_id, b->tid,
		class_of(b->age_max_ms, ages, RTE_DIM(ages)), b->port,
		class_of(b->length, lengths, RTE_DIM(lengths)), b->ether_type, b->fragment};
}

/* Make a cluster of buffers with a key. */
static void
make(struct tidei_entry *cluster, const struct key *key)
{
	*cluster = (struct tidei_entry){.inverted = ~(uintptr_t)0,
		.pool = key->pool,
		.place = key->place,
		.buffer = {
			.buffers = 1,
			.lcore_id = key->lcore_id,
			.tid = key->tid,
			.age_max_ms = key->age_ms,
			.port = key->port,
			.length = key->length,
			.ether_type = key->ether_type,
			.fragment = key->fragment != 0,
		}};
}

bool
tidei_clusters_add(struct tidei_entries *clusters, struct tidei_cluster_table *table,
	const struct tidei_entry *buffer)
{
	const struct key key = key_of(buffer);
	size_t i = rte_jhash(&key, sizeof(key), 0) % RTE_DIM(table->cluster);

	for (; table->cluster[i] != 0; i = (i + 1) % RTE_DIM(table->cluster)) {
		struct tidei_entry *cluster = &clusters->at[table->cluster[i] - 1];
		const struct key other = key_of(cluster);

		if (memcmp(&other, &key, sizeof(key)) == 0) {
			cluster->buffer.buffers++;
			return true;
		}
	}
	if (clusters->nb == TIDEI_CLUSTERS_MAX)
		return false;
	make(&clusters->at[clusters->nb], &key);
	table->cluster[i] = (uint16_t)++clusters->nb;
	return true;
}

/* Nothing may be left in the C heap, where qsort(3) could work. */
void
tidei_clusters_sort(struct tidei_entries *clusters)
{
	for (uint32_t i = 1; i < clusters->nb; i++) {
		struct tidei_entry e = clusters->at[i];
		uint32_t j = i;

		for (; j > 0 && clusters->at[j - 1].buffer.buffers < e.buffer.buffers; j--)
			clusters->at[j] = clusters->at[j - 1];
		clusters->at[j] = e;
	}
}
