/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The one way to fail. */

#include <stdarg.h>
#include <stdio.h>

#include "error.h"
#include "sys_json.h"

void
app_clean(char *text)
{
	unsigned char *at = (unsigned char *)text;

	while (*at != '\0') {
		size_t n = tidei_json_sequence(at);

		/* U+0080 to U+009f are control characters. */
		if ((n == 0 && (*at < ' ' || *at > '~')) || (*at == 0xc2 && at[1] < 0xa0))
			memset(at, '?', n > 0 ? n : 1);
		at += n > 0 ? n : 1;
	}
}

int
app_fail(struct app_error *err, int code, const char *fmt, ...)
{
	va_list args;

	err->code = code;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	app_clean(err->text);
	return -1;
}
