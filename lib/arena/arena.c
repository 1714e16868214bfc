/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Life of an arena: check the conf, find the nodes, make the chunks of each. */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include "arena_internal.h"
#include "pool_friend.h"
#include "region_friend.h"
#include "tide_log.h"
#include "topology_friend.h"
#include "tide_mempool.h"

TIDE_LOG_REGISTER(arena);

/* Least alignment when the conf names none: that of any object of C but the rarest. */
#define ALIGN_DEFAULT 8

static int
check_name(const struct tide_arena_conf *conf)
{
	if (conf->name == NULL || conf->name[0] == '\0') {
		TIDE_LOG(arena, ERR, "an arena needs a name");
		return -EINVAL;
	}
	if (strlen(conf->name) > TIDE_ARENA_NAME_MAX) {
		TIDE_LOG(arena, ERR, "%s: the name has %zu characters, %d are the most", conf->name,
			strlen(conf->name), TIDE_ARENA_NAME_MAX);
		return -EINVAL;
	}
	return 0;
}

static int
check_numbers(const struct tide_arena_conf *conf)
{
	if (conf->chunk_size < TIDE_ARENA_CHUNK_MIN || conf->chunk_size > TIDE_ARENA_CHUNK_MAX ||
		conf->chunk_size % TIDEI_ARENA_HEADER != 0) {
		TIDE_LOG(arena, ERR,
			"%s: chunks of %" PRIu32 " bytes: a multiple of %d from %d to %" PRIu32
			" will do",
			conf->name, conf->chunk_size, TIDEI_ARENA_HEADER, TIDE_ARENA_CHUNK_MIN,
			TIDE_ARENA_CHUNK_MAX);
		return -EINVAL;
	}
	if (conf->chunks == 0 || conf->chunks > TIDE_ARENA_CHUNKS_MAX) {
		TIDE_LOG(arena, ERR, "%s: %" PRIu32 " chunks: 1 to %" PRIu32 " will do", conf->name,
			conf->chunks, TIDE_ARENA_CHUNKS_MAX);
		return -EINVAL;
	}
	if (conf->epochs != 0 &&
		(conf->epochs < TIDE_ARENA_EPOCHS_MIN || conf->epochs > TIDE_ARENA_EPOCHS_MAX)) {
		TIDE_LOG(arena, ERR, "%s: %" PRIu32 " epochs: %d to %d will do", conf->name,
			conf->epochs, TIDE_ARENA_EPOCHS_MIN, TIDE_ARENA_EPOCHS_MAX);
		return -EINVAL;
	}
	if (conf->align > TIDE_ARENA_ALIGN_MAX ||
		(conf->align != 0 && !rte_is_power_of_2(conf->align))) {
		TIDE_LOG(arena, ERR,
			"%s: alignment of %" PRIu32 ": a power of two up to %d will do", conf->name,
			conf->align, TIDE_ARENA_ALIGN_MAX);
		return -EINVAL;
	}
	return 0;
}

static int
check_conf(const struct tide_arena_conf *conf)
{
	const char *ops = conf->ops != NULL ? conf->ops : TIDE_MEMPOOL_OPS;
	int ret = check_name(conf);

	if (ret == 0)
		ret = check_numbers(conf);
	if (ret < 0)
		return ret;
	if (!tidei_eal_is_up()) {
		TIDE_LOG(arena, ERR, "%s: EAL is not initialised: call rte_eal_init() first",
			conf->name);
		return -ENOTSUP;
	}
	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		TIDE_LOG(arena, ERR, "%s: arenas are made by the primary process", conf->name);
		return -E_RTE_SECONDARY;
	}
	if (tidei_mempool_ops_number(ops) < 0) {
		TIDE_LOG(arena, ERR, "%s: no mempool ops \"%s\": link or load (-d) their driver",
			conf->name, ops);
		return -EINVAL;
	}
	return 0;
}

/* The nodes named, each once; else those of the lcores EAL runs. */
static int
collect_nodes(const struct tide_arena_conf *conf, const struct tide_topology *topo,
	struct tidei_nodes *nodes)
{
	unsigned int lcore, i;

