/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_PROCESS_H
#define TIDE_PROCESS_H

/**
 * @file
 * The memory that this process may use, and what the kernel lets it do: limits of its cgroups, and capabilities
 * that placement, the allocator and NICs depend on.
 *
 * It reads sysfs and procfs and makes system calls on one page of its own. It needs no EAL and no
 * privilege. It is not for the data path.
 *
 * **Threads.** Any thread may call any function.
 *
 * **Placement.** Nothing here places memory for the caller.
 *
 * An example:
 * @include process.c
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Something that the kernel, the machine or a container runtime can refuse. */
enum tide_capability {
	TIDE_CAPABILITY_MBIND, /**< Bind memory to a node: mbind(2). */
	TIDE_CAPABILITY_MOVE_PAGES, /**< Ask for the node of a page: move_pages(2). */
	TIDE_CAPABILITY_MEMBARRIER, /**< Order memory of other threads: membarrier(2), expedited. */
	TIDE_CAPABILITY_VFIO, /**< Use NICs behind an IOMMU: VFIO. */
	TIDE_CAPABILITY_PHYSICAL, /**< Read physical addresses: IOVA mode PA of EAL. */
	TIDE_CAPABILITY_LOCK, /**< Lock any amount of memory, as VFIO does for DMA. */
	TIDE_CAPABILITY_COUNT, /**< Number of capabilities. */
};

/** The answer to a question that may have none. */
enum tide_answer {
	TIDE_ANSWER_NO, /**< No. */
	TIDE_ANSWER_YES, /**< Yes. */
	TIDE_ANSWER_UNKNOWN, /**< It could not be found out. */
};

/** A capability of this process. */
struct tide_capability_state {
	enum tide_answer answer; /**< Whether the process has it. */
	char fact[200]; /**< What was found: a sentence for people, without a full stop. */
	const char *consequence; /**< What follows: also a sentence; a static string. */
	const char *
		remedy; /**< What to do if the answer is not yes; a static string; NULL: nothing. */
};

/**
 * Find out whether this process has a capability. MT-safe.
 *
 * @param capability  Capability.
 * @param state       Where to store the answer; not NULL. For a value that is no capability the answer
 *                    is TIDE_ANSWER_UNKNOWN.
 */
void tide_process_capability(enum tide_capability capability, struct tide_capability_state *state);

/**
 * Name a capability in a few words ("mbind", "move_pages", ...).
 *
 * @param capability  Capability.
 * @return  A static string; never NULL, also for a value that is no capability.
 */
const char *tide_capability_name(enum tide_capability capability);

/**
 * Read how much memory the cgroups of this process still let it take. MT-safe.
 *
 * Memory of files counts as available, because the kernel drops it first. Huge pages of hugetlbfs do
 * not count against this limit unless the cgroup is mounted with memory_hugetlb_accounting.
 *
 * @return  Bytes; UINT64_MAX: no limit.
 */
uint64_t tide_process_memory_room(void);

/**
 * Read how many huge pages of one size the cgroups of this process still let it take. MT-safe.
 *
 * @param page_size  Bytes in a page.
 * @return  Pages, on all nodes together; UINT64_MAX: no limit.
 */
uint64_t tide_process_huge_room(uint64_t page_size);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_PROCESS_H */
