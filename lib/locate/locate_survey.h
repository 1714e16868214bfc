/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_SURVEY_H
#define LOCATE_SURVEY_H

/* The sources of a layout: each adds the spans and holes that it knows. */

#include "locate_layout.h"
#include "locate_targets.h"

/* Add the mappings of /proc/self/maps. Returns 0 or a negative errno. */
int tidei_survey_mappings(struct tidei_layout *l);

/*
 * Add the memzones, and the elements of EAL's heaps; free elements are left out.
 *
 * EAL holds the lock of a heap while it lists its elements, about a microsecond each. Returns 0, or -ECANCELED if EAL
 * has no memory any more.
 */
int tidei_survey_eal(struct tidei_layout *l);

/*
 * Add the stacks of threads. entry: address in the stack of the calling thread below which its stack belongs to the
 * scan. The part of a stack below the stack pointer is left out where both are known.
 */
void tidei_survey_threads(struct tidei_layout *l, uintptr_t entry);

/* Add the data segments of the program and of all its libraries. Takes the lock of the dynamic linker. */
void tidei_survey_segments(struct tidei_layout *l);

/* Add what the receive and transmit queues of ports have. After the layers of EAL were sorted. */
void tidei_survey_queues(struct tidei_layout *l, const struct tidei_targets *t);

#endif /* LOCATE_SURVEY_H */
