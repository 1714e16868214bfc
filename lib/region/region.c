/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Life of a region: check the request, run the fallback chain, publish the placement found. */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "region_internal.h"
#include "tide_log.h"
#include "topology_friend.h"

TIDE_LOG_REGISTER(region);

/* A region made without a name takes the next number; any thread may make one. */
static _Atomic unsigned int unnamed;

static const char *
name_of(const struct tide_region_conf *conf)
{
	return conf->name != NULL ? conf->name : "unnamed";
}

static int
invalid(const struct tide_region_conf *conf, const char *what)
{
	TIDE_LOG(region, ERR, "%s: %s", name_of(conf), what);
	return -EINVAL;
}

static int
check_form(const struct tide_region_conf *conf)
{
	bool small = conf->page == TIDE_PAGE_THP || conf->page == TIDE_PAGE_4K;

	if (conf->len == 0)
		return invalid(conf, "a region of 0 bytes was requested; ask for at least one");
	if (tidei_round_up(conf->len, tidei_page_base()) == 0)
		return invalid(conf, "the length does not fit the address space; ask for less");
	if ((unsigned int)conf->page > TIDE_PAGE_4K ||
		(unsigned int)conf->backing > TIDE_BACKING_OWN ||
		(unsigned int)conf->enforce > TIDE_ENFORCE_BEST_EFFORT)
		return invalid(conf, "unknown page kind, backing or enforcement");
	if (conf->name != NULL && strlen(conf->name) >= TIDEI_REGION_NAMESIZE)
		return invalid(conf, "the name is longer than 31 characters");
	if (conf->backing != TIDE_BACKING_EAL)
		return 0;
	if (!tidei_eal_is_up()) {
		TIDE_LOG(region, ERR,
			"%s: EAL memory was requested, but EAL is not initialised: call "
			"rte_eal_init() "
			"first or ask for own memory",
			name_of(conf));
		return -ENOTSUP;
	}
	if (small && rte_eal_has_hugepages())
		return invalid(conf, "EAL runs on huge pages and has no THP or 4K memory: ask for "
				     "own memory or other pages");
	return 0;
}

/* Logs a failure that the placement explains: an error, unless the caller reports it. */
static void
log_told(bool told, const char *name, const char *text)
{
	if (told)
		TIDE_LOG(region, INFO, "%s: %s", name, text);
	else
		TIDE_LOG(region, ERR, "%s: %s", name, text);
}

static int
check_node(const struct tide_region_conf *conf, const struct tide_topology *topo,
	struct tide_placement *found, bool told)
{
	const struct tide_node *node;
	const char *reason;

	if (conf->node == TIDE_NODE_UNKNOWN)
		return 0;
	node = tide_topology_node(topo, conf->node);
	if (node == NULL) {
		TIDE_LOG(region, ERR, "%s: node %d does not exist; this machine has %u node(s)",
			name_of(conf), conf->node, tide_topology_nb_nodes(topo));
		return -EINVAL;
	}
	if (conf->enforce != TIDE_ENFORCE_STRICT)
		return 0;
	reason = tide_node_refusal(node);
	if (reason == NULL)
		return 0;
	snprintf(found->reason, sizeof(found->reason),
		"node %d cannot give memory to this process: %s", conf->node, reason);
	log_told(told, name_of(conf), found->reason);
	return node->memory == 0 ? -ENOMEM : -EPERM;
}

static void
start_placement(struct tide_placement *found, const struct tide_region_conf *conf)
{
	memset(found, 0, sizeof(*found));
	found->requested = conf->node;
	found->page = conf->page;
	found->backing = conf->backing;
}

static void
set_name(struct tide_region *region, const struct tide_region_conf *conf)
{
	unsigned int id;

	if (conf->name != NULL) {
		snprintf(region->name, sizeof(region->name), "%s", conf->name);
		return;
	}
	/* The process id makes names unique among processes that share EAL memory. */
	id = atomic_fetch_add_explicit(&unnamed, 1, memory_order_relaxed);
	snprintf(region->name, sizeof(region->name), "tide_%d_%u", (int)getpid(), id);
}

static void
log_failure(const struct tide_region *region, const struct tide_region_conf *conf, bool told)
{
	const struct tide_placement *found = &region->found;
	char node[24] = "any node", text[sizeof(found->reason) + sizeof(found->hint) + 128];

	if (conf->node != TIDE_NODE_UNKNOWN)
		snprintf(node, sizeof(node), "node %d", conf->node);
	snprintf(text, sizeof(text), "%zu bytes on %s, pages %s, are not available: %s%s%s",
		conf->len, node, tide_page_name(conf->page), found->reason,
		found->hint[0] != '\0' ? ": " : "", found->hint);
	log_told(told, region->name, text);
}

static bool
kept(const struct tide_region_conf *conf, const struct tide_placement *found)
{
	if (found->local != found->pages)
		return false;
	return conf->page == TIDE_PAGE_AUTO ||
	       (conf->page == TIDE_PAGE_HUGE && found->page <= TIDE_PAGE_2M);
}

