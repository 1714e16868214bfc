/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_EAL_H
#define TEST_EAL_H

#include <stdbool.h>

/*
 * Start EAL for a unit test: no PCI, no telemetry, a file prefix of its own; on 2 MB pages when asked
 * for and enough are free, else without huge pages. The run-time folder is removed at exit.
 *
 * mb: megabytes of EAL memory. lcores: "--lcores" map, for example "0" or "0@0,1@0".
 * Returns whether EAL runs on huge pages; fails the test program when EAL does not start.
 */
bool test_eal_start(bool huge, unsigned int mb, const char *lcores);

/* Free 2 MB pages on the whole machine now. */
unsigned long test_free_2m_pages(void);

#endif /* TEST_EAL_H */
