/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_SCAN_H
#define LOCATE_SCAN_H

/* One scan: which objects are outstanding, and which places refer to them. The functions are called in this order. */

#include "locate_layout.h"
#include "locate_places.h"
#include "locate_targets.h"

/* Bytes that the scan reads with one call. */
#define TIDEI_BLOCK ((size_t)128 << 10)

struct tidei_scan {
	struct tidei_scratch scratch;
	struct tidei_targets targets;
	struct tidei_places places;
	struct tidei_layout layout;
	struct tidei_vector links; /* Of struct tidei_reference, by source. */
	uint32_t *reached; /* Work list of the search through links. */
	char *block; /* TIDEI_BLOCK bytes. */
	uint64_t bytes; /* Read by this scan. */
};

/* A pointer in one object to another. */
struct tidei_reference {
	uint32_t from, to;
	uint32_t link; /* enum tidei_link. */
};

/*
 * Find out which objects are outstanding now, compare with the scans before, and leave out what belongs to
 * mempools. elapsed_ms: time since the first scan. The layout is complete and sorted, except for its holes.
 *
 * Returns 0, -ENOMEM, or -ECANCELED if EAL has no memory any more.
 */
int tidei_scan_state(struct tidei_scan *scan, uint64_t elapsed_ms);

/* Leave out the allocator and the caches of a mempool. Only with the locks. */
void tidei_scan_leave_out(struct tidei_scan *scan, const struct tidei_target_pool *pool);

/*
 * Find the pointers that are now in rings and stacks, and leave out the memory of those. again: note only objects that
 * have no place yet. A buffer can have gone from a stack into a ring that was read before the stack. Returns 0, or
 * -ECANCELED if EAL has no memory any more.
 */
int tidei_scan_containers(struct tidei_scan *scan, bool again);

/* Read all memory of the layout, whose holes are sorted. */
void tidei_scan_sweep(struct tidei_scan *scan);

/* Read the outstanding objects, note the links between them, and notice those whose content changed. */
void tidei_scan_objects(struct tidei_scan *scan);

/* Do so, and give a place to each object to which one with a place has a link. */
void tidei_scan_links(struct tidei_scan *scan);

/* Note a pointer that was found in a place. */
void tidei_scan_note(struct tidei_scan *scan, uint32_t object, uint32_t place);

#endif /* LOCATE_SCAN_H */
