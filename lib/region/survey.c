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

struct tide_survey {
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
query(struct tide_survey *survey, void **pages, int *status, unsigned int n)
{
	unsigned int i;
	int err;

	if (move_pages(0, n, pages, NULL, status, 0) >= 0)
		return 0;
	err = -errno;
	if (!survey->refused)
		survey->only = tidei_only_node();
	survey->refused = true;
	if (survey->only == TIDE_NODE_UNKNOWN)
		return err;
	for (i = 0; i < n; i++)
		status[i] = survey->only;
	return 0;
}

/* Queries all pages without an answer in one call: a swapped-out region must not cost one for each. */
static int
ask_again(struct tide_survey *survey, void **pages, int *status, unsigned int n)
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
	ret = query(survey, again, answer, absent);
	if (ret < 0)
		return ret;
	for (i = 0; i < absent; i++)
		status[at[i]] = answer[i];
	return 0;
}

static int
ask(struct tide_survey *survey, void **pages, int *status, unsigned int n)
{
	unsigned int i, tries;
	int ret;

	for (i = 0; i < n; i++)
		status[i] = -ENOENT;
	ret = query(survey, pages, status, n);
	for (tries = 0; ret == 0 && tries < RETRIES; tries++)
		ret = ask_again(survey, pages, status, n);
	return ret;
}

static void
count(struct tide_survey *survey, const int *status, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (status[i] >= 0 && status[i] < TIDE_NODE_MAX)
			survey->node[status[i]]++;
		else if (status[i] < 0 && status[i] > -ERRNO_MAX)
			survey->error[-status[i]]++;
		else
			survey->error[EIO]++;
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
tidei_survey_walk(struct tide_survey *survey, uint64_t most)
{
	const struct tide_region *region = survey->region;
	uint64_t pages = tidei_region_pages(region), page_size = region->found.page_size;
	uint64_t end = survey->next + RTE_MIN(most, pages - survey->next);
	void *batch[BATCH];
	int status[BATCH];
	unsigned int i, n;
	int ret;

	for (; survey->next < end; survey->next += n) {
		n = (unsigned int)RTE_MIN(end - survey->next, (uint64_t)BATCH);
		for (i = 0; i < n; i++)
			batch[i] = (void *)(first_page(region) + (survey->next + i) * page_size);
		ret = ask(survey, batch, status, n);
		if (ret < 0)
			return ret;
		count(survey, status, n);
	}
	return survey->next == pages;
}

/* Keeps found[] sorted by pages, most first; the nodes with the fewest pages may not fit. */
static void
note(struct tide_placement *now, int node, uint64_t pages)
{
	unsigned int i = now->nb_found;

	if (pages == 0)
		return;
	if (i == TIDE_PLACEMENT_NODES_MAX) {
		if (now->found[i - 1].pages >= pages)
			return;
		i--;
	} else {
		now->nb_found++;
	}
	for (; i > 0 && now->found[i - 1].pages < pages; i--)
		now->found[i] = now->found[i - 1];
	now->found[i].node = node;
	now->found[i].pages = pages;
}

void
tidei_survey_sum(const struct tide_survey *survey, struct tide_placement *now)
{
	uint64_t total = 0;
	int i;

	now->pages = tidei_region_pages(survey->region);
	now->nb_found = 0;
	memset(now->found, 0, sizeof(now->found));
	for (i = 0; i < TIDE_NODE_MAX; i++) {
		note(now, i, survey->node[i]);
		total += survey->node[i];
	}
	now->unknown = 0;
	for (i = 0; i < ERRNO_MAX; i++) {
		note(now, -i, survey->error[i]);
		now->unknown += survey->error[i];
	}
	now->local = now->wanted == TIDE_NODE_UNKNOWN ? total : survey->node[now->wanted];
}

static void
begin(struct tide_survey *survey, const struct tide_region *region)
{
	memset(survey, 0, sizeof(*survey));
	survey->region = region;
}

struct tide_survey *
tide_region_survey(const struct tide_region *region)
{
	struct tide_survey *survey = malloc(sizeof(*survey));

	if (survey == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	begin(survey, region);
	return survey;
}

int
tide_survey_step(struct tide_survey *survey, uint64_t pages, struct tide_placement *now)
{
	const struct tide_region *region = survey->region;
	int ret = tidei_survey_walk(survey, pages);

	if (ret == 0)
		return 0;
	if (ret < 0) {
		TIDE_LOG(region, ERR, "%s: the kernel does not report where the pages are: %s",
			region->name, strerror(-ret));
		begin(survey, region);
		return -EIO;
	}
	*now = region->found;
	now->reason[0] = '\0';
	tidei_survey_sum(survey, now);
	begin(survey, region);
	return 1;
}

void
tide_survey_free(struct tide_survey *survey)
{
	free(survey);
}
