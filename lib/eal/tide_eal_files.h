/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_EAL_FILES_H
#define TIDE_EAL_FILES_H

/**
 * @file
 * The files that EAL has in the hugetlbfs mounts of this machine, and which of them a dead process left.
 *
 * EAL makes a file PREFIXmap_NUMBER for its huge pages and keeps a lock on it. If the process is
 * killed, the file and its pages stay until the next EAL with the same prefix starts.
 *
 * It needs no EAL. It is not for the data path.
 *
 * **Threads.** Any thread may call any function.
 *
 * **Placement.** Nothing here places memory for the caller.
 *
 * An example:
 * @include eal_files.c
 */

#include <stdint.h>
#include <sys/types.h>

#include "tide_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** The owner of files. */
enum tide_eal_owner {
	TIDE_EAL_OWNER_ALIVE, /**< A process has a lock on them. */
	TIDE_EAL_OWNER_DEAD, /**< No process has: the next EAL with the prefix removes them. */
	TIDE_EAL_OWNER_UNKNOWN, /**< This process may not open them. */
};

/** Files of one owner in one mount, with pages on one node. */
struct tide_eal_files {
	char directory[256]; /**< Mount point of the hugetlbfs. */
	char prefix[256]; /**< --file-prefix of their EAL; "rte" is the default. */
	enum tide_eal_owner owner; /**< Owner. */
	pid_t pid; /**< Process id of the owner; 0: it is not known, or there is none. */
	int node; /**< Node of the pages; TIDE_NODE_UNKNOWN: not known. */
	unsigned int files; /**< Number of files. */
	uint64_t page_size; /**< Bytes in a page of the mount. */
	uint64_t bytes; /**< Bytes of pages that the files keep. */
};

/**
 * List EAL's files in all mounted hugetlbfs, grouped by mount, prefix, owner and node. A mount point of
 * 256 characters or more is left out.
 *
 * To learn whether a file that no process is known to lock has an owner in another container, the call
 * takes the lock for a moment. It never does so for a file made in the last two seconds, which counts
 * as alive: its EAL may be about to lock it.
 *
 * @param files  Table of `max` entries; may be NULL if max is 0.
 * @param max    Entries in files.
 * @return  Number of groups, of which the first `max` are in files.
 */
unsigned int tide_eal_files_read(struct tide_eal_files *files, unsigned int max);

/**
 * Remove the files of a prefix that no process has locked, as the next EAL with the prefix would.
 *
 * @param prefix  Prefix; not NULL.
 * @return  Number of files removed.
 */
unsigned int tide_eal_files_remove(const char *prefix);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_EAL_FILES_H */
