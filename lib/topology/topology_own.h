/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOPOLOGY_OWN_H
#define TOPOLOGY_OWN_H

/* For the parts whose callers may leave the machine to them. */

#include <stddef.h>

#include <rte_errno.h>

#include "tide_topology.h"

/*
 * Read the machine into *own when none is given, else set it to NULL. 0, or a negative errno of
 * tide_topology_create(), logged.
 */
static inline int
tidei_topology_own(const struct tide_topology *given, struct tide_topology **own)
{
	*own = given == NULL ? tide_topology_create() : NULL;
	return given == NULL && *own == NULL ? -rte_errno : 0;
}

#endif /* TOPOLOGY_OWN_H */
