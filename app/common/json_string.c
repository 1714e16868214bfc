/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Strings of JSON, for every byte. */

#include <stddef.h>

#include "json_string.h"

/* A first byte of a sequence, and what can follow: RFC 3629, section 4. */
struct lead {
	unsigned char first, last; /* Range of the lead byte. */
	unsigned char low, high; /* Range of the byte behind it; further ones are from 80 to bf. */
	size_t len; /* Bytes of the sequence. */
};

/* No overlong form, no surrogate, nothing above U+10FFFF. */
static const struct lead leads[] = {
	{0xc2, 0xdf, 0x80, 0xbf, 2},
	{0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3},
	{0xed, 0xed, 0x80, 0x9f, 3},
	{0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4},
	{0xf1, 0xf3, 0x80, 0xbf, 4},
	{0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Bytes of the well-formed sequence of several bytes at text; 0: there is none. NUL ends any. */
static size_t
sequence(const unsigned char *text)
{
	const struct lead *lead = leads, *end = leads + sizeof(leads) / sizeof(leads[0]);

	while (lead < end && (text[0] < lead->first || text[0] > lead->last))
		lead++;
	if (lead == end || text[1] < lead->low || text[1] > lead->high)
		return 0;
	for (size_t i = 2; i < lead->len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	return lead->len;
}

void
app_json_string(FILE *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t n;

	fputc('"', out);
	while (*at != '\0') {
		n = sequence(at);
		if (n > 0)
			fwrite(at, 1, n, out);
		else if (*at == '"' || *at == '\\')
			fprintf(out, "\\%c", *at);
		else if (*at < 0x20 || *at >= 0x7f)
			fprintf(out, "\\u%04x", *at);
		else
			fputc(*at, out);
		at += n > 0 ? n : 1;
	}
	fputc('"', out);
}
