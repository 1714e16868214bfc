/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_MEMORY_H
#define FWD_MEMORY_H

/*
 * The EAL argument without which EAL would not start on this machine, when the user chose no kind of
 * memory: --no-huge when no huge page is free, --in-memory when no hugetlbfs is mounted; else NULL.
 *
 * argc, argv: the program's arguments up to "--".
 */
const char *fwd_memory_argument(int argc, char *const argv[]);

#endif /* FWD_MEMORY_H */
