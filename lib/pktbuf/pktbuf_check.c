/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Counts the packets and chunks of tide_pktbuf, and checks that the counts add up. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <rte_mempool.h>

#include "pktbuf_internal.h"
#include "tide_log.h"
#include "tide_mempool.h"

static uint32_t
refs_of(const struct tidei_pktbuf_node *node, uint32_t i)
{
	return atomic_load_explicit(&node->chunk[i]->refs, memory_order_relaxed);
}

/* Adds up open and closed chunks of the cells. Returns the packets allocated from open chunks. */
static uint64_t
count_cells(const struct tidei_pktbuf_node *node, struct tide_pktbuf_stats *stats)
{
	uint64_t allocated = 0;

	for (unsigned int i = 0; i < TIDEI_PKTBUF_CELLS; i++) {
		const struct tidei_pktbuf_cell *cell = &node->cells[i];
		struct tidei_open open = tidei_pktbuf_cell_open(node, i);

		stats->packets += atomic_load_explicit(&cell->packets, memory_order_relaxed);
		stats->bytes += atomic_load_explicit(&cell->bytes, memory_order_relaxed);
		stats->waste += atomic_load_explicit(&cell->waste, memory_order_relaxed);
		stats->no_mbuf += atomic_load_explicit(&cell->no_mbuf, memory_order_relaxed);
		stats->no_chunk += atomic_load_explicit(&cell->no_chunk, memory_order_relaxed);
		if (open.chunk == NULL)
			continue;
		stats->chunks_open++;
		stats->packets += open.allocated;
		stats->bytes += open.at - TIDEI_CHUNK_START;
		allocated += open.allocated;
	}
	return allocated;
}

static void
count_node(const struct tidei_pktbuf_node *node, struct tide_pktbuf_stats *stats)
{
	uint64_t refs = 0, shares = 0, allocated = count_cells(node, stats);
	uint32_t of_chunk;

	stats->node = node->node;
	stats->memory = tide_region_len(node->mbufs.region) + tide_region_len(node->chunks.region);
	stats->mbufs = node->mbufs.mp->size;
	stats->mbufs_out = rte_mempool_in_use_count(node->mbufs.mp);
	stats->chunks = node->chunks.mp->size;
	for (uint32_t i = 0; i < stats->chunks; i++) {
		of_chunk = refs_of(node, i);
		stats->chunks_out += of_chunk != 0;
		refs += of_chunk;
		shares += of_chunk > TIDEI_SHARE / 2 ? TIDEI_SHARE : 0;
	}
	/* An open chunk counts its share less what was allocated from it, and packets. */
	refs += allocated;
	stats->packets_out = refs > shares ? refs - shares : 0;
}

unsigned int
tide_pktbuf_nb_nodes(const struct tide_pktbuf *set)
{
	return set->nb_nodes;
}

int
tide_pktbuf_node_id(const struct tide_pktbuf *set, unsigned int i)
{
	return i < set->nb_nodes ? set->nodes[i].node : TIDE_NODE_UNKNOWN;
}

int
tide_pktbuf_stats(const struct tide_pktbuf *set, int node, struct tide_pktbuf_stats *stats)
{
	const struct tidei_pktbuf_node *on = tidei_pktbuf_on(set, node);
	struct tide_pktbuf_stats now = {0};

	if (on == NULL)
		return -ENOENT;
	count_node(on, &now);
	*stats = now;
	return 0;
}

const struct tide_placement *
tide_pktbuf_placement(const struct tide_pktbuf *set, int node)
{
	const struct tidei_pktbuf_node *on = tidei_pktbuf_on(set, node);

	return on != NULL ? tide_region_placement(on->chunks.region) : NULL;
}

static int
wrong(const struct tide_pktbuf *set, const struct tidei_pktbuf_node *node, const char *what)
{
	TIDE_LOG(pktbuf, ERR, "%s: node %d: %s", set->name, node->node, what);
	return -EINVAL;
}

