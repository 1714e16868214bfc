/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The list of claims, and how a claim reports its result. */

#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include "conform.h"

#define CLAIMS_MAX 96

const struct claim *const *
claims_all(void)
{
	static const struct claim *const groups[] = {claims_objects, claims_count, claims_memory,
		claims_threads, claims_life, claims_process, claims_pause, claims_misuse};
	static const struct claim *all[CLAIMS_MAX + 1];
	unsigned int n = 0;

	if (all[0] != NULL)
		return all;
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
		for (const struct claim *c = groups[g]; c->name != NULL && n < CLAIMS_MAX; c++)
			all[n++] = c;
	return all;
}

const struct claim *
claim_by_name(const char *name)
{
	for (const struct claim *const *c = claims_all(); *c != NULL; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

static void
say(struct trial *t, const char *format, va_list args)
{
	static atomic_bool said;

	if (!atomic_exchange(&said, true))
		vsnprintf(t->reason, sizeof(t->reason), format, args);
}

#define DEFINE_SAYING(function, came)                                   \
	enum verdict function(struct trial *t, const char *format, ...) \
	{                                                               \
		va_list args;                                           \
                                                                        \
		va_start(args, format);                                 \
		say(t, format, args);                                   \
		va_end(args);                                           \
		return came;                                            \
	}

DEFINE_SAYING(fails, VERDICT_FAIL)
DEFINE_SAYING(skips, VERDICT_SKIP)
DEFINE_SAYING(passes, VERDICT_PASS)

/* Xorshift: repeatable, and random enough for shuffles. */
uint32_t
random_below(uint64_t *state, uint32_t limit)
{
	uint64_t x = *state != 0 ? *state : 1;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return (uint32_t)((x >> 16) % limit);
}
