/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The policy of each mempool, from the environment and from the program. */

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>

#include "shortage_friend.h"
#include "shortage_internal.h"
#include "tide_log.h"

TIDE_LOG_REGISTER(shortage)

/* Mempools with a policy of their own. */
#define OWN_MAX 64

static struct {
	char name[RTE_MEMPOOL_NAMESIZE];
	enum tide_shortage_policy policy;
} own[OWN_MAX];
static unsigned int nb_own;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static enum tide_shortage_policy environment = TIDE_SHORTAGE_LOG;
static bool is_set;
/* A copy with an absolute path: the program can change its directory, and write over its environment. */
static char file[PATH_MAX];

/* Make the path of the file for reports absolute. */
static void
read_file(void)
{
	/* A program with more rights than its user must not write where the user says. */
	const char *requested = secure_getenv(TIDE_SHORTAGE_FILE_ENV);
	size_t len = 0;

	file[0] = '\0';
	if (requested == NULL || requested[0] == '\0')
		return;
	if (requested[0] != '/' && getcwd(file, sizeof(file) - 1) != NULL) {
		len = strlen(file);
		file[len++] = '/';
	}
	if (strlen(requested) < sizeof(file) - len) {
		strcpy(file + len, requested);
		return;
	}
	file[0] = '\0';
	TIDE_LOG(shortage, WARNING,
		TIDE_SHORTAGE_FILE_ENV
		"=%.40s... is too long; reports go to the log: give a path of "
		"less than %d bytes",
		requested, PATH_MAX);
}

void
tidei_shortage_init(void)
{
	static const char *const names[] = {"off", "log", "report"};
	const char *requested = getenv(TIDE_SHORTAGE_ENV);

	read_file();
	environment = TIDE_SHORTAGE_LOG;
	is_set = false;
	for (unsigned int i = 0; requested != NULL && i < RTE_DIM(names); i++) {
		if (strcmp(requested, names[i]) != 0)
			continue;
		environment = (enum tide_shortage_policy)i;
		is_set = true;
	}
	if (requested != NULL && !is_set)
		TIDE_LOG(shortage, WARNING,
			TIDE_SHORTAGE_ENV "=%.40s is unknown; using log: set " TIDE_SHORTAGE_ENV
					  " to off, log or report",
			requested);
}

bool
tidei_shortage_is_off(void)
{
	return environment == TIDE_SHORTAGE_OFF;
}

bool
tidei_shortage_is_wanted(void)
{
	bool wanted;

	pthread_mutex_lock(&mutex);
	wanted = environment != TIDE_SHORTAGE_OFF || nb_own > 0;
	pthread_mutex_unlock(&mutex);
	return wanted;
}

const char *
tidei_shortage_file(void)
{
	return file[0] != '\0' ? file : NULL;
}

/* The entry of a mempool; nb_own: it has none. The caller has the mutex. */
static unsigned int
find(const char *name)
{
	unsigned int i = 0;

	while (i < nb_own && strcmp(own[i].name, name) != 0)
		i++;
	return i;
}

int
tide_shortage_set_policy(const char *pool, enum tide_shortage_policy policy)
{
	unsigned int i;
	int ret = 0;

	if ((unsigned int)policy > TIDE_SHORTAGE_REPORT)
		return -EINVAL;
	if (strlen(pool) >= RTE_MEMPOOL_NAMESIZE)
		return -ENAMETOOLONG;
	pthread_mutex_lock(&mutex);
	i = find(pool);
	if (i == OWN_MAX) {
		ret = -ENOSPC;
	} else {
		if (i == nb_own)
			strcpy(own[nb_own++].name, pool);
		own[i].policy = policy;
	}
	pthread_mutex_unlock(&mutex);
	return ret;
}

enum tide_shortage_policy
tidei_shortage_policy(const char *name, bool *chosen)
{
	enum tide_shortage_policy policy = environment;
	unsigned int i;

	*chosen = is_set;
	pthread_mutex_lock(&mutex);
	i = find(name);
	if (i < nb_own) {
		policy = own[i].policy;
		*chosen = true;
	}
	pthread_mutex_unlock(&mutex);
	return policy;
}
