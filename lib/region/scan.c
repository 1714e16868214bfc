/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Asks the kernel where the pages of a region are, as many at a time as the caller requests. */

#include <errno.h>
#include <numaif.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>

#include "region_internal.h"
#include "tide_log.h"
#include "topology_friend.h"

/* Pages queried in one call: a larger number makes no page cheaper. */
#define BATCH 256

/* One more than the largest errno that the kernel gives for a page. */
#define ERRNO_MAX 256

/* Times a page without an answer is queried again: a page that migrates is absent for a moment. */
#define RETRIES 3

struct tide_scan {
	const struct tide_region *region;
	bool refused; /* The kernel refuses the query; `only` is valid. */
	int only; /* The only node they can be on, or TIDE_NODE_UNKNOWN. */
	uint64_t next; /* First page not yet queried. */
	uint64_t node[TIDE_NODE_MAX]; /* Pages found there. */
	uint64_t error[ERRNO_MAX]; /* Pages without a node, by positive errno. */
};

/*
 * Queries pages: there are no target nodes, so nothing moves. If the kernel refuses and there is only
 * one node, all pages are certainly there.
 */
static int
query(struct tide_scan *scan, void **pages, int *status, unsigned int n)
{
	unsigned int i;
	int err;

	if (move_pages(0, n, pages, NULL, status, 0) >= 0)
		return 0;
	err = -errno;
	if (!scan->refused)
		scan->only = tidei_only_node();
	scan->refused = true;
	if (scan->only == TIDE_NODE_UNKNOWN)
		return err;
	for (i = 0; i < n; i++)
		status[i] = scan->only;
	return 0;
}

/* Queries all pages without an answer in one call: a swapped-out region must not cost one for each. */
static int
ask_again(struct tide_scan *scan, void **pages, int *status, unsigned int n)
{
	unsigned int at[BATCH], i, absent = 0;
	void *again[BATCH];
	int answer[BATCH], ret;

	for (i = 0; i < n; i++) {
		if (status[i] >= 0)
			continue;
		at[absent] = i;
		answer[absent] = status[i];
		again[absent++] = pages[i];
	}
	if (absent == 0)
		return 0;
	ret = query(scan, again, answer, absent);
	if (ret < 0)
		return ret;
	for (i = 0; i < absent; i++)
		status[at[i]] = answer[i];
	return 0;
}

static int
ask(struct tide_scan *scan, void **pages, int *status, unsigned int n)
{
	unsigned int i, tries;
	int ret;

	for (i = 0; i < n; i++)
		status[i] = -ENOENT;
	ret = query(scan, pages, status, n);
	for (tries = 0; ret == 0 && tries < RETRIES; tries++)
		ret = ask_again(scan, pages, status, n);
	return ret;
}

static void
count(struct tide_scan *scan, const int *status, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (status[i] >= 0 && status[i] < TIDE_NODE_MAX)
			scan->node[status[i]]++;
		else if (status[i] < 0 && status[i] > -ERRNO_MAX)
			scan->error[-status[i]]++;
		else
			scan->error[EIO]++;
	}
}

static uintptr_t
first_page(const struct tide_region *region)
{
	return (uintptr_t)region->addr & ~((uintptr_t)region->found.page_size - 1);
}

uint64_t
tidei_region_pages(const struct tide_region *region)
{
	uint64_t page_size = region->found.page_size;
	uint64_t head = (uintptr_t)region->addr - first_page(region);

	return (head + region->len + page_size - 1) / page_size;
}

int
tidei_scan_walk(struct tide_scan *scan, uint64_t most)
{
	const struct tide_region *region = scan->region;
	uint64_t pages = tidei_region_pages(region), page_size = region->found.page_size;
	uint64_t end = scan->next + RTE_MIN(most, pages - scan->next);
	void *batch[BATCH];
	int status[BATCH];
	unsigned int i, n;
	int ret;

	for (; scan->next < end; scan->next += n) {
		n = (unsigned int)RTE_MIN(end - scan->next, (uint64_t)BATCH);
		for (i = 0; i < n; i++)
			batch[i] = (void *)(first_page(region) + (scan->next + i) * page_size);
		ret = ask(scan, batch, status, n);
		if (ret < 0)
			return ret;
		count(scan, status, n);
	}
	return scan->next == pages;
}

void
tidei_scan_sum(const struct tide_scan *scan, struct tide_placement *now)
{
	uint64_t total = 0;
	int i;

	now->pages = tidei_region_pages(scan->region);
	now->nb_found = 0;
	memset(now->found, 0, sizeof(now->found));
	for (i = 0; i < TIDE_NODE_MAX; i++) {
		tidei_placement_note(now, i, scan->node[i]);
		total += scan->node[i];
	}
	now->unknown = 0;
	for (i = 0; i < ERRNO_MAX; i++) {
		tidei_placement_note(now, -i, scan->error[i]);
		now->unknown += scan->error[i];
	}
	now->local = now->requested == TIDE_NODE_UNKNOWN ? total : scan->node[now->requested];
}

static void
begin(struct tide_scan *scan, const struct tide_region *region)
{
	memset(scan, 0, sizeof(*scan));
	scan->region = region;
}

struct tide_scan *
tide_region_scan(const struct tide_region *region)
{
	struct tide_scan *scan = malloc(sizeof(*scan));

	if (scan == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	begin(scan, region);
	return scan;
}

int
tide_scan_step(struct tide_scan *scan, uint64_t pages, struct tide_placement *now)
{
	const struct tide_region *region = scan->region;
	int ret = tidei_scan_walk(scan, pages);

	if (ret == 0)
		return 0;
	if (ret < 0) {
		TIDE_LOG(region, ERR, "%s: the kernel does not report where the pages are: %s",
			region->name, strerror(-ret));
		begin(scan, region);
		return -EIO;
	}
	*now = region->found;
	now->reason[0] = '\0';
	tidei_scan_sum(scan, now);
	begin(scan, region);
	return 1;
}

void
tide_scan_free(struct tide_scan *scan)
{
	free(scan);
}
