/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_SIZES_H
#define BENCH_SIZES_H

/* Sizes for allocators: the same sequence in each run, so that all have the same. Knows nothing of DPDK. */

#include <stdint.h>

#define SIZES_MIN 16
#define SIZES_MAX 511

/*
 * Draw n sizes, SIZES_MIN to SIZES_MAX bytes: any byte size, and the small ones more often, as records
 * and headers are.
 */
void sizes_mix(uint16_t *size, unsigned int n);

#endif /* BENCH_SIZES_H */
