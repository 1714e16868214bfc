/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * A general allocator that is wrong, for the test that tide-bench finds it out, under the names of
 * mimalloc. It hands out places of one size in turn, and after a while, as the environment says: with
 * TIDE_TEST_WRONG=twice one place twice, with =odd one at an odd address.
 */

#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

void *mi_malloc(size_t size);
void mi_free(void *at);

#define PLACES     16384
#define PLACE_SIZE 1024
#define GOOD       1000

static alignas(64) char place[PLACES][PLACE_SIZE];

void *
mi_malloc(size_t size)
{
	static unsigned int next;
	const char *how = getenv("TIDE_TEST_WRONG");
	unsigned int i = next++ % PLACES;

	if (how == NULL || i != GOOD)
		return place[i];
	return strcmp(how, "odd") == 0 ? place[i] + 1 : place[i - 1];
}

void
mi_free(void *at)
{
}
