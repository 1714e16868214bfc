/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Says what the scans of a report cannot know. */

#include <rte_common.h>

#include "locate_report.h"

/* Tell whether the report has a place of which pointers can be old values. */
static bool
has_weak_place(const struct tide_locate *r)
{
	for (uint32_t i = 0; i < r->places; i++)
		if (r->place[i].weak && r->place_buffers[i] != 0)
			return true;
	return false;
}

static bool
has_uncertain_pool(const struct tide_locate *r)
{
	for (uint32_t i = 0; i < r->pools; i++)
		if (r->pool[i].requested && r->pool[i].uncertain)
			return true;
	return false;
}

const char *
tide_locate_limit(const struct tide_locate *r, unsigned int i)
{
	const struct {
		bool applies;
		const char *text;
	} limits[] = {
		{true, "The scan does not see pointers that are compressed, unaligned or replaced "
		       "by an index."},
		{true, "The scan does not see pointers that only a CPU register or a device has."},
		{true, "Numbers can look like pointers, and freed memory keeps old ones: both hide "
		       "leaks."},
		{has_weak_place(r), "The stack of a thread that runs can keep old pointers."},
		{has_uncertain_pool(r), "The ops of a mempool do not say which buffers are free: "
					"none is called leaked."},
		{r->summary.shared, "Other processes share the mempools and were not read: no "
				    "buffer is called leaked."},
		{r->summary.restless,
			"Buffers moved too fast for a verdict: none is called leaked."},
		{r->summary.scans < TIDE_LOCATE_SCANS,
			"There were too few scans to call a buffer leaked."},
	};

	for (unsigned int j = 0; j < RTE_DIM(limits); j++)
		if (limits[j].applies && i-- == 0)
			return limits[j].text;
	return NULL;
}
