/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_EAL_MEMORY_H
#define APP_EAL_MEMORY_H

#include <stddef.h>

#include "error.h"

/*
 * EAL ends the process by SIGABRT, or fails without saying why, where it cannot have huge pages on the
 * node of the main lcore. So that is looked at before it starts. argc, argv: the arguments up to "--".
 */

/*
 * Return the EAL argument without which EAL would not start on this machine, when the user chose no kind of
 * memory: --no-huge when no huge page is free on the node of the main lcore, or EAL could not take one;
 * --in-memory when no hugetlbfs of such pages can be written to; else NULL.
 */
const char *app_eal_memory_argument(int argc, char *const argv[]);

/* The same for a machine whose files are below `root`; *why, of `size` bytes, tells the reason. */
const char *
app_eal_memory_choose(const char *root, int argc, char *const argv[], char *why, size_t size);

/*
 * Tell whether EAL can start with the kind of memory that the user chose. 0; -1 with err filled: it needs
 * huge pages on the node of the main lcore, and the kernel has none there.
 */
int app_eal_memory_check(const char *root, int argc, char *const argv[], struct app_error *err);

#endif /* APP_EAL_MEMORY_H */
