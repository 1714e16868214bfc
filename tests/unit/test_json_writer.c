/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The output of the writer: commas, lines, and numbers that JSON cannot hold. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "json_writer.h"

static char *text;
static size_t len;

static void
begin(struct app_json *json, unsigned int lines)
{
	free(text);
	text = NULL;
	app_json_init(json, open_memstream(&text, &len), lines);
	assert_non_null(json->out);
}

static void
document(struct app_json *json)
{
	app_json_object(json, NULL);
	app_json_uint(json, "most", UINT64_MAX);
	app_json_int(json, "least", INT64_MIN);
	app_json_array(json, "list");
	app_json_object(json, NULL);
	app_json_bool(json, "yes", true);
	app_json_bool(json, "no", false);
	app_json_object_end(json);
	app_json_array(json, NULL);
	app_json_array_end(json);
	app_json_array_end(json);
	app_json_object(json, "none");
	app_json_object_end(json);
	app_json_text(json, "key \"\n", "\xff");
	app_json_text(json, "null", NULL);
	app_json_object_end(json);
	fclose(json->out);
}

static void
a_document_is_one_line(void **state)
{
	struct app_json json;

	begin(&json, 0);
	document(&json);
	assert_string_equal(text,
		"{\"most\":18446744073709551615,\"least\":-9223372036854775808,\"list\":[{\"yes\":"
		"true,\"no\":false},[]],\"none\":{},\"key "
		"\\\"\\u000a\":\"\\u00ff\",\"null\":null}\n");
}

static void
outer_values_have_lines_of_their_own_when_asked_for(void **state)
{
	struct app_json json;

	begin(&json, 2);
	document(&json);
	assert_string_equal(text,
		"{\n  \"most\": 18446744073709551615,\n  \"least\": -9223372036854775808,\n"
		"  \"list\": [\n    {\"yes\": true, \"no\": false},\n    []\n  ],\n  \"none\": "
		"{},\n"
		"  \"key \\\"\\u000a\": \"\\u00ff\",\n  \"null\": null\n}\n");
}

static void
a_number_that_json_lacks_is_null(void **state)
{
	struct app_json json;

	begin(&json, 0);
	app_json_array(&json, NULL);
	app_json_real(&json, NULL, "%.2f", 0.125);
	app_json_real(&json, NULL, "%.3g", NAN);
	app_json_real(&json, NULL, "%.3g", INFINITY);
	app_json_real(&json, NULL, "%.3g", -1e300);
	app_json_array_end(&json);
	fclose(json.out);
	assert_string_equal(text, "[0.12,null,null,-1e+300]\n");
}

static int
tear_down(void **state)
{
	free(text);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_is_one_line),
		cmocka_unit_test(outer_values_have_lines_of_their_own_when_asked_for),
		cmocka_unit_test(a_number_that_json_lacks_is_null),
	};

	return cmocka_run_group_tests_name("json_writer", tests, NULL, tear_down);
}
