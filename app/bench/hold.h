/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_HOLD_H
#define BENCH_HOLD_H

/* What the scenarios about packets that are held share: how long these are. */

#include "bench.h"
#include "tide_pktbuf.h"

/* Mbufs of the plain pool; what else is compared with it gets as much memory. */
#define HOLD_BUFFERS 8191

/* Packets of 64, 256 and 1500 bytes, and a mix of lengths. As the plan of struct scenario. */
bool hold_plan(const struct bench *bench, unsigned int i, struct work *work);

/* Have candidates by these names take part in a scenario, the subject first, NULL at the end. */
void hold_invite(struct bench *bench, const struct scenario *scenario, const char *const *names);

/* Bytes of the n-th packet of a work. */
uint16_t hold_len(const struct work *work, uint64_t n);

/* A set for so many packets of a work on the caller's node. NULL with *err filled. */
struct tide_pktbuf *hold_set(const struct work *work, uint32_t packets, struct app_error *err);

/* Bytes that the data of one packet of a work takes in such a set, on average. */
double hold_carved(const struct work *work);

#endif /* BENCH_HOLD_H */
