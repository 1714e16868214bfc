/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Life of a bump pool: check the conf, lay the parts out on the caller's memory. */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bump_internal.h"

/* Least alignment when the conf names none. */
#define ALIGN_DEFAULT 8

__attribute__((format(printf, 2, 3))) static int
invalid(char *reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (reason != NULL)
		vsnprintf(reason, TIDE_BUMP_REASON_MAX, format, args);
	va_end(args);
	return -EINVAL;
}

/* First byte of the first part. */
static uintptr_t
first_of(const struct tide_bump_conf *conf)
{
	uintptr_t addr = (uintptr_t)conf->addr;

	return (addr + TIDEI_BUMP_PART_ALIGN - 1) & ~((uintptr_t)TIDEI_BUMP_PART_ALIGN - 1);
}

static unsigned int
epochs_of(const struct tide_bump_conf *conf)
{
	return conf->epochs == 0 ? 1 : conf->epochs;
}

/* Bytes of a part; 0 when not even a first byte is there. */
static uint64_t
part_of(const struct tide_bump_conf *conf)
{
	uintptr_t lost = first_of(conf) - (uintptr_t)conf->addr;

	if (lost > conf->len)
		return 0;
	return (conf->len - lost) / epochs_of(conf) / TIDEI_BUMP_PART_ALIGN * TIDEI_BUMP_PART_ALIGN;
}

static int
check_memory(const struct tide_bump_conf *conf, char *reason)
{
	uint64_t part;

	if (conf->addr == NULL)
		return invalid(reason, "%s: addr is NULL: give the pool memory", conf->name);
	/* An alignment beyond the end must not wrap around either, nor the room before it: MAP_FAILED. */
	if ((uintptr_t)conf->addr > UINTPTR_MAX - TIDE_BUMP_ALIGN_MAX ||
		conf->len > UINTPTR_MAX - TIDE_BUMP_ALIGN_MAX - (uintptr_t)conf->addr)
		return invalid(reason, "%s: %zu bytes at %p go beyond the last address", conf->name,
			conf->len, conf->addr);
	part = part_of(conf);
	if (part < TIDE_BUMP_PART_MIN || part > TIDE_BUMP_PART_MAX)
		return invalid(reason,
			"%s: %zu bytes make parts of %" PRIu64 ": from %d to %" PRIu64 " will do",
			conf->name, conf->len, part, TIDE_BUMP_PART_MIN, TIDE_BUMP_PART_MAX);
	return 0;
}

static int
check_conf(const struct tide_bump_conf *conf, char *reason)
{
	if (conf->name == NULL || conf->name[0] == '\0')
		return invalid(reason, "a bump pool needs a name");
	if (strlen(conf->name) > TIDE_BUMP_NAME_MAX)
		return invalid(reason,
			"the name of a bump pool has %zu characters, %d are the most",
			strlen(conf->name), TIDE_BUMP_NAME_MAX);
	if (conf->epochs > 2)
		return invalid(reason, "%s: %u epochs: 1 or 2 will do", conf->name, conf->epochs);
	if (conf->readers > TIDE_BUMP_READERS_MAX)
		return invalid(reason, "%s: %u readers: up to %d will do", conf->name,
			conf->readers, TIDE_BUMP_READERS_MAX);
	if (conf->align > TIDE_BUMP_ALIGN_MAX || (conf->align & (conf->align - 1)) != 0)
		return invalid(reason,
			"%s: alignment of %" PRIu32 ": a power of two up to %d will do", conf->name,
			conf->align, TIDE_BUMP_ALIGN_MAX);
	return check_memory(conf, reason);
}

static void
lay_out(struct tide_bump *bump, const struct tide_bump_conf *conf)
{
	bump->epochs = epochs_of(conf);
	bump->capacity = part_of(conf);
	bump->part[0] = first_of(conf);
	bump->part[1] = bump->part[0] + (bump->epochs - 1) * bump->capacity;
	bump->align_mask = (conf->align != 0 ? conf->align : ALIGN_DEFAULT) - 1;
	bump->fill = conf->fill;
	for (unsigned int i = 0; i < bump->epochs; i++)
		tidei_bump_seal(bump, bump->part[i]);
}

struct tide_bump *
tide_bump_create(const struct tide_bump_conf *conf, char *reason)
{
	unsigned int readers = conf->readers != 0 ? conf->readers : TIDE_BUMP_READERS_DEFAULT;
	size_t size = sizeof(struct tide_bump) + readers * sizeof(struct tide_bump_reader);
	struct tide_bump *bump;

	if (check_conf(conf, reason) < 0) {
		errno = EINVAL;
		return NULL;
	}
	/* Both sizes are multiples of the alignment. */
	bump = aligned_alloc(alignof(struct tide_bump), size);
	if (bump == NULL) {
		invalid(reason, "%s: malloc() has no %zu bytes for a pool of %u readers",
			conf->name, size, readers);
		errno = ENOMEM;
		return NULL;
	}
	memset(bump, 0, size);
	memcpy(bump->name, conf->name, strlen(conf->name));
	bump->nb_readers = readers;
	atomic_flag_clear(&bump->busy);
	pthread_mutex_init(&bump->lock, NULL);
	for (unsigned int i = 0; i < readers; i++)
		bump->reader[i].bump = bump;
	lay_out(bump, conf);
	return bump;
}

int
tide_bump_free(struct tide_bump *bump)
{
	bool busy = false;

	if (bump == NULL)
		return 0;
	pthread_mutex_lock(&bump->lock);
	for (unsigned int i = 0; i < bump->nb_readers; i++)
		busy |= bump->reader[i].registered;
	pthread_mutex_unlock(&bump->lock);
	if (busy)
		return -EBUSY;
	for (unsigned int i = 0; i < bump->epochs; i++)
		tidei_bump_unseal(bump, bump->part[i]);
	pthread_mutex_destroy(&bump->lock);
	free(bump);
	return 0;
}
