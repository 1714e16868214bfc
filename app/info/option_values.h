/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_OPTION_VALUES_H
#define INFO_OPTION_VALUES_H

/* Values with units: each call stores one and returns 0, or returns -1 with the reason, as app_option.parse does. */

#include <stddef.h>
#include <stdint.h>

/* Bytes: "512M"; units K, M, G and T are powers of 1,024. */
int option_size(uint64_t *bytes, const char *value, char *reason, size_t len);

/* Bytes in a page: "huge" is 0. */
int option_page(uint64_t *page_size, const char *value, char *reason, size_t len);

/* Microseconds: "200us", "5ms", "1s", and a number alone. */
int option_time(uint32_t *us, const char *value, char *reason, size_t len);

/*
 * A rate of packets, "1.5Mpps", or of bits, "10Gbps"; units k, M and G are powers of 1,000. Only one of the
 * two results is not 0.
 */
int option_rate(uint64_t *pps, uint64_t *bps, const char *value, char *reason, size_t len);

#endif /* INFO_OPTION_VALUES_H */
