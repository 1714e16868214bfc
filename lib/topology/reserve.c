/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Writes the command that reserves huge pages on a node. */

#include <errno.h>

#include "tide_nic.h"
#include "topology_internal.h"

int
tide_node_reserve_command(
	const struct tide_node *node, uint64_t page_size, uint64_t pages, char *text, size_t size)
{
	uint64_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < node->nb_huge; i++) {
		const struct tide_huge *huge = &node->huge[i];

		if (huge->page_size != page_size)
			continue;
		if (huge->free >= pages)
			return 0;
		used = huge->total - RTE_MIN(huge->free, huge->total);
	}
	if (pages > node->memory / page_size || used > node->memory / page_size - pages)
		return -ENOMEM;
	tidei_huge_set_command(node->id, page_size, used + pages, text, size);
	return 0;
}
