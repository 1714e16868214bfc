/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The fallback chain of lib/region: the node, backing and page kind to try when one is not available.
 *
 * Strict stays on its node; an explicit page kind under strict is the only step. Best effort tries
 * every page kind on the node first, then the nearest node: a small local page costs a TLB miss, but
 * a large remote page makes every access slower.
 */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>

#include "region_internal.h"

/* Page kinds in the order of the fallback chain. */
static const enum tide_page order[] = {
	TIDE_PAGE_1G, TIDE_PAGE_2M, TIDE_PAGE_THP, TIDE_PAGE_4K, TIDE_PAGE_AUTO};

/* Adds a step to the reason; a text that does not fit ends in "...". */
__rte_format_printf(2, 3) static void add_reason(
	struct tide_placement *found, const char *format, ...)
{
	size_t size = sizeof(found->reason), len = strlen(found->reason);
	va_list args;
	int n;

	if (len != 0 && len + 2 < size)
		len += (size_t)snprintf(found->reason + len, size - len, "; ");
	va_start(args, format);
	n = vsnprintf(found->reason + len, size - len, format, args);
	va_end(args);
	if (n >= 0 && (size_t)n >= size - len)
		memcpy(found->reason + size - 4, "...", 4);
}

/* Puts the node that was found before the steps that led there: the last of them may be cut. */
static void
lead_reason(struct tide_placement *found, const struct tide_topology *topo, int node)
{
	char steps[sizeof(found->reason)];

	memcpy(steps, found->reason, sizeof(steps));
	found->reason[0] = '\0';
	add_reason(found, "asked of node %d, the nearest by distance (%u) with room", node,
		tide_topology_distance(topo, found->requested, node));
	add_reason(found, "%s", steps);
}

/* Tells whether rounding up to that page kind leaves half of the region or more unused. */
static bool
wasteful(size_t len, enum tide_page page)
{
	size_t bytes = tidei_page_bytes(page), rounded;

	if (bytes == 0 || page == TIDE_PAGE_4K)
		return false;
	rounded = tidei_round_up(len, bytes);
	return rounded == 0 || rounded - len >= rounded / 2;
}

/* Tells whether the caller leaves the page size to the walk. */
static bool
choosing(const struct tide_region_conf *conf)
{
	return conf->page == TIDE_PAGE_AUTO || conf->page == TIDE_PAGE_HUGE;
}

/* Tells whether the walk tries that page kind with that backing. */
static bool
tries(const struct tide_region_conf *conf, enum tide_backing backing, enum tide_page page)
{
	bool eal_huge = backing == TIDE_BACKING_EAL && rte_eal_has_hugepages();
	bool small = page == TIDE_PAGE_THP || page == TIDE_PAGE_4K;
	bool strict = conf->enforce == TIDE_ENFORCE_STRICT;

	/* The kind AUTO means any page that EAL has: the rest of its fallback chain. */
	if (page == TIDE_PAGE_AUTO)
		return eal_huge && choosing(conf);
	if (small && (eal_huge || (strict && conf->page == TIDE_PAGE_HUGE)))
		return false;
	if (backing == TIDE_BACKING_EAL && page == TIDE_PAGE_THP)
		return conf->page == TIDE_PAGE_THP;
	if (!choosing(conf))
		return strict ? page == conf->page : page >= conf->page;
	if (eal_huge)
		return page == TIDE_PAGE_1G && !wasteful(conf->len, page);
	/* The last kind that HUGE can have. */
	if (conf->page == TIDE_PAGE_HUGE && page == TIDE_PAGE_2M)
		return true;
	if (backing == TIDE_BACKING_EAL)
		return page == TIDE_PAGE_4K;
	return !wasteful(conf->len, page);
}

static void
unmap(struct tide_region *region)
{
	if (region->found.backing == TIDE_BACKING_EAL)
		tidei_eal_unmap(region);
	else
		tidei_own_unmap(region);
}

/*
 * Handles a kernel that does not report where the pages are. A region for any node needs no report; a
 * region for one node is made under best effort only, and its pages are unknown.
 */
static int
unmeasured(struct tide_region *region, const struct tidei_step *step, int err,
	struct tidei_fallback *fallback)
{
	struct tide_placement *found = &region->found;
	bool any = found->requested == TIDE_NODE_UNKNOWN;

