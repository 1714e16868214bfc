/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Notices mempools that run dry, and limits how often it says so. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_eal.h>

#include "locate_friend.h"
#include "shortage_friend.h"
#include "shortage_internal.h"
#include "tide_log.h"

/* Milliseconds until a mempool that stays short is named again; each time doubles them. */
#define PAUSE_FIRST_MS (60 * 1000)
#define PAUSE_LAST_MS  (60 * 60 * 1000)

/* Mempools that one look names; others are named at the next one. */
#define NOTICES_MAX 4

/* A report that takes longer cannot be written, for example to a file of a server that is gone. */
#define REPORT_MAX_MS (60 * 1000)

/* A mempool that has been seen. */
struct watched {
	const struct rte_mempool *mp; /* With the name it tells mempools apart; not to be read. */
	char name[RTE_MEMPOOL_NAMESIZE];
	uint64_t failures; /* At the last look. */
	uint64_t named; /* When the mempool was named last. */
	int64_t next_ms; /* Not named before. */
	int64_t pause_ms; /* After the next time. */
	int64_t short_ms; /* When it was short of buffers last. */
	bool waits; /* It is to be named as soon as there is a place. */
	bool seen; /* By the present look. */
};

struct notice {
	struct tidei_shortage_facts facts;
	enum tide_shortage_policy policy;
	uint64_t since; /* Gets that failed since the mempool was named last; 0: unknown. */
};

struct look {
	int64_t now_ms;
	unsigned int nb;
	bool report; /* One of the notices is for a report. */
	struct notice notices[NOTICES_MAX];
};

/* One thread looks. */
static struct watched *table;
static unsigned int used, size;
static struct look look;
static int64_t report_began_ms; /* The last one. */

static struct watched *
add(const struct rte_mempool *mp, const char *name)
{
	struct watched *w;

	if (used == size) {
		w = realloc(table, (size + 64) * sizeof(*table));
		if (w == NULL)
			return NULL;
		table = w;
		size += 64;
	}
	w = &table[used++];
	*w = (struct watched){.mp = mp, .pause_ms = PAUSE_FIRST_MS};
	strcpy(w->name, name);
	return w;
}

static struct watched *
find(const struct rte_mempool *mp, const char *name)
{
	for (unsigned int i = 0; i < used; i++) {
		if (table[i].mp == mp && strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return add(mp, name);
}

/* Tell whether a mempool has been short of buffers since the last look. */
static bool
is_short(const struct rte_mempool *mp, struct watched *w, bool chosen)
{
	struct tide_mempool_stats stats;
	uint64_t before = w->failures;

	if (tide_mempool_stats(mp, &stats) < 0)
		return chosen && rte_mempool_avail_count(mp) == 0;
	/* The mempool was freed and made again since the last look. */
	if (stats.failures < before)
		before = w->named = 0;
	w->failures = stats.failures;
	return stats.failures > before;
}

static bool
is_stuck(void)
{
	return tidei_shortage_is_busy() && look.now_ms - report_began_ms > REPORT_MAX_MS;
}

/* Tell whether this look can name one more mempool. Behind a report that is stuck, a line must do. */
static bool
has_place(enum tide_shortage_policy policy)
{
	if (look.nb == NOTICES_MAX)
		return false;
	return policy != TIDE_SHORTAGE_REPORT || is_stuck() ||
	       (!look.report && !tidei_shortage_is_busy());
}

/* Look at one mempool. Its pauses are short again when it had buffers for a while: a program may retry seldom. */
static void
update(const struct rte_mempool *mp, struct watched *w, bool chosen)
{
	if (is_short(mp, w, chosen)) {
		w->short_ms = look.now_ms;
		w->waits |= look.now_ms >= w->next_ms;
	} else if (look.now_ms - w->short_ms >= PAUSE_FIRST_MS) {
		w->pause_ms = PAUSE_FIRST_MS;
	}
}

static void
note(struct rte_mempool *mp, struct watched *w, enum tide_shortage_policy policy)
{
	struct notice *notice = &look.notices[look.nb];

	tidei_shortage_facts_read(mp, &notice->facts);
	notice->policy = policy;
	notice->since = w->failures - w->named;
	look.report |= policy == TIDE_SHORTAGE_REPORT;
	look.nb++;
	w->named = w->failures;
	w->waits = false;
	w->next_ms = look.now_ms + w->pause_ms;
	w->pause_ms = RTE_MIN(2 * w->pause_ms, (int64_t)PAUSE_LAST_MS);
}

static void
look_at(struct rte_mempool *mp, void *arg)
{
	char name[RTE_MEMPOOL_NAMESIZE];
	enum tide_shortage_policy policy;
	struct watched *w;
	bool chosen;

	RTE_SET_USED(arg);
	/* A mempool that is being made has no free object yet. */
	if (mp->populated_size < mp->size)
		return;
	/* A copy, because the end of EAL must not come while a lock is held. */
	snprintf(name, sizeof(name), "%s", mp->name);
	policy = tidei_shortage_policy(name, &chosen);
	w = find(mp, name);
	if (w == NULL)
		return;
	w->seen = true;
	update(mp, w, chosen);
	if (policy == TIDE_SHORTAGE_OFF)
		w->waits = false;
	else if (w->waits && has_place(policy))
		note(mp, w, policy);
}

static void
forget_freed(void)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < used; i++) {
		if (!table[i].seen)
			continue;
		table[kept] = table[i];
		table[kept++].seen = false;
	}
	used = kept;
}

/* Log the line about a shortage, and how to learn more, or why there is no report. */
static void
log_line(const struct notice *notice, const char *more)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out != NULL) {
		tidei_shortage_facts_line(&notice->facts, notice->since, out);
		fclose(out);
	}
	if (text != NULL)
		TIDE_LOG(shortage, WARNING, "%s; %s", text, more);
	else
		TIDE_LOG(shortage, WARNING,
			"mempool %s ran dry, and there is no memory to say more",
			notice->facts.name);
	free(text);
}

static void
announce(const struct notice *notice)
{
	int ret;

	if (notice->policy != TIDE_SHORTAGE_REPORT) {
		log_line(notice, TIDE_SHORTAGE_ENV "=report tells where they are");
		return;
	}
	ret = tidei_shortage_autopsy(notice->facts.name, notice->since);
	if (ret == 0)
		report_began_ms = look.now_ms;
	else if (ret == -EBUSY)
		log_line(notice, "no report: the last one is still being written");
	else
		log_line(notice, "no report: there is no thread for it");
}

void
tidei_shortage_look(int64_t now_ms)
{
	/* Other processes share the mempools and their counters. */
	if (rte_eal_process_type() != RTE_PROC_PRIMARY || !tidei_shortage_is_wanted())
		return;
	look.now_ms = now_ms;
	look.nb = 0;
	look.report = false;
	if (tidei_mempools_walk(look_at, NULL) < 0)
		return;
	forget_freed();
	for (unsigned int i = 0; i < look.nb; i++)
		announce(&look.notices[i]);
}
