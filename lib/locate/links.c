/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Gives a place to the outstanding objects to which other outstanding objects refer. */

#include "locate_scan.h"

/* Return the first link whose source is not below an object. */
static size_t
first_link(const struct tidei_vector *links, uint32_t object)
{
	const struct tidei_reference *r = links->at;
	size_t low = 0, high = links->nb;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (r[middle].from < object)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Follow the links of the objects that have a place, weak or not, until nothing new is reached. */
static void
follow(struct tidei_scan *scan, bool weak)
{
	struct tidei_targets *t = &scan->targets;
	const struct tidei_reference *r = scan->links.at;
	uint32_t head = 0, tail = 0;

	for (size_t i = 0; i < scan->links.nb; i++) {
		uint32_t from = r[i].from, place = t->object[from].place;

		if ((i == 0 || r[i - 1].from != from) && place != 0 &&
			scan->places.place[place].weak == weak)
			scan->reached[tail++] = from;
	}
	while (head < tail) {
		uint32_t from = scan->reached[head++];

		for (size_t i = first_link(&scan->links, from);
			i < scan->links.nb && r[i].from == from; i++) {
			struct tidei_object *to = &t->object[r[i].to];
			bool first =
				to->place == 0 || (!weak && scan->places.place[to->place].weak);

			tidei_scan_note(scan, r[i].to,
				tidei_places_link(&scan->places, t->object[from].place,
					(enum tidei_link)r[i].link));
			if (first && tail < t->nb)
				scan->reached[tail++] = r[i].to;
		}
	}
}

void
tidei_scan_links(struct tidei_scan *scan)
{
	tidei_scan_objects(scan);
	follow(scan, false);
	follow(scan, true);
}
