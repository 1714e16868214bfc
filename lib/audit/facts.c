/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Copies the facts of EAL and the kernel, and answers questions about them. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mempool.h>

#include "audit_internal.h"
#include "eal_friend.h"
#include "mempool_friend.h"
#include "sys_friend.h"

static int
read_lcores(struct tidei_audit_facts *facts)
{
	for (unsigned int id = 0; id < RTE_MAX_LCORE; id++) {
		struct tidei_audit_lcore *lcore;

		if (rte_eal_lcore_role(id) == ROLE_OFF)
			continue;
		lcore = tidei_list_add(&facts->lcores, sizeof(*lcore));
		if (lcore == NULL)
			return -ENOMEM;
		lcore->id = id;
		lcore->node = tide_topology_lcore_node(facts->topo, id);
	}
	return 0;
}

static int
read_heaps(struct tidei_audit_facts *facts)
{
	for (unsigned int i = 0; i < rte_socket_count(); i++) {
		struct tidei_audit_heap *heap = tidei_list_add(&facts->heaps, sizeof(*heap));
		struct rte_malloc_socket_stats stats;

		if (heap == NULL)
			return -ENOMEM;
		heap->node = rte_socket_id_by_idx(i);
		if (rte_malloc_get_socket_stats(heap->node, &stats) == 0)
			heap->bytes = stats.heap_totalsz_bytes;
		heap->free_huge = tidei_huge_bytes(heap->node);
	}
	return 0;
}

static bool
balances(void)
{
	struct tidei_textfile file;

	return tidei_textfile_read(&file, "", "/proc/sys/kernel/numa_balancing") == 0 &&
	       strcmp(file.text, "0") != 0;
}

int
tidei_audit_facts_read(struct tidei_audit_facts *facts)
{
	int ret = read_lcores(facts);

	facts->nb_ops = rte_mempool_ops_table.num_ops;
	facts->max_ops = RTE_MEMPOOL_MAX_OPS_IDX;
	facts->has_tide_ops = tidei_mempool_ops_number(TIDE_MEMPOOL_OPS) >= 0;
	facts->uses_huge_pages = rte_eal_has_hugepages() != 0;
	facts->heaps_are_fixed = tidei_eal_has_argument("--legacy-mem");
	facts->balances = balances();
	facts->pid = (int)getpid();
	if (ret == 0)
		ret = read_heaps(facts);
	if (ret == 0)
		ret = tidei_audit_read_pools(facts);
	if (ret == 0)
		ret = tidei_audit_read_ports(facts);
	return ret;
}

int
tidei_audit_read_files(struct tidei_audit_facts *facts)
{
	unsigned int nb = tide_eal_files_read(NULL, 0), now;

	for (unsigned int i = 0; i < nb; i++)
		if (tidei_list_add(&facts->files, sizeof(struct tide_eal_files)) == NULL)
			return -ENOMEM;
	/* Programs start and end meanwhile. */
	now = tide_eal_files_read(facts->files.at, facts->files.nb);
	facts->files.nb = RTE_MIN(facts->files.nb, now);
	return 0;
}

void
tidei_audit_facts_free(struct tidei_audit_facts *facts)
{
	TIDEI_LIST_EACH (facts->pools, struct tidei_audit_pool, pool)
		tidei_list_free(&pool->memory);
	free(facts->files.at);
	free(facts->pools.at);
	free(facts->ports.at);
	free(facts->queues.at);
	free(facts->lcores.at);
	free(facts->heaps.at);
}

const struct tidei_audit_pool *
tidei_audit_pool_of(const struct tidei_audit_facts *facts, const struct rte_mempool *mp)
{
	TIDEI_LIST_EACH (facts->pools, const struct tidei_audit_pool, pool)
		if (pool->mp == mp)
			return pool;
	return NULL;
}

int
tidei_audit_pool_node(const struct tidei_audit_pool *pool)
{
	for (unsigned int i = 0; i < pool->found.nb_found; i++)
		if (pool->found.found[i].node >= 0)
			return pool->found.found[i].node;
	return pool->node;
}

const struct tidei_audit_port *
tidei_audit_port_of(const struct tidei_audit_facts *facts, uint32_t id)
{
	TIDEI_LIST_EACH (facts->ports, const struct tidei_audit_port, port)
		if (port->id == id)
			return port;
	return NULL;
}

unsigned int
tidei_audit_alike(const struct tidei_audit_facts *facts, const struct tidei_audit_queue *queue,
	bool (*alike)(const struct tidei_audit_queue *a, const struct tidei_audit_queue *b))
{
	unsigned int count = 0;

	TIDEI_LIST_EACH (facts->queues, const struct tidei_audit_queue, other) {
		if (other->port != queue->port || !alike(other, queue))
			continue;
		if (other < queue)
			return 0;
		count++;
	}
	return count;
}
