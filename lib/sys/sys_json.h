/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef SYS_JSON_H
#define SYS_JSON_H

/*
 * The escape of JSON strings, for the library and the programs, which link no symbol of it.
 *
 * Names come from device arguments, files and the command line, so any byte but NUL can be in a text, and
 * the output is valid JSON for each. Well-formed UTF-8 (RFC 3629) passes unchanged. A byte that is no part
 * of any is escaped by its value, as \u00ff for the byte ff, and so are control characters.
 */

#include <stddef.h>
#include <string.h>

/* Bytes of the longest escape. */
#define TIDEI_JSON_ESCAPE_MAX 6

/* A first byte of a sequence, and what can follow: RFC 3629, section 4. */
struct tidei_json_lead {
	unsigned char first, last; /* Range of the lead byte. */
	unsigned char low, high; /* Range of the byte behind it; further ones are from 80 to bf. */
	size_t len; /* Bytes of the sequence. */
};

/* Bytes of the well-formed sequence of several bytes at text; 0: there is none. NUL ends any. */
static inline size_t
tidei_json_sequence(const unsigned char *text)
{
	/* No overlong form, no surrogate, nothing above U+10FFFF. */
	static const struct tidei_json_lead leads[] = {
		{0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	const struct tidei_json_lead *lead = leads, *end = leads + sizeof(leads) / sizeof(leads[0]);

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

/*
 * Write the next character of a text as it is in a JSON string, without a NUL, and advance *text. Returns the
 * bytes written, 1 to TIDEI_JSON_ESCAPE_MAX; 0: the text is at its end.
 */
static inline size_t
tidei_json_escape(const char **text, char out[TIDEI_JSON_ESCAPE_MAX])
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *at = (const unsigned char *)*text;
	size_t n = tidei_json_sequence(at);

	if (n == 0 && *at == '\0')
		return 0;
	*text += n > 0 ? n : 1;
	if (n > 0) {
		memcpy(out, at, n);
		return n;
	}
	if (*at == '"' || *at == '\\') {
		out[0] = '\\';
		out[1] = (char)*at;
		return 2;
	}
	if (*at >= 0x20 && *at < 0x7f) {
		out[0] = (char)*at;
		return 1;
	}
	memcpy(out, "\\u00", 4);
	out[4] = digits[*at >> 4];
	out[5] = digits[*at & 0xf];
	return 6;
}

#endif /* SYS_JSON_H */
