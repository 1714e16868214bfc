/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Asks the kernel for the node of each page of the mempools. */

#include <errno.h>

#include "audit_internal.h"
#include "region_friend.h"

/* Add the pages of a stretch. Returns 0, or -ENOMEM. */
static int
measure(struct tidei_audit_pool *pool, const struct tidei_stretch *stretch)
{
	struct tide_placement now;
	int ret = tidei_stretch_measure(stretch, pool->node, &now);

	if (ret == -ENOMEM)
		return ret;
	if (ret < 0) {
		pool->refused = true;
		return 0;
	}
	pool->mixed |= pool->found.pages != 0 && pool->found.page_size != stretch->page_size;
	pool->bytes += now.pages * stretch->page_size;
	pool->away += (now.pages - now.local - now.unknown) * stretch->page_size;
	tidei_placement_add(&pool->found, &now);
	if (stretch->page_size <= tidei_page_base() && !tidei_pages_bound((void *)stretch->from))
		pool->loose = true;
	return 0;
}

int
tidei_audit_measure(struct tidei_audit_facts *facts)
{
	TIDEI_LIST_EACH (facts->pools, struct tidei_audit_pool, pool) {
		tidei_memory_join(&pool->memory);
		TIDEI_LIST_EACH (pool->memory, const struct tidei_stretch, stretch) {
			int ret = measure(pool, stretch);

			if (ret < 0)
				return ret;
		}
	}
	return 0;
}
