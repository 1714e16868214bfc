/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_LOG_H
#define TEST_LOG_H

/* Capture the lines of rte_log from now on, instead of stderr; earlier captured lines are dropped. */
void test_log_catch(void);

/* Return the captured lines and end the capture. The text is valid until the next call of either function. */
const char *test_log_caught(void);

#endif /* TEST_LOG_H */
