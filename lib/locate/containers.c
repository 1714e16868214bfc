/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds the pointers in the rte_rings and rte_stacks of applications and drivers. */

#include <errno.h>
#include <stdio.h>

#include <rte_ring.h>
#include <rte_tailq.h>

#include "locate_container.h"
#include "locate_lock.h"
#include "locate_scan.h"

TAILQ_HEAD(tailq_list, rte_tailq_entry);

/* Where the pointers of a container are noted. */
struct hit {
	struct tidei_scan *scan;
	uint32_t place;
	bool again;
};

static void
note_pointer(uintptr_t pointer, void *arg)
{
	struct hit *hit = arg;
	uint32_t object = tidei_targets_find(&hit->scan->targets, pointer);

	if (object != TIDEI_NO_OBJECT &&
		!(hit->again && hit->scan->targets.object[object].place != 0))
		tidei_scan_note(hit->scan, object, hit->place);
}

static bool
of_allocator(const struct tidei_targets *t, const void *container)
{
	for (uint32_t i = 0; i < t->pools.nb; i++)
		if (target_pool(t, i)->pool_data == container)
			return true;
	return false;
}

static void
read_container(struct tidei_scan *scan, const void *container, bool stack, bool again)
{
	struct hit hit = {.scan = scan, .again = again};
	uintptr_t at = (uintptr_t)container;
	char name[TIDE_LOCATE_NAME_MAX];
	size_t size;

	/* Both begin with their name. */
	snprintf(name, sizeof(name), "%s %.31s", stack ? "rte_stack" : "ring",
		(const char *)container);
	hit.place = tidei_places_number(&scan->places, TIDE_LOCATE_RING, false, name);
	size = stack ? tidei_stack_read(at, note_pointer, &hit)
	             : tidei_ring_read(at, note_pointer, &hit);
	tidei_layout_leave_out(&scan->layout, at, at + size);
}

static void
read_list(struct tidei_scan *scan, const char *name, bool stack, bool again)
{
	struct tailq_list *list = RTE_TAILQ_LOOKUP(name, tailq_list);
	struct rte_tailq_entry *entry;

	if (list == NULL)
		return;
	TAILQ_FOREACH (entry, list, next) {
		if (!of_allocator(&scan->targets, entry->data))
			read_container(scan, entry->data, stack, again);
	}
}

int
tidei_scan_containers(struct tidei_scan *scan, bool again)
{
	if (!tidei_eal_lock())
		return -ECANCELED;
	read_list(scan, RTE_TAILQ_RING_NAME, false, again);
	read_list(scan, "RTE_STACK", true, again);
	tidei_eal_unlock();
	return 0;
}
