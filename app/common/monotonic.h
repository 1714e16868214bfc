/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_MONOTONIC_H
#define APP_MONOTONIC_H

#include <stdint.h>
#include <time.h>

/* Read the clock that never runs backwards, in nanoseconds. */
static inline uint64_t
app_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

#endif /* APP_MONOTONIC_H */
