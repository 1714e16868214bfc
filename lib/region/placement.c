/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Writes a placement of lib/region for people. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "region_internal.h"

void
tide_placement_dump(const struct tide_placement *found, FILE *out)
{
	unsigned int i;

	if (found->wanted == TIDE_NODE_UNKNOWN)
		fprintf(out, "any node");
	else
		fprintf(out, "node %d", found->wanted);
	fprintf(out, ": %" PRIu64 " of %" PRIu64 " pages there, %" PRIu64 " kB each (%s, %s)",
		found->local, found->pages, found->page_size >> 10, tide_page_name(found->page),
		found->backing == TIDE_BACKING_EAL ? "EAL" : "own");
	if (found->page == TIDE_PAGE_THP)
		fprintf(out, ", %" PRIu64 " MB on transparent huge pages", found->thp_bytes >> 20);
	for (i = 0; i < found->nb_found; i++) {
		if (found->found[i].node >= 0)
			fprintf(out, ", node %d: %" PRIu64, found->found[i].node,
				found->found[i].pages);
		else
			fprintf(out, ", %s: %" PRIu64, strerror(-found->found[i].node),
				found->found[i].pages);
	}
	if (found->reason[0] != '\0')
		fprintf(out, " [%s]", found->reason);
	fputc('\n', out);
}
