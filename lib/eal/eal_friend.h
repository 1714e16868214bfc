/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef EAL_FRIEND_H
#define EAL_FRIEND_H

/* The calls that the EAL part offers to the other parts of the library. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_version.h>

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

/* Functions of control threads return this, always 0. */
#if RTE_VERSION < RTE_VERSION_NUM(23, 11, 0, 0)
typedef void *tidei_control_result;
#else
typedef uint32_t tidei_control_result;
#endif

/*
 * Start a control thread of EAL: on the CPUs that no lcore has, and without signals, which belong to the application. name
 * has less than 16 bytes. From the load of the plugins on. 0 or negative errno.
 */
int tidei_control_thread_start(
	pthread_t *thread, const char *name, tidei_control_result (*work)(void *arg), void *arg);

#endif /* EAL_FRIEND_H */
