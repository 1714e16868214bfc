/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info plan --from: Little's law on what was observed. */

#include <math.h>
#include <string.h>

#include "observe.h"
#include "plan.h"

/* Buffers that an lcore works on at a time, as most programs receive them. */
#define BURST 32

/* Pools have multiples of it. */
#define ROUND_TO 64

/* The ledger's clock: an age is known to so many milliseconds. */
#define AGE_STEP_MS 128

/* An observation that is shorter cannot tell whether buffers turn over. */
#define TURNOVER_MS (4 * AGE_STEP_MS)

static struct observed_owner *
find_owner(struct observed_pool *pool, const char *name)
{
	struct observed_owner *owner;

	for (unsigned int i = 0; i < pool->nb_owners; i++) {
		if (strcmp(pool->owner[i].name, name) == 0)
			return &pool->owner[i];
	}
	if (pool->nb_owners == OBSERVE_OWNERS_MAX)
		return NULL;
	owner = &pool->owner[pool->nb_owners++];
	memset(owner, 0, sizeof(*owner));
	snprintf(owner->name, sizeof(owner->name), "%s", name);
	return owner;
}

/*
 * The ledger stamps buffers with the ticks of a coarse clock, so an age is a number of ticks. Its mean over
 * samples at any phase of the clock is the mean age. An age below one tick counts as none.
 */
static double
age_of(uint64_t age_min_ms, uint64_t age_max_ms)
{
	return age_min_ms == 0 ? 0 : ((double)age_min_ms + (double)age_max_ms) / 2;
}

void
observe_owner(struct observed_pool *pool, const char *name, uint64_t now_ms, uint64_t buffers,
	uint64_t age_min_ms, uint64_t age_max_ms)
{
	struct observed_owner *owner = find_owner(pool, name);
	double age = age_of(age_min_ms, age_max_ms);

	if (owner == NULL)
		return;
	if (owner->samples == 0) {
		owner->first_ms = now_ms;
		owner->first_age = age;
	}
	owner->last_ms = now_ms;
	owner->last_age = age;
	owner->age_sum += age;
	owner->buffers_sum += buffers;
	owner->samples++;
}

/* Tell whether the oldest buffer is still the one of the first sample: its age grew like the time. */
static bool
is_fixed(const struct observed_owner *owner)
{
	double passed = (double)(owner->last_ms - owner->first_ms);

	return passed >= TURNOVER_MS &&
	       owner->last_age - owner->first_age > passed - 2 * AGE_STEP_MS;
}

/* Packets per second that ports received: of the pool's node, if several pools are in use. */
static double
packets_per_second(const struct observed *seen, const struct observed_pool *pool)
{
	unsigned int used = 0;
	double sum = 0;

	for (unsigned int i = 0; i < seen->nb_pools; i++)
		used += seen->pool[i].in_use_max != 0;
	for (unsigned int i = 0; i < seen->nb_ports; i++) {
		const struct observed_port *port = &seen->port[i];
		double passed = (double)(port->last_ms - port->first_ms);

		if (passed <= 0 || port->last_packets < port->first_packets)
			continue;
		if (used > 1 && pool->node >= 0 && port->node >= 0 && port->node != pool->node)
			continue;
		sum += (double)(port->last_packets - port->first_packets) * 1000 / passed;
	}
	return sum;
}

/* Mean age of buffers that turn over, by the number of buffers that each owner has. */
static double
mean_age(const struct observed_pool *pool)
{
	double sum = 0, weight = 0;

	for (unsigned int i = 0; i < pool->nb_owners; i++) {
		const struct observed_owner *owner = &pool->owner[i];

		if (is_fixed(owner))
			continue;
		sum += owner->age_sum / owner->samples * (double)owner->buffers_sum;
		weight += (double)owner->buffers_sum;
	}
	return weight == 0 ? 0 : sum / weight;
}

/* Count the buffers that did not turn over. */
static uint64_t
count_fixed(const struct observed_pool *pool)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < pool->nb_owners; i++) {
		const struct observed_owner *owner = &pool->owner[i];

		if (is_fixed(owner))
			sum += owner->buffers_sum / owner->samples;
	}
	return sum;
}

static uint64_t
count_bursts(const struct observed_pool *pool)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < pool->nb_owners; i++)
		sum += is_fixed(&pool->owner[i]) ? 0 : BURST;
	return sum;
}

/* Each lcore that took buffers has a cache. */
static uint64_t
count_cached(const struct observed_pool *pool)
{
	uint64_t lcores = 0, most;

	for (unsigned int i = 0; i < pool->nb_owners; i++)
		lcores += strncmp(pool->owner[i].name, "lcore_", strlen("lcore_")) == 0;
	most = lcores * plan_cached(pool->cache_size);
	return most > pool->cached_max ? most : pool->cached_max;
}

/* A program can answer with figures that no pool has. */
static uint64_t
whole(double buffers)
{
	return buffers < 1e18 ? (uint64_t)ceil(buffers) : UINT64_MAX;
}

static uint64_t
round_up(double buffers)
{
	uint64_t units = whole(buffers / ROUND_TO);

	return units < UINT64_MAX / ROUND_TO ? units * ROUND_TO : UINT64_MAX;
}

/* By rate and age: the mean, times what the count swings around its own mean. */
static double
held_by_age(const struct observed_pool *pool, struct estimate *e)
{
	double mean = (double)pool->in_use_sum / pool->samples, fixed;

	e->age_ms = mean_age(pool);
	e->fixed = count_fixed(pool);
	e->bursts = count_bursts(pool);
	fixed = (double)e->fixed;
	if (mean > fixed)
		e->swing = ((double)pool->in_use_max - fixed) / (mean - fixed);
	return e->pps * e->age_ms / 1000 * e->swing;
}

struct estimate
observe_estimate(const struct observed *seen, const struct observed_pool *pool, uint64_t rate,
	unsigned int margin)
{
	struct estimate e = {.pps = packets_per_second(seen, pool), .swing = 1};
	double held, stay, factor;

	if (pool->samples == 0)
		return e;
	/* A buffer that goes in and out of a cache keeps the stamp of its first get; other ops have no stamps. */
	e.by_count = !pool->tide || pool->cache_size != 0;
	if (e.by_count)
		held = (double)(e.counted = pool->in_use_max);
	else
		held = held_by_age(pool, &e);
	e.cached = count_cached(pool);
	stay = (double)(e.fixed + e.bursts + e.cached);
	e.predicted = whole(held + stay);
	if (pool->tide && pool->peak != 0)
		e.error = ((double)e.predicted - (double)pool->peak) / (double)pool->peak;
	factor = rate == 0 || e.pps == 0 ? 1 : (double)rate / e.pps;
	/* The pool did reach its peak, so no prediction below it is enough. */
	held = fmax(held, (double)pool->peak - stay);
	e.needed = round_up((held * factor + stay) * (100.0 + margin) / 100);
	return e;
}