	if (step->strict && !any) {
		snprintf(fallback->reason, sizeof(fallback->reason), "move_pages: %s",
			strerror(-err));
		if (err == -EPERM)
			snprintf(fallback->hint, sizeof(fallback->hint),
				"a container's seccomp profile forbids it: "
				"docker run --cap-add SYS_NICE");
		return err;
	}
	found->pages = tidei_region_pages(region);
	found->nb_found = 1;
	found->found[0].node = err;
	found->found[0].pages = found->pages;
	found->local = any ? found->pages : 0;
	found->unknown = any ? 0 : found->pages;
	if (!any)
		add_reason(found, "placement unknown: move_pages: %s", strerror(-err));
	return 0;
}

static void
hint_thp(struct tidei_fallback *fallback)
{
	char line[64] = "";
	FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "re");

	if (f != NULL) {
		if (fgets(line, sizeof(line), f) == NULL)
			line[0] = '\0';
		fclose(f);
	}
	if (strstr(line, "[never]") != NULL)
		snprintf(fallback->hint, sizeof(fallback->hint),
			"echo madvise > /sys/kernel/mm/transparent_hugepage/enabled");
	else
		snprintf(fallback->hint, sizeof(fallback->hint),
			"echo 1 > /proc/sys/vm/compact_memory");
}

/* Checks how much is on transparent huge pages: all of the region if `all`, else any part. */
static int
judge_thp(struct tide_region *region, const struct tidei_step *step, bool all,
	struct tidei_fallback *fallback)
{
	struct tide_placement *found = &region->found;
	int ret;

	if (found->page != TIDE_PAGE_THP)
		return 0;
	ret = tidei_measure_thp(region, found);
	if (ret < 0) {
		snprintf(fallback->reason, sizeof(fallback->reason), "/proc/self/smaps: %s",
			strerror(-ret));
		return ret;
	}
	if (found->thp_bytes >= region->len)
		return 0;
	snprintf(fallback->reason, sizeof(fallback->reason),
		"%" PRIu64 " of %zu MB on transparent huge pages", found->thp_bytes >> 20,
		region->len >> 20);
	if (all || found->thp_bytes == 0) {
		hint_thp(fallback);
		return -ENOMEM;
	}
	add_reason(found, "%s", fallback->reason);
	return 0;
}

static int
judge(struct tide_region *region, const struct tidei_step *step, bool all_thp,
	struct tidei_fallback *fallback)
{
	struct tide_placement *found = &region->found;
	int ret = tidei_measure(region, found);
	bool asked = ret == 0;

	if (!asked)
		ret = unmeasured(region, step, ret, fallback);
	if (ret == 0)
		ret = judge_thp(region, step, all_thp, fallback);
	if (ret < 0 || !asked || found->local == found->pages)
		return ret;
	snprintf(fallback->reason, sizeof(fallback->reason),
		"%" PRIu64 " of %" PRIu64 " pages on node %d", found->local, found->pages,
		found->requested);
	if (!step->strict) {
		add_reason(found, "%s", fallback->reason);
		return 0;
	}
	if (found->local + found->unknown == found->pages)
		snprintf(fallback->hint, sizeof(fallback->hint),
			"the kernel reports no node for the others: ask for best effort");
	else
		snprintf(fallback->hint, sizeof(fallback->hint),
			"the kernel placed them elsewhere (most on node %d): ask for that node or "
			"for best effort",
			found->found[0].node);
	return -EXDEV;
}

static void
add_fallback(struct tide_placement *found, const struct tidei_step *step, enum tide_backing backing,
	const struct tidei_fallback *fallback)
{
	const char *page = step->page == TIDE_PAGE_AUTO ? "any" : tide_page_name(step->page);
	/* EAL and our own memory come from the same pages of a node. */
	bool same = fallback->reason[0] != '\0' && strstr(found->reason, fallback->reason) != NULL;

	add_reason(found, "%s%s: %s", backing == TIDE_BACKING_EAL ? "EAL " : "", page,
		same ? "the same" : fallback->reason);
}

static int
attempt(struct tide_region *region, const struct tidei_step *step, enum tide_backing backing,
	bool all_thp, struct tidei_fallback *fallback)
{
	char hint[sizeof(fallback->hint)];
	int ret;

	memcpy(hint, fallback->hint, sizeof(hint));
	memset(fallback, 0, sizeof(*fallback));
	ret = backing == TIDE_BACKING_EAL ? tidei_eal_map(region, step, fallback)
	                                  : tidei_own_map(region, step, fallback);
	if (ret == 0) {
		ret = judge(region, step, all_thp, fallback);
		if (ret == 0)
			return 0;
		unmap(region);
	}
	add_fallback(&region->found, step, backing, fallback);
	/* A later step without advice must not hide the advice of an earlier one. */
	if (fallback->hint[0] == '\0')
		memcpy(fallback->hint, hint, sizeof(hint));
	return ret;
}

