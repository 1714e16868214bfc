/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Answers of endpoints are valid in both forms and within the limits of DPDK's telemetry, for any content. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answer.h"
#include "endpoint.h"

struct rte_tel_data *__real_rte_tel_data_alloc(void);
void __real_rte_tel_data_free(struct rte_tel_data *data);
int
__real_rte_tel_data_add_dict_string(struct rte_tel_data *data, const char *name, const char *value);
struct rte_tel_data *__wrap_rte_tel_data_alloc(void);
void __wrap_rte_tel_data_free(struct rte_tel_data *data);
int
__wrap_rte_tel_data_add_dict_string(struct rte_tel_data *data, const char *name, const char *value);

static bool no_memory;
static int nested_alive;
static char last_string[RTE_TEL_MAX_STRING_LEN];

struct rte_tel_data *
__wrap_rte_tel_data_alloc(void)
{
	if (no_memory)
		return NULL;
	nested_alive++;
	return __real_rte_tel_data_alloc();
}

void
__wrap_rte_tel_data_free(struct rte_tel_data *data)
{
	nested_alive -= data != NULL;
	__real_rte_tel_data_free(data);
}

int
__wrap_rte_tel_data_add_dict_string(struct rte_tel_data *data, const char *name, const char *value)
{
	assert_true(strlen(value) < sizeof(last_string));
	strcpy(last_string, value);
	return __real_rte_tel_data_add_dict_string(data, name, value);
}

static char text[TIDEI_ANSWER_REPLY];

static void
json_has_strings_numbers_and_nested_dictionaries(void **state)
{
	struct tidei_answer a;

	tidei_answer_to_json(&a, text);
	tidei_answer_start(&a);
	tidei_answer_string(&a, "name", "a \"b\"\n\xff");
	tidei_answer_unsigned(&a, "most", UINT64_MAX);
	tidei_answer_signed(&a, "least", INT64_MIN);
	tidei_answer_open(&a, "in");
	tidei_answer_close(&a);
	tidei_answer_open(&a, "in2");
	tidei_answer_signed(&a, "x", -1);
	tidei_answer_signed(&a, "y", 1);
	tidei_answer_close(&a);
	tidei_answer_unsigned(&a, "last", 0);
	tidei_answer_end(&a);
	assert_string_equal(text,
		"{\"name\":\"a \\\"b\\\"\\u000a\\u00ff\",\"most\":18446744073709551615,"
		"\"least\":-9223372036854775808,\"in\":{},\"in2\":{\"x\":-1,\"y\":1},\"last\":0}");
	assert_int_equal(a.len, strlen(text));
}

static void
json_has_arrays_of_strings(void **state)
{
	struct tidei_answer a;

	tidei_answer_to_json(&a, text);
	tidei_answer_start_array(&a);
	tidei_answer_end(&a);
	assert_string_equal(text, "[]");
	tidei_answer_start_array(&a);
	tidei_answer_string(&a, NULL, "x");
	tidei_answer_string(&a, NULL, "y");
	tidei_answer_end(&a);
	assert_string_equal(text, "[\"x\",\"y\"]");
}

static void
a_refusal_replaces_what_was_there(void **state)
{
	struct tidei_answer a;

	tidei_answer_to_json(&a, text);
	tidei_answer_start(&a);
	tidei_answer_unsigned(&a, "one", 1);
	tidei_answer_refuse(&a, "no %s", "way");
	tidei_answer_end(&a);
	assert_string_equal(text, "{\"error\":\"no way\"}");
}

/* Put the parts of a text together again: "text", "text_2" and so on. */
static size_t
rejoined(char *whole)
{
	char *at = text, *end;
	size_t len = 0;

	while ((at = strstr(at, "\":\"")) != NULL) {
		at += 3;
		end = strchr(at, '"');
		memcpy(whole + len, at, (size_t)(end - at));
		len += (size_t)(end - at);
		at = end;
	}
	whole[len] = '\0';
	return len;
}

