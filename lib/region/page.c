/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Page kinds of lib/region: names, bytes, rounding. */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "region_internal.h"

static const char *const names[] = {
	[TIDE_PAGE_AUTO] = "auto",
	[TIDE_PAGE_HUGE] = "huge",
	[TIDE_PAGE_1G] = "1G",
	[TIDE_PAGE_2M] = "2M",
	[TIDE_PAGE_THP] = "THP",
	[TIDE_PAGE_4K] = "4K",
};

const char *
tide_page_name(enum tide_page page)
{
	if ((unsigned int)page >= RTE_DIM(names))
		return "unknown";
	return names[page];
}

int
tide_page_parse(const char *name, enum tide_page *page)
{
	unsigned int i;

	if (name == NULL)
		return -EINVAL;
	for (i = 0; i < RTE_DIM(names); i++) {
		if (strcasecmp(name, names[i]) == 0) {
			*page = (enum tide_page)i;
			return 0;
		}
	}
	return -EINVAL;
}

size_t
tidei_page_base(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t
thp_bytes(void)
{
	FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "re");
	size_t bytes = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%zu", &bytes) != 1)
		bytes = 0;
	fclose(f);
	return bytes;
}

size_t
tidei_page_bytes(enum tide_page page)
{
	switch (page) {
	case TIDE_PAGE_1G:
		return (size_t)1 << 30;
	case TIDE_PAGE_2M:
		return (size_t)2 << 20;
	case TIDE_PAGE_THP:
		return thp_bytes();
	case TIDE_PAGE_4K:
		return tidei_page_base();
	case TIDE_PAGE_AUTO:
	case TIDE_PAGE_HUGE:
		break;
	}
	return 0;
}

enum tide_page
tidei_page_of(size_t bytes)
{
	if (bytes >= tidei_page_bytes(TIDE_PAGE_1G))
		return TIDE_PAGE_1G;
	if (bytes > tidei_page_base())
		return TIDE_PAGE_2M;
	return TIDE_PAGE_4K;
}

size_t
tidei_round_up(size_t len, size_t page_size)
{
	if (len > SIZE_MAX - (page_size - 1))
		return 0;
	return (len + page_size - 1) & ~(page_size - 1);
}
