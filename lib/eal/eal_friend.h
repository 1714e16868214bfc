/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef EAL_FRIEND_H
#define EAL_FRIEND_H

/* The calls that the EAL part offers to the other parts of the library. */

#include <stdbool.h>

#include "tide_topology.h"

/*
 * List EAL's heaps for what goes with objects on a node, nearest first, of nodes this process may use: EAL
 * has none on nodes without CPUs. SOCKET_ID_ANY alone when there is none. Returns how many, at least 1.
 */
unsigned int
tidei_eal_heaps(const struct tide_topology *topo, int node, int *ids, unsigned int max);

/*
 * Tell whether the command line of this process has a long option of EAL, or a beginning of it, with or without
 * "=VALUE". A program that starts EAL with other arguments than its own is not seen through.
 */
bool tidei_eal_has_argument(const char *option);

#endif /* EAL_FRIEND_H */
