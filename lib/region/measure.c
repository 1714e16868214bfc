/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Measures a whole region: the node of every page, and the bytes on transparent huge pages. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "region_internal.h"

int
tidei_measure(const struct tide_region *region, struct tide_placement *now)
{
	struct tide_scan *scan = tide_region_scan(region);
	int ret;

	if (scan == NULL)
		return -ENOMEM;
	ret = tidei_scan_walk(scan, UINT64_MAX);
	if (ret > 0)
		tidei_scan_sum(scan, now);
	tide_scan_free(scan);
	return RTE_MIN(ret, 0);
}

int
tidei_pages_measure(void *addr, size_t len, size_t page_size, int node, struct tide_placement *now)
{
	const struct tide_region range = {
		.addr = addr, .len = len, .found = {.page_size = page_size}};

	now->requested = node;
	now->page_size = page_size;
	return tidei_measure(&range, now);
}

int
tidei_measure_thp(const struct tide_region *region, struct tide_placement *now)
{
	if (region->found.page != TIDE_PAGE_THP)
		return 0;
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
		/* A key starts with a capital letter, an address never does. */
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2)
			shared = overlap(start, start + len, from, to);
		else if (shared != 0 && sscanf(line, "AnonHugePages: %" SCNu64, &kb) == 1)
			sum += RTE_MIN(kb << 10, shared);
	}
	fclose(f);
	*bytes = sum;
	return 0;
}