static int
make(struct tide_region *region, const struct tide_region_conf *conf,
	const struct tide_topology *topo, bool told)
{
	struct tidei_fallback fallback = {{0}, {0}};
	int ret = tidei_fallback_walk(region, conf, topo, &fallback);

	if (ret < 0) {
		snprintf(region->found.hint, sizeof(region->found.hint), "%s", fallback.hint);
		log_failure(region, conf, told);
		return ret;
	}
	/* Only a request that was not met is worth a warning. */
	if (region->found.reason[0] == '\0')
		return 0;
	if (kept(conf, &region->found))
		TIDE_LOG(region, INFO, "%s: %s", region->name, region->found.reason);
	else
		TIDE_LOG(region, WARNING, "%s: %s", region->name, region->found.reason);
	return 0;
}

static int
create(const struct tide_region_conf *conf, const struct tide_topology *topo,
	struct tide_region **out, struct tide_placement *found, bool told)
{
	struct tide_region *region;
	int ret;

	ret = check_node(conf, topo, found, told);
	if (ret < 0)
		return ret;
	region = calloc(1, sizeof(*region));
	if (region == NULL) {
		TIDE_LOG(region, ERR,
			"%s: malloc() of %zu bytes for the region failed: let the process have "
			"more "
			"memory",
			name_of(conf), sizeof(*region));
		return -ENOMEM;
	}
	start_placement(&region->found, conf);
	set_name(region, conf);
	ret = make(region, conf, topo, told);
	*found = region->found;
	if (ret < 0) {
		free(region);
		return ret;
	}
	assert(tidei_region_check(region) == 0);
	*out = region;
	return 0;
}

struct tide_region *
tidei_region_create(const struct tide_region_conf *conf, struct tide_placement *found, bool told)
{
	struct tide_topology *own_topo = NULL;
	struct tide_region *region = NULL;
	struct tide_placement reached;
	int ret;

	start_placement(&reached, conf);
	ret = check_form(conf);
	if (ret == 0)
		ret = tidei_topology_own(conf->topo, &own_topo);
	if (ret == 0)
		ret = create(
			conf, conf->topo != NULL ? conf->topo : own_topo, &region, &reached, told);
	tide_topology_free(own_topo);
	if (found != NULL)
		*found = reached;
	if (ret < 0)
		rte_errno = -ret;
	return region;
}

struct tide_region *
tide_region_create(const struct tide_region_conf *conf, struct tide_placement *found)
{
	return tidei_region_create(conf, found, false);
}

void
tide_region_free(struct tide_region *region)
{
	if (region == NULL)
		return;
	assert(tidei_region_check(region) == 0);
	tidei_dma_undo(region);
	if (region->mz != NULL && !region->attached)
		tidei_eal_unmap(region);
	else if (region->mz == NULL)
		tidei_own_unmap(region);
	free(region);
}

void *
tide_region_addr(const struct tide_region *region)
{
	return region->addr;
}

size_t
tide_region_len(const struct tide_region *region)
{
	return region->len;
}

const struct tide_placement *
tide_region_placement(const struct tide_region *region)
{
	return &region->found;
}

int
tide_region_measure(const struct tide_region *region, struct tide_placement *now)
{
	struct tide_placement fresh = region->found;
	int ret;

	fresh.reason[0] = '\0';
	ret = tidei_measure(region, &fresh);
	if (ret == 0)
		ret = tidei_measure_thp(region, &fresh);
	if (ret < 0) {
		TIDE_LOG(region, ERR, "%s: the kernel does not report where the pages are: %s",
			region->name, strerror(-ret));
		return -EIO;
	}
	*now = fresh;
	return 0;
}

static bool
mapping_holds(const struct tide_region *region)
{
	size_t mask = (size_t)region->found.page_size - 1;

	/* The primary may have freed the memzone of an attached region since. */
	if (region->attached)
		return region->mz != NULL && region->mapped_len == 0;
	if (region->found.backing == TIDE_BACKING_EAL)
		return region->mz != NULL && region->mz->addr == region->addr &&
		       region->mz->len >= region->len && region->mapped_len == 0;
	return region->found.backing == TIDE_BACKING_OWN && region->mz == NULL &&
	       region->mapped_len >= region->len && !region->bound_eal &&
	       ((uintptr_t)region->addr & mask) == 0 && (region->len & mask) == 0;
}

int
tidei_region_check(const struct tide_region *region)
{
	const struct tide_placement *found = &region->found;
	uint64_t counted = 0;
	unsigned int i;

	if (region->addr == NULL || region->len == 0 || found->pages == 0 ||
		found->page_size == 0 || (found->page_size & (found->page_size - 1)) != 0 ||
		!mapping_holds(region))
		return -EINVAL;
	if (found->nb_found == 0 || found->nb_found > TIDE_PLACEMENT_NODES_MAX)
		return -EINVAL;
	for (i = 0; i < found->nb_found; i++) {
		counted += found->found[i].pages;
		if (i > 0 && found->found[i].pages > found->found[i - 1].pages)
			return -EINVAL;
	}
	if (counted > found->pages || found->local > found->pages ||
		found->unknown > found->pages - found->local || found->thp_bytes > region->len ||
		found->pages > UINT64_MAX / found->page_size)
		return -EINVAL;
	if (region->nb_dma_devs != 0 && !region->registered)
		return -EINVAL;
	return 0;
}
