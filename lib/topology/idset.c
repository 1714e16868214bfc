/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Parses id lists as the kernel writes them; used by every reader of the topology part. */

#include <errno.h>
#include <string.h>

#include "topology_internal.h"

/* "8" or "0-3". */
static int
parse_range(const char *text, size_t len, unsigned int max, uint64_t *first, uint64_t *last)
{
	const char *dash = memchr(text, '-', len);
	size_t head = dash == NULL ? len : (size_t)(dash - text);
	int ret;

	ret = tidei_number_parse(text, head, max - 1, first);
	if (ret != 0)
		return ret;
	*last = *first;
	if (dash == NULL)
		return 0;
	ret = tidei_number_parse(dash + 1, len - head - 1, max - 1, last);
	if (ret != 0)
		return ret;
	return *last < *first ? -EINVAL : 0;
}

int
tidei_idset_parse(struct tidei_idset *set, const char *text, size_t len, unsigned int max)
{
	const char *end = text + len;
	uint64_t first, last;

	if (len == 0)
		return 0;
	for (;;) {
		const char *comma = memchr(text, ',', end - text);
		size_t item = (comma == NULL ? end : comma) - text;
		int ret = parse_range(text, item, max, &first, &last);

		if (ret != 0)
			return ret;
		for (uint64_t id = first; id <= last; id++)
			tidei_idset_add(set, id);
		if (comma == NULL)
			return 0;
		text = comma + 1;
	}
}
