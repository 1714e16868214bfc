/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_ANSWER_H
#define TEST_ANSWER_H

/* Ask an endpoint. Returns the answer as JSON, valid until the next call; the test fails if there is no such endpoint. */
const char *test_answer(const char *command, const char *params);

#endif /* TEST_ANSWER_H */
