/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_LOG_H
#define TEST_LOG_H

/* Catch what rte_log writes from here on, in place of stderr; what was caught before is dropped. */
void test_log_catch(void);

/* What was caught since; log lines go to stderr again. Valid until the next call of either. */
const char *test_log_caught(void);

#endif /* TEST_LOG_H */
