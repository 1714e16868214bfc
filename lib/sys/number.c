/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Parses numbers as the kernel writes them. */

#include <errno.h>
#include <string.h>

#include "sys_friend.h"

int
tidei_number_parse(const char *text, size_t len, uint64_t max, uint64_t *value)
{
	uint64_t n = 0;

	if (len == 0)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		unsigned int digit = (unsigned char)text[i] - '0';

		if (digit > 9)
			return -EINVAL;
		if (n > (UINT64_MAX - digit) / 10)
			return -ERANGE;
		n = n * 10 + digit;
	}
	if (n > max)
		return -ERANGE;
	*value = n;
	return 0;
}

bool
tidei_meminfo_bytes(const char *text, const char *name, uint64_t *bytes)
{
	const char *at = strstr(text, name);
	uint64_t kb;

	if (at == NULL)
		return false;
	at += strlen(name);
	at += strspn(at, " \t");
	if (tidei_number_parse(at, strspn(at, "0123456789"), UINT64_MAX >> 10, &kb) != 0)
		return false;
	*bytes = kb << 10;
	return true;
}
