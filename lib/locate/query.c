/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Answers questions about a report. */

#include <rte_common.h>

#include "locate_report.h"

struct tide_locate_summary
tide_locate_summary(const struct tide_locate *r)
{
	return r->summary;
}

bool
tide_locate_place(const struct tide_locate *r, unsigned int i, struct tide_locate_place *place)
{
	const struct tidei_place *p;

	if (i >= r->places || r->place_buffers[r->place_order[i]] == 0)
		return false;
	p = &r->place[r->place_order[i]];
	*place = (struct tide_locate_place){.kind = p->kind,
		.weak = p->weak,
		.name = p->name,
		.buffers = r->place_buffers[r->place_order[i]]};
	return true;
}

bool
tide_locate_buffer(const struct tide_locate *r, enum tide_locate_list list, unsigned int i,
	struct tide_locate_buffer *buffer)
{
	const struct tidei_entry *e;

	if ((unsigned int)list >= RTE_DIM(r->list) || i >= r->list[list].nb)
		return false;
	e = &r->list[list].at[i];
	*buffer = e->buffer;
	buffer->pool = r->pool[e->pool].name;
	buffer->object = (void *)~e->inverted;
	buffer->kind = r->place[e->place].kind;
	buffer->place = r->place[e->place].name;
	return true;
}
