/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Keeps the list of the things that the program has published. */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "locate_friend.h"
#include "published.h"
#include "sys_friend.h"

struct thing {
	char name[TIDE_PUBLISHED_NAME_MAX + 1];
	enum tide_metric_scope scope;
	tide_telemetry_take take;
	void *arg;
};

/* While a thing is sampled the lock is held, so that withdrawing it waits. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct tidei_list things; /* struct thing */

static bool
is_name(const char *name)
{
	size_t len =
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return len > 0 && len <= TIDE_PUBLISHED_NAME_MAX && name[len] == '\0';
}

/* Return its index; things.nb: there is none. */
static unsigned int
find(enum tide_metric_scope scope, const char *name)
{
	const struct thing *thing = things.at;
	unsigned int i = 0;

	while (i < things.nb && (thing[i].scope != scope || strcmp(thing[i].name, name) != 0))
		i++;
	return i;
}

static int
add(const struct thing *thing)
{
	struct thing *added;

	if (find(thing->scope, thing->name) < things.nb)
		return -EEXIST;
	added = tidei_list_add(&things, sizeof(*added));
	if (added == NULL)
		return -ENOMEM;
	*added = *thing;
	return 0;
}

int
tide_telemetry_publish(
	enum tide_metric_scope scope, const char *name, tide_telemetry_take take, void *arg)
{
	struct thing thing = {.scope = scope, .take = take, .arg = arg};
	int ret;

	if ((scope != TIDE_SCOPE_ARENA && scope != TIDE_SCOPE_FLOWS) || !is_name(name))
		return -EINVAL;
	snprintf(thing.name, sizeof(thing.name), "%s", name);
	pthread_mutex_lock(&lock);
	ret = add(&thing);
	pthread_mutex_unlock(&lock);
	return ret;
}

int
tide_telemetry_withdraw(enum tide_metric_scope scope, const char *name)
{
	struct thing *thing;
	unsigned int i;
	int ret = -ENOENT;

	pthread_mutex_lock(&lock);
	i = find(scope, name);
	if (i < things.nb) {
		thing = things.at;
		things.nb--;
		memmove(&thing[i], &thing[i + 1], (things.nb - i) * sizeof(*thing));
		ret = 0;
	}
	/* A program without such things leaves no memory behind. */
	if (things.nb == 0)
		tidei_list_free(&things);
	pthread_mutex_unlock(&lock);
	return ret;
}

struct walk {
	enum tide_metric_scope scope;
	tidei_published_cb each;
	void *arg;
};

static int
walk_locked(void *arg)
{
	const struct walk *walk = arg;
	union tidei_published_sample sample;

	TIDEI_LIST_EACH (things, const struct thing, thing) {
		memset(&sample, 0, sizeof(sample));
		if (thing->scope == walk->scope)
			walk->each(thing->name, thing->take(thing->arg, &sample) ? &sample : NULL,
				walk->arg);
	}
	return 0;
}

int
tidei_published_each(enum tide_metric_scope scope, tidei_published_cb each, void *arg)
{
	struct walk walk = {scope, each, arg};
	int ret;

	pthread_mutex_lock(&lock);
	ret = tidei_eal_guarded(walk_locked, &walk);
	pthread_mutex_unlock(&lock);
	return ret;
}

/* A child process has the list, but not the thread that holds the lock. */
static void
before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void
after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

RTE_INIT(tide_publish_init)
{
	pthread_atfork(before_fork, after_fork, after_fork);
}
