/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Strings of JSON: well-formed UTF-8 passes, all else is escaped. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json_string.h"

#define NB(table) (sizeof(table) / sizeof((table)[0]))

/* The string without its quotes; valid until the next call. */
static const char *
written(const char *text)
{
	static char *found;
	size_t len = 0;
	FILE *out;

	free(found);
	found = NULL;
	out = open_memstream(&found, &len);
	assert_non_null(out);
	app_json_string(out, text);
	fclose(out);
	assert_true(len >= 2 && found[0] == '"' && found[len - 1] == '"');
	found[len - 1] = '\0';
	return found + 1;
}

/* The code point as UTF-8 (RFC 3629, section 3). */
static void
encode(uint32_t c, char *text)
{
	unsigned int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char head[] = {0x00, 0xc0, 0xe0, 0xf0};

	text[0] = (char)(head[more] | c >> 6 * more);
	for (unsigned int i = 1; i <= more; i++)
		text[i] = (char)(0x80 | (c >> 6 * (more - i) & 0x3f));
	text[more + 1] = '\0';
}

static void
every_character_of_unicode_passes(void **state)
{
	char text[8];

	for (uint32_t c = 0x20; c <= 0x10ffff; c++) {
		if (c == '"' || c == '\\' || c == 0x7f || (c >= 0xd800 && c <= 0xdfff))
			continue;
		encode(c, text);
		if (strcmp(written(text), text) != 0)
			fail_msg("U+%04X became %s", c, written(text));
	}
	assert_string_equal(written("na\xc3\xafve \xe6\xbd\xae \xf0\x9f\x8c\x8a"),
		"na\xc3\xafve \xe6\xbd\xae \xf0\x9f\x8c\x8a");
}

static void
quotes_and_control_characters_are_escaped(void **state)
{
	char text[2] = "", want[8];

	assert_string_equal(written("a\"b\\c"), "a\\\"b\\\\c");
	assert_string_equal(written(""), "");
	for (int c = 1; c < 0x20; c++) {
		text[0] = (char)c;
		snprintf(want, sizeof(want), "\\u%04x", c);
		assert_string_equal(written(text), want);
	}
	assert_string_equal(written("\x7f"), "\\u007f");
}

static void
a_byte_above_ascii_alone_is_escaped_by_its_value(void **state)
{
	char text[4] = "x?y", want[12];

	for (int c = 0x80; c < 0x100; c++) {
		text[1] = (char)c;
		snprintf(want, sizeof(want), "x\\u%04xy", c);
		assert_string_equal(written(text), want);
		text[2] = '\0';
		want[7] = '\0';
		assert_string_equal(written(text), want);
		text[2] = 'y';
	}
}

/* Each byte of them is escaped alone, so that what follows is read right. */
static void
what_only_looks_like_utf8_is_escaped(void **state)
{
	static const char *const pairs[][2] = {
		{"\xc0\x80!", "\\u00c0\\u0080!"}, /* Overlong. */
		{"\xc1\xbf!", "\\u00c1\\u00bf!"},
		{"\xe0\x9f\xbf!", "\\u00e0\\u009f\\u00bf!"},
		{"\xf0\x8f\xbf\xbf!", "\\u00f0\\u008f\\u00bf\\u00bf!"},
		{"\xed\xa0\x80!", "\\u00ed\\u00a0\\u0080!"}, /* Surrogates. */
		{"\xed\xbf\xbf!", "\\u00ed\\u00bf\\u00bf!"},
		{"\xf4\x90\x80\x80!", "\\u00f4\\u0090\\u0080\\u0080!"}, /* Above U+10FFFF. */
		{"\xf5\x80\x80\x80!", "\\u00f5\\u0080\\u0080\\u0080!"},
		{"\xe6\xbd", "\\u00e6\\u00bd"}, /* Broken off. */
		{"\xf0\x9f\x8c", "\\u00f0\\u009f\\u008c"},
		{"\xe6\xbd\xc3\xaf", "\\u00e6\\u00bd\xc3\xaf"},
		{"\xc3\xc3\xaf", "\\u00c3\xc3\xaf"},
		{"\xe6\xbd\"", "\\u00e6\\u00bd\\\""},
	};

	for (unsigned int i = 0; i < NB(pairs); i++)
		assert_string_equal(written(pairs[i][0]), pairs[i][1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_of_unicode_passes),
		cmocka_unit_test(quotes_and_control_characters_are_escaped),
		cmocka_unit_test(a_byte_above_ascii_alone_is_escaped_by_its_value),
		cmocka_unit_test(what_only_looks_like_utf8_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
