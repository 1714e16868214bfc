/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Statistics and invariants of a bump pool. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bump_internal.h"

/* Relaxed: each is approximate while others work. */
static uint64_t
load(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

uint64_t
tide_bump_capacity(const struct tide_bump *bump)
{
	return bump->capacity;
}

uint64_t
tide_bump_remaining(const struct tide_bump *bump)
{
	return bump->capacity - tidei_bump_used(load(&bump->word));
}

/* The lock does not belong to what a pool is, so a const pool can be locked. */
static pthread_mutex_t *
lock_of(const struct tide_bump *bump)
{
	return (pthread_mutex_t *)(uintptr_t)&bump->lock;
}

void
tide_bump_stats(const struct tide_bump *bump, struct tide_bump_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	stats->capacity = bump->capacity;
	stats->remaining = tide_bump_remaining(bump);
	stats->bytes = load(&bump->bytes) + bump->capacity - stats->remaining;
	stats->failures = load(&bump->failures);
	stats->flips = load(&bump->flips);
	stats->resets = load(&bump->resets);
	pthread_mutex_lock(lock_of(bump));
	for (unsigned int i = 0; i < bump->nb_readers; i++) {
		stats->readers += bump->reader[i].registered;
		stats->active += load(&bump->reader[i].pin) != 0;
	}
	pthread_mutex_unlock(lock_of(bump));
}

/* Returns the broken invariant; NULL: none. */
static const char *
find_fault(const struct tide_bump *bump)
{
	uint64_t word = load(&bump->word);

	if (tidei_bump_used(word) > bump->capacity)
		return "the offset is beyond the part";
	if (word & TIDEI_BUMP_CLOSED)
		return "a reset is under way";
	for (unsigned int i = 0; i < bump->nb_readers; i++) {
		if (load(&bump->reader[i].pin) != 0 && !bump->reader[i].registered)
			return "a reader holds that is not registered";
	}
	return NULL;
}

int
tide_bump_check(struct tide_bump *bump, char *reason)
{
	const char *fault;

	pthread_mutex_lock(&bump->lock);
	fault = find_fault(bump);
	pthread_mutex_unlock(&bump->lock);
	if (fault == NULL)
		return 0;
	if (reason != NULL)
		snprintf(reason, TIDE_BUMP_REASON_MAX, "%s: %s", bump->name, fault);
	return -EINVAL;
}

void
tide_bump_dump(const struct tide_bump *bump, FILE *out)
{
	struct tide_bump_stats stats;

	tide_bump_stats(bump, &stats);
	fprintf(out,
		"%s: %" PRIu64 " of %" PRIu64 " bytes remaining in %s; %" PRIu64
		" bytes handed out, %" PRIu64 " failures, %" PRIu64 " flips, %" PRIu64
		" resets; %u of %u readers hold\n",
		bump->name, stats.remaining, stats.capacity,
		bump->epochs == 1 ? "the only part" : "the open half", stats.bytes, stats.failures,
		stats.flips, stats.resets, stats.active, stats.readers);
}
