/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Writes answers as JSON in memory. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "sys_json.h"

static void
put(struct tidei_answer *answer, const char *bytes, size_t n)
{
	/* By the limits of answer.c only the begin of a nested dictionary that will be dropped can be too long. */
	if (n > TIDEI_ANSWER_ROOM - answer->len)
		return;
	memcpy(answer->text + answer->len, bytes, n);
	answer->len += n;
	answer->text[answer->len] = '\0';
}

static void
put_string(struct tidei_answer *answer, const char *text)
{
	char escape[TIDEI_JSON_ESCAPE_MAX];
	size_t n;

	put(answer, "\"", 1);
	while ((n = tidei_json_escape(&text, escape)) > 0)
		put(answer, escape, n);
	put(answer, "\"", 1);
}

/* Begin a member of a dictionary or, without a name, of an array. */
static void
begin(struct tidei_answer *answer, const char *name)
{
	char last = answer->text[answer->len - 1];

	if (last != '{' && last != '[')
		put(answer, ",", 1);
	if (name == NULL)
		return;
	put_string(answer, name);
	put(answer, ":", 1);
}

static void
start(struct tidei_answer *answer)
{
	answer->len = 0;
	put(answer, answer->in_array ? "[" : "{", 1);
}

static void
string(struct tidei_answer *answer, const char *name, const char *text)
{
	begin(answer, name);
	put_string(answer, text);
}

static void
number(struct tidei_answer *answer, const char *name, uint64_t magnitude, bool negative)
{
	char digits[32];
	int n = snprintf(digits, sizeof(digits), "%s%" PRIu64, negative ? "-" : "", magnitude);

	begin(answer, name);
	put(answer, digits, (size_t)n);
}

static bool
open_nested(struct tidei_answer *answer)
{
	answer->len_outside = answer->len;
	begin(answer, answer->nested_name);
	put(answer, "{", 1);
	return true;
}

static void
close_nested(struct tidei_answer *answer, bool whole)
{
	if (whole)
		put(answer, "}", 1);
	else
		answer->len = answer->len_outside;
}

static void
end(struct tidei_answer *answer)
{
	put(answer, answer->in_array ? "]" : "}", 1);
}

static const struct tidei_answer_writer writer = {
	.start = start,
	.string = string,
	.number = number,
	.open = open_nested,
	.close = close_nested,
	.end = end,
};

void
tidei_answer_to_json(struct tidei_answer *answer, char *text)
{
	*answer = (struct tidei_answer){.writer = &writer, .text = text};
}
