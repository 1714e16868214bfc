/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Offers the limits of this process's cgroups to programs. */

#include "sys_friend.h"
#include "tide_process.h"

uint64_t
tide_process_memory_room(void)
{
	return tidei_cgroup_memory_room("");
}

uint64_t
tide_process_huge_room(uint64_t page_size)
{
	return tidei_cgroup_huge_room("", page_size);
}
