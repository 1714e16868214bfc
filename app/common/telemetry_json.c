/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Decodes the JSON of DPDK's telemetry. */

#include "telemetry_json.h"

/* The first numbers that json_int_t and uint64_t do not have. */
#define INT_END  9223372036854775808.0
#define UINT_END 18446744073709551616.0

static void
make_ascii(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] >= 0x80)
			text[i] = '?';
	}
}

/* Return a whole number for a real one that is whole and not too large; NULL: it is another value. */
static json_t *
as_whole(const json_t *value)
{
	double real = json_real_value(value);

	if (!json_is_real(value) || real < -INT_END || real >= INT_END ||
		(double)(json_int_t)real != real)
		return NULL;
	return json_integer((json_int_t)real);
}

/* Turn real numbers back into whole ones. An entry may be replaced while it is visited. */
static void
restore_whole(json_t *value)
{
	const char *name;
	json_t *member, *whole;
	size_t i;

	json_object_foreach (value, name, member) {
		whole = as_whole(member);
		if (whole != NULL)
			json_object_set_new_nocheck(value, name, whole);
		else
			restore_whole(member);
	}
	json_array_foreach (value, i, member) {
		whole = as_whole(member);
		if (whole != NULL)
			json_array_set_new(value, i, whole);
		else
			restore_whole(member);
	}
}

json_t *
app_telemetry_decode(char *text, size_t len)
{
	json_error_t error;
	bool is_ascii = false;
	size_t flags = 0;
	json_t *json;

	/* DPDK ends its answers with a NUL in some versions. */
	while (len > 0 && text[len - 1] == '\0')
		len--;
	while ((json = json_loadb(text, len, flags, &error)) == NULL) {
		enum json_error_code code = json_error_code(&error);

		if (code == json_error_invalid_utf8 && !is_ascii) {
			make_ascii(text, len);
			is_ascii = true;
		} else if (code == json_error_numeric_overflow && flags == 0) {
			/* A driver's counter can wrap below 0. It must not hide all others. */
			flags = JSON_DECODE_INT_AS_REAL;
		} else {
			return NULL;
		}
	}
	if (flags != 0)
		restore_whole(json);
	return json;
}

bool
app_telemetry_count(const json_t *value, uint64_t *count)
{
	double real = json_real_value(value);

	if (json_is_integer(value) && json_integer_value(value) >= 0) {
		*count = (uint64_t)json_integer_value(value);
		return true;
	}
	if (!json_is_real(value) || real < 0 || real >= UINT_END || (double)(uint64_t)real != real)
		return false;
	*count = (uint64_t)real;
	return true;
}
