/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Keeps each answer within the limits of DPDK's telemetry, in either form. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "answer.h"
#include "sys_json.h"

/* Bytes of {} or [] and of the member "left_out", which always has a place. */
#define FRAME (2 + sizeof("\"left_out\":4294967295,"))

/* Digits of UINT64_MAX, and a sign. */
#define NUMBER_BYTES 21

/* Bytes of the name of an entry. */
#define ENTRY_NAME 32

/* Bytes of a text as a JSON string, with its quotes. */
static size_t
json_bytes(const char *text)
{
	char escape[TIDEI_JSON_ESCAPE_MAX];
	size_t sum = 2, n;

	while ((n = tidei_json_escape(&text, escape)) > 0)
		sum += n;
	return sum;
}

/* Take the place of a member with a value of so many bytes, if there is one. */
static bool
place(struct tidei_answer *answer, const char *name, size_t bytes)
{
	unsigned int *members = answer->nested ? &answer->nested_members : &answer->members;
	unsigned int max =
		answer->in_array ? RTE_TEL_MAX_ARRAY_ENTRIES : RTE_TEL_MAX_DICT_ENTRIES - 1;

	bytes += name == NULL ? 1 : strlen(name) + sizeof("\"\":,") - 1;
	if (*members >= max || bytes > answer->room)
		return false;
	(*members)++;
	answer->room -= bytes;
	return true;
}

/* The same; a member without a place is left out. */
static bool
reserve(struct tidei_answer *answer, const char *name, size_t bytes)
{
	if (!answer->cut && place(answer, name, bytes))
		return true;
	if (answer->nested)
		answer->cut = true;
	else
		answer->left_out++;
	return false;
}

static void
start(struct tidei_answer *answer, bool in_array)
{
	answer->in_array = in_array;
	answer->nested = answer->cut = false;
	answer->members = answer->left_out = 0;
	answer->room = TIDEI_ANSWER_ROOM - FRAME;
	answer->writer->start(answer);
}

void
tidei_answer_start(struct tidei_answer *answer)
{
	start(answer, false);
}

void
tidei_answer_start_array(struct tidei_answer *answer)
{
	start(answer, true);
}

/* Copy the first part of a text that DPDK takes, without a part of a UTF-8 sequence. Returns its bytes. */
static size_t
first_part(const char *text, char part[RTE_TEL_MAX_STRING_LEN])
{
	size_t len = strnlen(text, RTE_TEL_MAX_STRING_LEN);

	if (len == RTE_TEL_MAX_STRING_LEN) {
		len--;
		for (size_t n = len; n > len - 4; n--) {
			if ((text[n] & 0xc0) != 0x80) {
				len = n;
				break;
			}
		}
	}
	memcpy(part, text, len);
	part[len] = '\0';
	return len;
}

void
tidei_answer_string(struct tidei_answer *answer, const char *name, const char *text)
{
	char part[RTE_TEL_MAX_STRING_LEN], numbered[64];
	const char *part_name = name;

	for (unsigned int i = 2;; i++) {
		text += first_part(text, part);
		if (reserve(answer, part_name, json_bytes(part)))
			answer->writer->string(answer, part_name, part);
		if (*text == '\0' || name == NULL)
			return;
		snprintf(numbered, sizeof(numbered), "%s_%u", name, i);
		part_name = numbered;
	}
}

static void
add_number(struct tidei_answer *answer, const char *name, uint64_t magnitude, bool negative)
{
	if (reserve(answer, name, NUMBER_BYTES))
		answer->writer->number(answer, name, magnitude, negative);
}

void
tidei_answer_unsigned(struct tidei_answer *answer, const char *name, uint64_t value)
{
	add_number(answer, name, value, false);
}

void
tidei_answer_signed(struct tidei_answer *answer, const char *name, int64_t value)
{
	add_number(answer, name, value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0);
}

void
tidei_answer_open(struct tidei_answer *answer, const char *name)
{
	answer->room_outside = answer->room;
	answer->members_outside = answer->members;
	answer->cut = !place(answer, name, sizeof("{}") - 1);
	answer->nested = true;
	answer->nested_members = 0;
	snprintf(answer->nested_name, sizeof(answer->nested_name), "%s", name);
	if (!answer->writer->open(answer))
		answer->cut = true;
}

void
tidei_answer_open_entry(struct tidei_answer *answer, const char *what, unsigned int i)
{
	char name[ENTRY_NAME];

	snprintf(name, sizeof(name), "%s_%u", what, i);
	tidei_answer_open(answer, name);
}

void
tidei_answer_string_entry(
	struct tidei_answer *answer, const char *what, unsigned int i, const char *text)
{
	char name[ENTRY_NAME];

	snprintf(name, sizeof(name), "%s_%u", what, i);
	tidei_answer_string(answer, name, text);
}

void
tidei_answer_close(struct tidei_answer *answer)
{
	bool whole = !answer->cut;

	answer->nested = answer->cut = false;
	answer->writer->close(answer, whole);
	if (whole)
		return;
	answer->room = answer->room_outside;
	answer->members = answer->members_outside;
	answer->left_out++;
}

void
tidei_answer_refuse(struct tidei_answer *answer, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	tidei_answer_start(answer);
	tidei_answer_string(answer, "error", text);
}

void
tidei_answer_end(struct tidei_answer *answer)
{
	if (answer->left_out > 0 && !answer->in_array)
		answer->writer->number(answer, "left_out", answer->left_out, false);
	answer->writer->end(answer);
}
