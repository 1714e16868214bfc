/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Asks the kernel where every page of a region is, and how much of it is transparently huge. */

#include <errno.h>
#include <inttypes.h>
#include <numaif.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "region_internal.h"

/* Pages asked of the kernel in one call. */
#define BATCH 1024

/* Largest errno the kernel gives for a page, and one. */
#define ERRNO_MAX 256

/* Times a page that has no answer is asked again: one on the move is absent for a moment. */
#define RETRIES 3

struct counts {
	uint64_t node[TIDE_NODE_MAX];
	uint64_t error[ERRNO_MAX]; /* By positive errno. */
};

static int
ask(void **pages, int *status, unsigned int n)
{
	unsigned int i, tries;

	for (i = 0; i < n; i++)
		status[i] = -ENOENT;
	if (move_pages(0, n, pages, NULL, status, 0) < 0)
		return -errno;
	for (i = 0; i < n; i++) {
		for (tries = 0; status[i] < 0 && tries < RETRIES; tries++) {
			if (move_pages(0, 1, &pages[i], NULL, &status[i], 0) < 0)
				return -errno;
		}
	}
	return 0;
}

static void
count(struct counts *counts, const int *status, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (status[i] >= 0 && status[i] < TIDE_NODE_MAX)
			counts->node[status[i]]++;
		else if (status[i] < 0 && status[i] > -ERRNO_MAX)
			counts->error[-status[i]]++;
		else
			counts->error[EIO]++;
	}
}

static int
count_all(uintptr_t first, uint64_t pages, uint64_t page_size, struct counts *counts)
{
	void *batch[BATCH];
	int status[BATCH];
	uint64_t done, left;
	unsigned int i, n;
	int ret;

	for (done = 0; done < pages; done += n) {
		left = pages - done;
		n = left < BATCH ? (unsigned int)left : BATCH;
		for (i = 0; i < n; i++)
			batch[i] = (void *)(first + (done + i) * page_size);
		ret = ask(batch, status, n);
		if (ret < 0)
			return ret;
		count(counts, status, n);
	}
	return 0;
}

/* Keeps found[] by pages, most first; what does not fit is the least. */
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

static void
summarise(const struct counts *counts, struct tide_placement *now)
{
	uint64_t total = 0;
	int i;

	now->nb_found = 0;
	memset(now->found, 0, sizeof(now->found));
	for (i = 0; i < TIDE_NODE_MAX; i++) {
		note(now, i, counts->node[i]);
		total += counts->node[i];
	}
	for (i = 0; i < ERRNO_MAX; i++)
		note(now, -i, counts->error[i]);
	now->local = now->wanted == TIDE_NODE_UNKNOWN ? total : counts->node[now->wanted];
}

int
tidei_measure(const struct tide_region *region, struct tide_placement *now)
{
	uint64_t page_size = region->found.page_size;
	uintptr_t start = (uintptr_t)region->addr, first = start & ~(page_size - 1);
	struct counts *counts;
	uint64_t pages = (start - first + region->len + page_size - 1) / page_size;
	int ret;

	counts = calloc(1, sizeof(*counts));
	if (counts == NULL)
		return -ENOMEM;
	ret = count_all(first, pages, page_size, counts);
	if (ret == 0) {
		now->pages = pages;
		summarise(counts, now);
	}
	free(counts);
	if (ret < 0 || region->found.page != TIDE_PAGE_THP)
		return ret;
	return tidei_thp_bytes(region->addr, region->len, &now->thp_bytes);
}

static uint64_t
overlap(uintptr_t a, uintptr_t a_end, uintptr_t b, uintptr_t b_end)
{
	uintptr_t from = RTE_MAX(a, b), to = RTE_MIN(a_end, b_end);

	return from < to ? to - from : 0;
}

int
tidei_thp_bytes(const void *addr, size_t len, uint64_t *bytes)
{
	uintptr_t start = (uintptr_t)addr, from, to;
	uint64_t shared = 0, kb, sum = 0;
	char line[512];
	FILE *f;

	f = fopen("/proc/self/smaps", "re");
	if (f == NULL)
		return -errno;
	while (fgets(line, sizeof(line), f) != NULL) {
		/* A key starts with a capital, an address never does. */
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2)
			shared = overlap(start, start + len, from, to);
		else if (shared != 0 && sscanf(line, "AnonHugePages: %" SCNu64, &kb) == 1)
			sum += RTE_MIN(kb << 10, shared);
	}
	fclose(f);
	*bytes = sum;
	return 0;
}
