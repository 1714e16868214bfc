/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_EAL_HUGE_FILES_H
#define APP_EAL_HUGE_FILES_H

/*
 * Remove the files that a primary process with this prefix left in a hugetlbfs, as the next EAL with the prefix would:
 * those that no process has locked. EAL leaves the files of memory that was not freed, and their pages stay taken.
 * Call it after rte_eal_cleanup(). It searches mount points; in a directory below one (--huge-dir) files stay.
 */
void app_eal_huge_files_remove(const char *prefix);

#endif /* APP_EAL_HUGE_FILES_H */