	nodes->count = 0;
	for (i = 0; conf->nodes != NULL && i < conf->nb_nodes; i++) {
		if (tide_topology_node(topo, conf->nodes[i]) == NULL) {
			TIDE_LOG(arena, ERR,
				"%s: node %d does not exist; this machine has %u node(s)",
				conf->name, conf->nodes[i], tide_topology_nb_nodes(topo));
			return -EINVAL;
		}
		tidei_nodes_add(nodes, conf->nodes[i]);
		if (nodes->count != i + 1) {
			TIDE_LOG(arena, ERR, "%s: node %d is named twice", conf->name,
				conf->nodes[i]);
			return -EINVAL;
		}
	}
	if (conf->nodes == NULL)
		RTE_LCORE_FOREACH (lcore)
			tidei_nodes_add(nodes, tide_topology_lcore_node(topo, lcore));
	if (nodes->count != 0)
		return 0;
	TIDE_LOG(arena, ERR, "%s: no node to have chunks on: name one", conf->name);
	return -EINVAL;
}

static int
check_new(const struct tide_arena_conf *conf, const struct tidei_nodes *nodes)
{
	char name[RTE_MEMPOOL_NAMESIZE];

	for (unsigned int i = 0; i < nodes->count; i++) {
		snprintf(name, sizeof(name), "%s_node%d", conf->name, nodes->ids[i]);
		if (rte_mempool_lookup(name) == NULL)
			continue;
		TIDE_LOG(arena, ERR, "%s: a mempool called %s exists: choose another name",
			conf->name, name);
		return -EEXIST;
	}
	return 0;
}

/* Fills the tables that tell which node serves each other node. */
static void
make_map(struct tidei_arena *more, const struct tidei_nodes *nodes)
{
	int home = tide_topology_lcore_node(more->topo, rte_get_main_lcore());
	enum tide_pool_reason reason;
	unsigned int i;

	more->home = (uint16_t)tidei_nodes_choose(nodes, more->topo, home, home, &reason);
	memset(more->index, -1, sizeof(more->index));
	for (i = 0; i < nodes->count; i++)
		more->index[nodes->ids[i]] = (int16_t)i;
	for (i = 0; i < tide_topology_nb_nodes(more->topo); i++) {
		int id = tide_topology_node_at(more->topo, i)->id;

		more->nearest[id] =
			(uint16_t)tidei_nodes_choose(nodes, more->topo, id, home, &reason);
	}
}

/* Lcores whose node is not known learn it when they allocate first: alloc.c. */
static void
place_lcores(struct tide_arena *arena)
{
	struct tidei_arena *more = arena->more;

	for (unsigned int lcore = 0; lcore < RTE_MAX_LCORE; lcore++) {
		int node = tide_topology_lcore_node(more->topo, lcore);

		arena->local[lcore] = &more->nowhere;
		if (node == TIDE_NODE_UNKNOWN)
			continue;
		more->place[lcore] = more->nearest[node];
		arena->local[lcore] = more->nodes[more->place[lcore]]->cells[lcore];
	}
}

/* Log which memory is missing. */
static int
no_eal_memory(const struct tide_arena_conf *conf, size_t size)
{
	TIDE_LOG(arena, ERR,
		"%s: EAL's heap has no %zu bytes for the tables of the arena: give EAL more memory",
		conf->name, size);
	return -ENOMEM;
}

static struct tidei_arena *
no_heap_memory(const struct tide_arena_conf *conf, size_t size)
{
	TIDE_LOG(arena, ERR,
		"%s: malloc() has no %zu bytes for the tables of the arena: let the process have "
		"more memory",
		conf->name, size);
	return NULL;
}

/* Free an arena, also a partly made one. */
static void
destroy(struct tide_arena *arena)
{
	struct tidei_arena *more = arena->more;

	if (more != NULL) {
		while (more->nb_nodes > 0)
			tidei_arena_node_free(more->nodes[--more->nb_nodes], more);
		pthread_mutex_destroy(&more->lock);
		free(more->closed);
		free(more);
	}
	rte_free(arena->readers);
	rte_free(arena);
}

static int
make_readers(struct tide_arena *arena, const struct tide_arena_conf *conf)
{
	size_t size = rte_rcu_qsbr_get_memsize(TIDEI_ARENA_READERS);

	arena->readers = rte_zmalloc("tide_arena_rcu", size, RTE_CACHE_LINE_SIZE);
	if (arena->readers == NULL)
		return no_eal_memory(conf, size);
	return rte_rcu_qsbr_init(arena->readers, TIDEI_ARENA_READERS) == 0 ? 0 : -rte_errno;
}

