/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_EAL_RUNDIR_H
#define APP_EAL_RUNDIR_H

#include <stdbool.h>

/*
 * EAL leaves its run-time directory (/var/run/dpdk/PREFIX) behind when it ends, and files in a hugetlbfs; the program
 * removes them.
 */

/*
 * Remove the directory, and the files unless keep_huge_files, when the program exits. Another primary process that
 * holds the directory keeps both. Call it before EAL starts: exit handlers run last to first, and those of EAL still
 * need the directory.
 */
void app_eal_rundir_remove_at_exit(bool keep_huge_files);

#endif /* APP_EAL_RUNDIR_H */
