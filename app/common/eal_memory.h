/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_EAL_MEMORY_H
#define APP_EAL_MEMORY_H

/*
 * The EAL argument without which EAL would not start on this machine, when the user chose no kind of
 * memory: --no-huge when no huge page is free, --in-memory when no hugetlbfs is mounted; else NULL.
 *
 * argc, argv: the program's arguments up to "--".
 */
const char *app_eal_memory_argument(int argc, char *const argv[]);

#endif /* APP_EAL_MEMORY_H */