static struct tidei_arena *
make_more(
	const struct tide_arena_conf *conf, const struct tide_topology *topo, unsigned int nb_nodes)
{
	size_t size = sizeof(struct tidei_arena) + nb_nodes * sizeof(struct tidei_arena_node *);
	/* The size a multiple of the alignment. */
	struct tidei_arena *more = aligned_alloc(
		alignof(struct tidei_arena), RTE_ALIGN_CEIL(size, alignof(struct tidei_arena)));

	if (more == NULL)
		return no_heap_memory(conf, size);
	memset(more, 0, size);
	snprintf(more->name, sizeof(more->name), "%s", conf->name);
	more->topo = topo;
	more->chunk_size = conf->chunk_size;
	more->chunks = conf->chunks;
	more->epochs = conf->epochs != 0 ? conf->epochs : TIDE_ARENA_EPOCHS_DEFAULT;
	more->fill = conf->fill;
	pthread_mutex_init(&more->lock, NULL);
	atomic_flag_clear(&more->busy);
	atomic_flag_clear(&more->told_unregistered);
	atomic_init(&more->oldest, 1);
	atomic_init(&more->ended, 1);
	more->closed = calloc(more->epochs, sizeof(*more->closed));
	if (more->closed != NULL)
		return more;
	pthread_mutex_destroy(&more->lock);
	size = more->epochs * sizeof(*more->closed);
	free(more);
	return no_heap_memory(conf, size);
}

static int
create(const struct tide_arena_conf *conf, const struct tide_topology *topo,
	struct tide_arena **out)
{
	struct tide_arena *arena;
	struct tidei_nodes nodes;
	unsigned int i;
	int ret = collect_nodes(conf, topo, &nodes);

	if (ret == 0)
		ret = check_new(conf, &nodes);
	if (ret < 0)
		return ret;
	arena = rte_zmalloc("tide_arena", sizeof(*arena), TIDEI_ARENA_PAD);
	if (arena == NULL)
		return no_eal_memory(conf, sizeof(*arena));
	arena->epoch = 1;
	arena->align_mask = (conf->align != 0 ? conf->align : ALIGN_DEFAULT) - 1;
	arena->more = make_more(conf, topo, nodes.count);
	ret = arena->more != NULL ? make_readers(arena, conf) : -ENOMEM;
	for (i = 0; ret == 0 && i < nodes.count; i++) {
		ret = tidei_arena_node_make(
			&arena->more->nodes[i], arena->more, conf, nodes.ids[i]);
		if (ret == 0)
			arena->more->nb_nodes++;
	}
	if (ret < 0) {
		destroy(arena);
		return ret;
	}
	make_map(arena->more, &nodes);
	place_lcores(arena);
	assert(tide_arena_check(arena) == 0);
	*out = arena;
	return 0;
}

struct tide_arena *
tide_arena_create(const struct tide_arena_conf *conf)
{
	struct tide_topology *own_topo = NULL;
	struct tide_arena *arena = NULL;
	int ret = check_conf(conf);

	if (ret == 0)
		ret = tidei_topology_own(conf->topo, &own_topo);
	if (ret == 0)
		ret = create(conf, conf->topo != NULL ? conf->topo : own_topo, &arena);
	if (ret < 0) {
		tide_topology_free(own_topo);
		rte_errno = -ret;
		return NULL;
	}
	arena->more->own_topo = own_topo;
	return arena;
}

int
tide_arena_free(struct tide_arena *arena)
{
	struct tide_topology *own_topo;
	struct tide_arena_stalled reader;

	if (arena == NULL)
		return 0;
	if (tidei_arena_reader_any(arena->more, &reader)) {
		TIDE_LOG(arena, ERR,
			"%s: reader \"%s\" (id %u, thread %" PRIu32 ") is registered: unregister "
			"readers, then free the arena",
			arena->more->name, reader.name, reader.reader, reader.tid);
		return -EBUSY;
	}
	own_topo = arena->more->own_topo;
	destroy(arena);
	tide_topology_free(own_topo);
	return 0;
}
