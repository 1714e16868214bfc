/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Writes JSON. */

#include <inttypes.h>
#include <math.h>

#include "json_string.h"
#include "json_writer.h"

#define INDENT 2

void
app_json_init(struct app_json *json, FILE *out, unsigned int lines)
{
	*json = (struct app_json){.out = out, .lines = lines};
}

static void
new_line(const struct app_json *json)
{
	fprintf(json->out, "\n%*s", (int)(INDENT * json->depth), "");
}

/* Put what comes before a value. */
static void
begin_value(struct app_json *json, const char *key)
{
	if (json->comma)
		fputc(',', json->out);
	if (json->depth > 0 && json->depth <= json->lines)
		new_line(json);
	else if (json->comma && json->lines > 0)
		fputc(' ', json->out);
	json->comma = true;
	if (key == NULL)
		return;
	app_json_string(json->out, key);
	fputs(json->lines > 0 ? ": " : ":", json->out);
}

static void
open_value(struct app_json *json, const char *key, char bracket)
{
	begin_value(json, key);
	fputc(bracket, json->out);
	json->depth++;
	json->comma = false;
}

static void
close_value(struct app_json *json, char bracket)
{
	bool own_line = json->comma && json->depth <= json->lines;

	json->depth--;
	if (own_line)
		new_line(json);
	fputc(bracket, json->out);
	json->comma = true;
	if (json->depth == 0)
		fputc('\n', json->out);
}

void
app_json_object(struct app_json *json, const char *key)
{
	open_value(json, key, '{');
}

void
app_json_object_end(struct app_json *json)
{
	close_value(json, '}');
}

void
app_json_array(struct app_json *json, const char *key)
{
	open_value(json, key, '[');
}

void
app_json_array_end(struct app_json *json)
{
	close_value(json, ']');
}

void
app_json_text(struct app_json *json, const char *key, const char *text)
{
	begin_value(json, key);
	if (text == NULL)
		fputs("null", json->out);
	else
		app_json_string(json->out, text);
}

void
app_json_uint(struct app_json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void
app_json_int(struct app_json *json, const char *key, int64_t value)
{
	begin_value(json, key);
	fprintf(json->out, "%" PRId64, value);
}

void
app_json_bool(struct app_json *json, const char *key, bool value)
{
	begin_value(json, key);
	fputs(value ? "true" : "false", json->out);
}

void
app_json_null(struct app_json *json, const char *key)
{
	app_json_text(json, key, NULL);
}

void
app_json_real(struct app_json *json, const char *key, const char *format, double value)
{
	if (!isfinite(value)) {
		app_json_null(json, key);
		return;
	}
	begin_value(json, key);
/* The format is a constant of the caller. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	fprintf(json->out, format, value);
#pragma GCC diagnostic pop
}
