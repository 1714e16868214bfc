/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_EAL_H
#define TEST_EAL_H

#include <stdbool.h>

/*
 * Start EAL for a unit test without PCI and telemetry, with a file prefix of its own. EAL uses 2 MB pages if
 * they are requested and enough are free, else no huge pages. The run-time directory is removed at exit.
 *
 * mb: megabytes of EAL memory. lcores: "--lcores" map, for example "0" or "0@0,1@0".
 * Returns whether EAL runs on huge pages; the test program fails if EAL does not start.
 */
bool test_eal_start(bool huge, unsigned int mb, const char *lcores);

/* Count the free 2 MB pages of the machine. */
unsigned long test_free_2m_pages(void);

#endif /* TEST_EAL_H */
