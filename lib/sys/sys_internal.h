/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef SYS_INTERNAL_H
#define SYS_INTERNAL_H

/* What the sources of lib/sys share; nothing outside it but its tests includes this. */

#include "sys_friend.h"
#include "tide_process.h"

/*
 * The answer of one cgroup: dir is its directory below root, version 1 or 2 that of cgroups; UINT64_MAX: it
 * sets no limit.
 */
typedef uint64_t tidei_cgroup_ask(const char *root, const char *dir, int version, const void *arg);

/*
 * The least answer of the cgroups of this process and of all above them; UINT64_MAX: none sets a limit.
 * controller: its name in version 1.
 */
uint64_t tidei_cgroup_least(
	const char *root, const char *controller, tidei_cgroup_ask *ask, const void *arg);

/* As tide_process_capability(), with files below a root directory. */
void tidei_process_capability(
	const char *root, enum tide_capability capability, struct tide_capability_state *state);

#endif /* SYS_INTERNAL_H */