/* Returns what is wrong with the open chunk of a cell; NULL: nothing. Notes it in is_open. */
static const char *
check_open(const struct tidei_pktbuf_node *node, const struct tidei_open *open, bool *is_open)
{
	uint32_t refs, i = open->chunk->index;

	if (i >= node->chunks.mp->size || node->chunk[i] != open->chunk)
		return "a cell has a chunk open that is none of this node";
	if (is_open[i])
		return "two cells have one chunk open";
	is_open[i] = true;
	if (open->at > node->end || open->at < TIDEI_CHUNK_START ||
		open->allocated > (open->at - TIDEI_CHUNK_START) / TIDEI_PACKET_MIN)
		return "an open chunk has more packets than can have been allocated from it";
	refs = refs_of(node, i);
	if (refs > TIDEI_SHARE || refs < TIDEI_SHARE - open->allocated)
		return "an open chunk counts more packets than were allocated from it, or has lost "
		       "its share";
	return NULL;
}

static const char *
check_cells(const struct tidei_pktbuf_node *node, bool *is_open)
{
	const char *what = NULL;

	for (unsigned int i = 0; i < TIDEI_PKTBUF_CELLS && what == NULL; i++) {
		struct tidei_open open = tidei_pktbuf_cell_open(node, i);

		if (open.chunk != NULL)
			what = check_open(node, &open, is_open);
	}
	return what;
}

static const char *
check_chunks(const struct tidei_pktbuf_node *node, const bool *is_open)
{
	uint32_t refs, unused = 0;

	for (uint32_t i = 0; i < node->chunks.mp->size; i++) {
		refs = refs_of(node, i);
		unused += refs == 0;
		if (!is_open[i] && refs > (node->end - TIDEI_CHUNK_START) / TIDEI_PACKET_MIN)
			return "a closed chunk counts more packets than it can hold";
	}
	if (unused != rte_mempool_avail_count(node->chunks.mp))
		return "the chunks without a reference are not those in the mempool";
	return NULL;
}

static const char *
check_mempools(const struct tidei_pktbuf_node *node)
{
	const char *what = NULL;

	/* Other ops have nothing to ask. */
	if (tide_mempool_check(node->mbufs.mp, &what) != -EUCLEAN)
		tide_mempool_check(node->chunks.mp, &what);
	return what;
}

static int
check_node(const struct tide_pktbuf *set, const struct tidei_pktbuf_node *node)
{
	bool *is_open = calloc(node->chunks.mp->size, sizeof(*is_open));
	const char *what;

	if (is_open == NULL)
		return -ENOMEM;
	what = check_cells(node, is_open);
	if (what == NULL)
		what = check_chunks(node, is_open);
	if (what == NULL)
		what = check_mempools(node);
	free(is_open);
	return what == NULL ? 0 : wrong(set, node, what);
}

int
tide_pktbuf_check(const struct tide_pktbuf *set)
{
	int ret = 0;

	for (unsigned int i = 0; i < set->nb_nodes && ret == 0; i++)
		ret = check_node(set, &set->nodes[i]);
	return ret;
}

void
tide_pktbuf_dump(const struct tide_pktbuf *set, FILE *out)
{
	struct tide_pktbuf_stats stats;

	for (unsigned int i = 0; i < set->nb_nodes; i++) {
		tide_pktbuf_stats(set, set->nodes[i].node, &stats);
		fprintf(out,
			"%s: node %d: %" PRIu64 " packets out, %" PRIu32 " of %" PRIu32
			" mbufs, %" PRIu32 " of %" PRIu32 " chunks (%" PRIu32 " open); %" PRIu64
			" packets of %" PRIu64 " bytes allocated, %" PRIu64
			" bytes wasted, %" PRIu64 " times no mbuf, %" PRIu64 " times no chunk; ",
			set->name, stats.node, stats.packets_out, stats.mbufs_out, stats.mbufs,
			stats.chunks_out, stats.chunks, stats.chunks_open, stats.packets,
			stats.bytes, stats.waste, stats.no_mbuf, stats.no_chunk);
		tide_placement_dump(tide_region_placement(set->nodes[i].chunks.region), out);
	}
}
