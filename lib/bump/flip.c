/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Readers of a bump pool, and the flips and resets that wait for them; see bump_internal.h. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "bump_internal.h"

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

struct tide_bump_reader *
tide_bump_reader_register(struct tide_bump *bump, const char *name)
{
	struct tide_bump_reader *reader = NULL;

	if (name != NULL && strlen(name) > TIDE_BUMP_NAME_MAX) {
		errno = EINVAL;
		return NULL;
	}
	pthread_mutex_lock(&bump->lock);
	for (unsigned int i = 0; i < bump->nb_readers && reader == NULL; i++) {
		if (bump->reader[i].registered)
			continue;
		reader = &bump->reader[i];
		reader->registered = true;
		if (name != NULL)
			snprintf(reader->name, sizeof(reader->name), "%s", name);
		else
			snprintf(reader->name, sizeof(reader->name), "reader%u", i);
	}
	pthread_mutex_unlock(&bump->lock);
	if (reader == NULL)
		errno = ENOSPC;
	return reader;
}

void
tide_bump_reader_unregister(struct tide_bump_reader *reader)
{
	struct tide_bump *bump;

	if (reader == NULL)
		return;
	bump = reader->bump;
	tide_bump_release(reader);
	pthread_mutex_lock(&bump->lock);
	reader->registered = false;
	pthread_mutex_unlock(&bump->lock);
}

void
tide_bump_hold(struct tide_bump_reader *reader)
{
	struct tide_bump *bump = reader->bump;
	/* Relaxed: a guess, which is confirmed below. */
	uint64_t word = atomic_load_explicit(&bump->word, memory_order_relaxed), guess;

	do {
		guess = word;
		/* Release, for the acquire of is_behind(): what was held before is used no more. */
		atomic_store_explicit(&reader->pin, TIDEI_BUMP_HOLDS | tidei_bump_tag(guess),
			memory_order_release);
		/* Pairs with those of flips and resets, before the look and what the caller does next. */
		atomic_thread_fence(memory_order_seq_cst);
		/* Relaxed: the fence orders it, and nothing of a part is touched before a swap. */
		word = atomic_load_explicit(&bump->word, memory_order_relaxed);
	} while (tidei_bump_tag(word) != tidei_bump_tag(guess));
}

void
tide_bump_release(struct tide_bump_reader *reader)
{
	/* Release, for the acquire of is_behind(): what was held is used no more. */
	atomic_store_explicit(&reader->pin, 0, memory_order_release);
}

static bool
begin(struct tide_bump *bump)
{
	/* Acquire, with the release of end(): what the thread before has written is seen. */
	return !atomic_flag_test_and_set_explicit(&bump->busy, memory_order_acquire);
}

static void
end(struct tide_bump *bump)
{
	atomic_flag_clear_explicit(&bump->busy, memory_order_release);
}

/* Tells whether a reader holds any other tag. */
static bool
is_behind(const struct tide_bump_reader *reader, uint64_t tag)
{
	/* Acquire, with the releases of hold and release: its reads are over before others write. */
	uint64_t pin = atomic_load_explicit(&reader->pin, memory_order_acquire);

	return pin != 0 && pin != (TIDEI_BUMP_HOLDS | tag);
}

static void
tell(struct tide_bump *bump, unsigned int place, uint64_t current,
	struct tide_bump_stalled *stalled)
{
	struct tide_bump_reader *reader = &bump->reader[place];

	if (stalled == NULL)
		return;
	memset(stalled, 0, sizeof(*stalled));
	stalled->reader = place;
	pthread_mutex_lock(&bump->lock);
	memcpy(stalled->name, reader->name, sizeof(stalled->name));
	pthread_mutex_unlock(&bump->lock);
	if (is_behind(reader, current))
		stalled->stalled_us =
			now_us() - atomic_load_explicit(&bump->when, memory_order_relaxed);
}

/*
 * Tells whether each reader holds nothing, or the epoch of `tag` (UINT64_MAX is no tag). If not, *stalled has
 * the first that holds another. Only while busy, after a full fence.
 */