static int
walk_pages(struct tide_region *region, const struct tide_region_conf *conf, struct tidei_step *step,
	enum tide_backing backing, struct tidei_fallback *fallback)
{
	bool all_thp = step->strict && conf->page == TIDE_PAGE_THP;
	int ret = -ENOMEM;
	unsigned int i;

	for (i = 0; i < RTE_DIM(order); i++) {
		if (!tries(conf, backing, order[i]))
			continue;
		step->page = order[i];
		ret = attempt(region, step, backing, all_thp, fallback);
		/* Every step would refuse the same name or length. */
		if (ret == 0 || ret == -EINVAL || ret == -EEXIST)
			break;
	}
	return ret;
}

static bool
wants_eal(const struct tide_region_conf *conf, int node)
{
	if (conf->backing != TIDE_BACKING_AUTO)
		return conf->backing == TIDE_BACKING_EAL;
	return tidei_eal_serves(node) && rte_eal_has_hugepages() && conf->page != TIDE_PAGE_THP &&
	       conf->page != TIDE_PAGE_4K;
}

static int
walk_backings(struct tide_region *region, const struct tide_region_conf *conf,
	struct tidei_step *step, struct tidei_fallback *fallback)
{
	int ret = -ENOMEM;

	if (wants_eal(conf, step->node)) {
		ret = walk_pages(region, conf, step, TIDE_BACKING_EAL, fallback);
		if (ret == 0 || ret == -EINVAL || ret == -EEXIST)
			return ret;
	}
	if (conf->backing == TIDE_BACKING_EAL)
		return ret;
	return walk_pages(region, conf, step, TIDE_BACKING_OWN, fallback);
}

/* Tells whether there is a node whose memory this process may not use. */
static bool
limited(const struct tide_topology *topo)
{
	const struct tide_node *node;
	unsigned int i;

	for (i = 0; (node = tide_topology_node_at(topo, i)) != NULL; i++) {
		if (node->memory != 0 && !node->mem_allowed)
			return true;
	}
	return false;
}

/* Returns the node that the caller runs on, else the first. */
static int
here(const struct tide_topology *topo)
{
	int cpu = sched_getcpu();
	int node = cpu < 0 ? TIDE_NODE_UNKNOWN : tide_topology_cpu_node(topo, (unsigned int)cpu);

	return node != TIDE_NODE_UNKNOWN ? node : tide_topology_node_at(topo, 0)->id;
}

/* Lists the nodes to try, the requested one first unless this process may not use it. */
static unsigned int
candidates(const struct tide_region_conf *conf, const struct tide_topology *topo, int *ids,
	unsigned int max)
{
	bool any = conf->node == TIDE_NODE_UNKNOWN;

	/* "Any" is any allowed node: EAL needs the list, it obeys neither cpuset nor policy. */
	if (any && limited(topo))
		return tide_topology_nearest(topo, here(topo), true, ids, max);
	if (!any && conf->enforce == TIDE_ENFORCE_BEST_EFFORT)
		return tide_topology_nearest(topo, conf->node, true, ids, max);
	ids[0] = conf->node;
	return 1;
}

int
tidei_fallback_walk(struct tide_region *region, const struct tide_region_conf *conf,
	const struct tide_topology *topo, struct tidei_fallback *fallback)
{
	struct tidei_step step = {
		.topo = topo,
		.name = region->name,
		.len = conf->len,
		.strict = conf->enforce == TIDE_ENFORCE_STRICT,
		.threads = conf->prefault_threads,
	};
	int ids[TIDE_NODE_MAX], ret = -ENOMEM;
	unsigned int i, n;

	n = candidates(conf, topo, ids, RTE_DIM(ids));
	if (conf->node != TIDE_NODE_UNKNOWN && (n == 0 || ids[0] != conf->node))
		add_reason(&region->found, "node %d: %s", conf->node,
			tide_node_refusal(tide_topology_node(topo, conf->node)));
	for (i = 0; i < n; i++) {
		step.node = ids[i];
		ret = walk_backings(region, conf, &step, fallback);
		if (ret == 0 || ret == -EINVAL || ret == -EEXIST)
			break;
	}
	if (ret == 0 && conf->node != TIDE_NODE_UNKNOWN && step.node != conf->node)
		lead_reason(&region->found, topo, step.node);
	return ret;
}