/* DPDK cuts strings of 128 bytes and more. The characters are of 1 to 4 bytes, so that parts end at each place. */
static void
a_long_text_continues_in_further_members(void **state)
{
	static const char *const characters[] = {
		"x", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x8c\x8a"};
	char in[601], out[601];
	struct tidei_answer a;

	for (unsigned int c = 0; c < 4; c++) {
		for (size_t chars = 0; chars * strlen(characters[c]) < sizeof(in) - 1; chars++) {
			in[0] = '\0';
			for (size_t i = 0; i < chars; i++)
				strcpy(in + i * strlen(characters[c]), characters[c]);
			tidei_answer_to_json(&a, text);
			tidei_answer_start(&a);
			tidei_answer_string(&a, "text", in);
			tidei_answer_end(&a);
			rejoined(out);
			assert_string_equal(in, out);
			assert_true((strstr(text, "text_2") != NULL) == (strlen(in) > 127));
		}
	}
}

/* Nothing is written behind the end, and the JSON is closed. */
static void
a_member_without_room_is_left_out_and_counted(void **state)
{
	struct tidei_answer a;
	char name[32];

	memset(text, 'X', sizeof(text));
	tidei_answer_to_json(&a, text);
	tidei_answer_start(&a);
	for (unsigned int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "entry_%u", i);
		tidei_answer_open(&a, name);
		tidei_answer_string(&a, "text", "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01");
		tidei_answer_string(&a, "more", "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01");
		tidei_answer_close(&a);
	}
	tidei_answer_end(&a);
	assert_true(a.len > TIDEI_ANSWER_ROOM - 200 && a.len <= TIDEI_ANSWER_ROOM);
	assert_int_equal(a.members + a.left_out, 200);
	snprintf(name, sizeof(name), "},\"left_out\":%u}", a.left_out);
	assert_string_equal(text + a.len - strlen(name), name);
	/* A nested dictionary is there as a whole or not at all. */
	snprintf(name, sizeof(name), "entry_%u", a.members);
	assert_null(strstr(text, name));
}

static void
dictionaries_and_arrays_have_as_many_members_as_dpdk_takes(void **state)
{
	struct tidei_answer a;

	for (unsigned int form = 0; form < 2; form++) {
		struct rte_tel_data *data = calloc(1, 1 << 20);

		if (form == 0)
			tidei_answer_to_json(&a, text);
		else
			tidei_answer_to_data(&a, data);
		tidei_answer_start(&a);
		for (unsigned int i = 0; i < 300; i++)
			tidei_answer_unsigned(&a, "a", i);
		tidei_answer_end(&a);
		assert_int_equal(a.members, RTE_TEL_MAX_DICT_ENTRIES - 1);
		assert_int_equal(a.left_out, 300 - a.members);
		tidei_answer_start_array(&a);
		for (unsigned int i = 0; i < 600; i++)
			tidei_answer_string(&a, NULL, "b");
		tidei_answer_end(&a);
		assert_int_equal(a.members, RTE_TEL_MAX_ARRAY_ENTRIES);
		free(data);
	}
}

static void
dpdk_gets_ascii_alone(void **state)
{
	struct rte_tel_data *data = calloc(1, 1 << 20);
	struct tidei_answer a;

	tidei_answer_to_data(&a, data);
	tidei_answer_start(&a);
	tidei_answer_string(&a, "s", "a\xff\n\x7f\"z");
	assert_string_equal(last_string, "a???\"z");
	free(data);
}

static void
a_nested_dictionary_without_memory_is_left_out(void **state)
{
	struct rte_tel_data *data = calloc(1, 1 << 20);
	struct tidei_answer a;
	size_t room;

	tidei_answer_to_data(&a, data);
	tidei_answer_start(&a);
	no_memory = true;
	tidei_answer_open(&a, "in");
	tidei_answer_unsigned(&a, "x", 1);
	tidei_answer_close(&a);
	no_memory = false;
	assert_int_equal(a.left_out, 1);
	assert_int_equal(a.members, 0);
	/* One that is too long is freed at once, and so is its room. */
	room = a.room;
	tidei_answer_open(&a, "in");
	assert_int_equal(nested_alive, 1);
	for (unsigned int i = 0; i < 300; i++)
		tidei_answer_unsigned(&a, "x", 1);
	tidei_answer_close(&a);
	assert_int_equal(nested_alive, 0);
	assert_int_equal(a.left_out, 2);
	assert_int_equal(a.room, room);
	free(data);
}

static void
endpoints_are_found_by_their_commands(void **state)
{
	const struct tidei_endpoint *e;
	unsigned int n = 0;

	for (; (e = tidei_endpoint(n)) != NULL; n++) {
		assert_ptr_equal(tidei_endpoint_find(e->command), e);
		assert_true(n == 0 || strcmp(tidei_endpoint(n - 1)->command, e->command) < 0);
	}
	assert_true(n >= 4);
	assert_null(tidei_endpoint_find("/tide/pool2"));
	assert_null(tidei_endpoint_find(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_has_strings_numbers_and_nested_dictionaries),
		cmocka_unit_test(json_has_arrays_of_strings),
		cmocka_unit_test(a_refusal_replaces_what_was_there),
		cmocka_unit_test(a_long_text_continues_in_further_members),
		cmocka_unit_test(a_member_without_room_is_left_out_and_counted),
		cmocka_unit_test(dictionaries_and_arrays_have_as_many_members_as_dpdk_takes),
		cmocka_unit_test(dpdk_gets_ascii_alone),
		cmocka_unit_test(a_nested_dictionary_without_memory_is_left_out),
		cmocka_unit_test(endpoints_are_found_by_their_commands),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
