/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Opens, in a secondary process, a region of EAL memory that the primary made. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_eal.h>
#include <rte_memzone.h>

#include "region_internal.h"

int
tidei_region_attach(const char *name, int node, struct tide_region **out)
{
	const struct rte_memzone *mz = rte_memzone_lookup(name);
	struct tide_region *region;
	int ret;

	if (mz == NULL)
		return -ENOENT;
	region = calloc(1, sizeof(*region));
	if (region == NULL)
		return -ENOMEM;
	snprintf(region->name, sizeof(region->name), "%s", name);
	region->attached = true;
	region->mz = mz;
	region->addr = mz->addr;
	region->len = mz->len;
	region->found.requested = node;
	region->found.page_size =
		rte_eal_has_hugepages() ? (size_t)mz->hugepage_sz : tidei_page_base();
	region->found.page = tidei_page_of(region->found.page_size);
	region->found.backing = TIDE_BACKING_EAL;
	ret = tidei_measure(region, &region->found);
	if (ret < 0) {
		free(region);
		return -EIO;
	}
	*out = region;
	return 0;
}
