/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "answer.h"
#include "endpoint.h"

const char *
test_answer(const char *command, const char *params)
{
	static char text[TIDEI_ANSWER_REPLY];
	const struct tidei_endpoint *endpoint = tidei_endpoint_find(command);
	struct tidei_answer answer;

	assert_non_null(endpoint);
	tidei_answer_to_json(&answer, text);
	endpoint->answer(params, &answer);
	tidei_answer_end(&answer);
	return text;
}