static bool
all_hold(struct tide_bump *bump, uint64_t tag, struct tide_bump_stalled *stalled)
{
	/* Relaxed: only the thread that is busy gives it another tag. */
	uint64_t word = atomic_load_explicit(&bump->word, memory_order_relaxed);

	for (unsigned int i = 0; i < bump->nb_readers; i++) {
		if (!is_behind(&bump->reader[i], tag))
			continue;
		tell(bump, i, tidei_bump_tag(word), stalled);
		return false;
	}
	return true;
}

/* Count the bytes that an ending epoch has handed out. */
static void
count(struct tide_bump *bump, uint64_t word)
{
	atomic_fetch_add_explicit(&bump->bytes, tidei_bump_used(word), memory_order_relaxed);
}

/* Only while busy. */
static int
flip(struct tide_bump *bump, struct tide_bump_stalled *stalled)
{
	uint64_t tag = tidei_bump_tag(atomic_load_explicit(&bump->word, memory_order_relaxed));
	uint64_t next = (tag + 1) << TIDEI_BUMP_TAG_SHIFT;

	/* The tag was stored before, by the flip that began this epoch: pairs with that of hold. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!all_hold(bump, tag, stalled))
		return -EBUSY;
	tidei_bump_seal(bump, tidei_bump_part(bump, tag + 1));
	atomic_store_explicit(&bump->when, now_us(), memory_order_relaxed);
	/* Release, for the acquire of allocations: the readers of this part are done, and it is filled. */
	count(bump, atomic_exchange_explicit(&bump->word, next, memory_order_acq_rel));
	atomic_fetch_add_explicit(&bump->flips, 1, memory_order_relaxed);
	return 0;
}

int
tide_bump_flip(struct tide_bump *bump, struct tide_bump_stalled *stalled)
{
	int ret;

	if (bump->epochs != 2)
		return -ENOTSUP;
	if (!begin(bump))
		return -EAGAIN;
	ret = flip(bump, stalled);
	end(bump);
	return ret;
}

/* Only while busy; no reader held a moment ago. */
static int
close_and_take(struct tide_bump *bump, struct tide_bump_stalled *stalled)
{
	/* The same part with a new tag. Allocations that read the word before fail to swap it. */
	uint64_t step = bump->epochs * TIDEI_BUMP_TAG_ONE + TIDEI_BUMP_CLOSED;
	uint64_t word = atomic_fetch_add_explicit(&bump->word, step, memory_order_acq_rel) + step;

	/* Pairs with that of hold. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!all_hold(bump, tidei_bump_tag(word), stalled)) {
		/* Release: goes on with that of the flip that opened this part. */
		atomic_fetch_and_explicit(&bump->word, ~TIDEI_BUMP_CLOSED, memory_order_release);
		return -EBUSY;
	}
	for (unsigned int i = 0; i < bump->epochs; i++)
		tidei_bump_seal(bump, bump->part[i]);
	count(bump, word);
	/* Release, for the acquire of allocations. A store: no other thread writes a closed word. */
	atomic_store_explicit(
		&bump->word, tidei_bump_tag(word) << TIDEI_BUMP_TAG_SHIFT, memory_order_release);
	atomic_fetch_add_explicit(&bump->resets, 1, memory_order_relaxed);
	return 0;
}

int
tide_bump_reset(struct tide_bump *bump, struct tide_bump_stalled *stalled)
{
	int ret = -EBUSY;

	if (!begin(bump))
		return -EAGAIN;
	/* A check first, so that a reader that always holds changes nothing. */
	if (all_hold(bump, UINT64_MAX, stalled))
		ret = close_and_take(bump, stalled);
	end(bump);
	return ret;
}

void
tide_bump_stalled_dump(const struct tide_bump_stalled *stalled, FILE *out)
{
	fprintf(out, "reader \"%s\" (place %u) ", stalled->name, stalled->reader);
	if (stalled->stalled_us == 0)
		fputs("holds the current epoch", out);
	else
		fprintf(out, "has not held again since the flip %" PRIu64 ".%06" PRIu64 " s ago",
			stalled->stalled_us / 1000000, stalled->stalled_us % 1000000);
}
