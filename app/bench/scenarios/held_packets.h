/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_HELD_PACKETS_H
#define BENCH_HELD_PACKETS_H

/* Packets of scenarios hold and copy: their lengths, and sets of compact packets. */

#include "frame/bench.h"
#include "tide_pktbuf.h"

/* Mbufs of the plain pool. The set of compact packets gets about as much memory. */
#define HELD_PACKETS_BUFFERS 8191

/* Plan packets of 64, 256 and 1500 bytes, and of mixed lengths. As plan of struct scenario. */
bool held_packets_plan(const struct bench *bench, unsigned int i, struct workload *workload);

/* Add candidates of these names to a scenario. The first is the subject; NULL is at the end. */
void held_packets_add_candidates(
	struct bench *bench, const struct scenario *scenario, const char *const *names);

/* Get the length in bytes of packet n of a workload. */
uint16_t held_packets_len(const struct workload *workload, uint64_t n);

/*
 * Make a set for so many compact packets of a workload, on the node of the caller. Returns NULL with
 * *err filled on failure.
 */
struct tide_pktbuf *
held_packets_set(const struct workload *workload, uint32_t packets, struct app_error *err);

/* Compute the bytes that the data of one packet takes in such a set, on average. */
double held_packets_data_bytes(const struct workload *workload);

#endif /* BENCH_HELD_PACKETS_H */
