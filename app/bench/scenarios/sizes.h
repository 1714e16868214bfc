/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_SIZES_H
#define BENCH_SIZES_H

/* Sizes for allocators: the same sequence for each candidate and run. This file does not use DPDK. */

#include <stdint.h>

#define SIZES_MIN 16
#define SIZES_MAX 511

/*
 * Draw n sizes from SIZES_MIN to SIZES_MAX bytes: any byte size, and the small ones more often, like the
 * sizes of records and headers.
 */
void sizes_mix(uint16_t *size, unsigned int n);

#endif /* BENCH_SIZES_H */
