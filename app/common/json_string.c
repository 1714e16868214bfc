/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Writes strings of JSON. */

#include "json_string.h"
#include "sys_json.h"

void
app_json_string(FILE *out, const char *text)
{
	char escape[TIDEI_JSON_ESCAPE_MAX];
	size_t n;

	fputc('"', out);
	while ((n = tidei_json_escape(&text, escape)) > 0)
		fwrite(escape, 1, n, out);
	fputc('"', out);
}
