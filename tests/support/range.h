/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_RANGE_H
#define TEST_RANGE_H

/*
 * The replacement of cmocka 2 for assert_in_range(), which it deprecates. Include it after cmocka.h.
 */
#ifndef assert_uint_in_range
#define assert_uint_in_range(value, minimum, maximum) assert_in_range(value, minimum, maximum)
#endif

#endif /* TEST_RANGE_H */
