/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_TELEMETRY_JSON_H
#define APP_TELEMETRY_JSON_H

/* The JSON of DPDK's telemetry, which has counters of 64 bits and, by its version, any bytes in names. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decode one value; text may be changed. Bytes that are no UTF-8 become '?'. A whole number of 2^63 and more becomes a
 * real one. The caller frees the value with json_decref(); NULL: it is no JSON.
 */
json_t *app_telemetry_decode(char *text, size_t len);

/* Read a whole number from 0 to 2^64 - 1. false: the value is none, and *count is unchanged. */
bool app_telemetry_count(const json_t *value, uint64_t *count);

#endif /* APP_TELEMETRY_JSON_H */
