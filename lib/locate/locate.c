/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Runs the scans of one report. */

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include <rte_errno.h>
#include <rte_mempool.h>
#include <rte_tailq.h>

#include "locate_friend.h"
#include "locate_peek.h"
#include "locate_peers.h"
#include "locate_report.h"
#include "locate_survey.h"
#include "locate_symbol.h"
#include "tide_locate.h"

/* While scans still clear suspects, so many more follow. */
#define SCANS_MORE 20

/* Two scans at once would find each other's tables. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

struct run {
	struct tidei_scan scan;
	struct tide_locate_conf conf;
	struct tide_locate_summary sum;
	uintptr_t entry; /* The stack of the calling thread below this belongs to the scan. */
	uint64_t first_us; /* Begin of the first scan. */
	uint32_t suspects; /* Objects that all scans left without a reference. */
	uint32_t cleared; /* Suspects that the last scan cleared. */
	unsigned int quiet; /* Scans in a row that cleared none. */
};

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void
pause_ms(unsigned int ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000L};

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

static int
survey(struct run *run)
{
	struct tidei_layout *l = &run->scan.layout;
	int ret;

	tidei_layout_clear(l);
	ret = tidei_survey_mappings(l);
	if (ret < 0)
		return ret;
	ret = tidei_survey_eal(l);
	if (ret < 0)
		return ret;
	tidei_survey_threads(l, run->entry);
	tidei_survey_segments(l);
	tidei_survey_queues(l, &run->scan.targets);
	return 0;
}

/* Carry over what a scan found, and count the suspects. */
static void
remember(struct run *run)
{
	struct tidei_targets *t = &run->scan.targets;

	run->suspects = run->cleared = 0;
	for (uint32_t i = 0; i < t->nb; i++) {
		struct tidei_object *o = &t->object[i];
		bool was = (o->life & TIDEI_LIFE_SUSPECT) != 0, is;

		if (o->place != 0)
			o->life |= TIDEI_LIFE_SEEN;
		is = (o->life & (TIDEI_LIFE_LEFT | TIDEI_LIFE_SEEN | TIDEI_LIFE_MOVED)) == 0;
		o->life = (uint8_t)(is ? o->life | TIDEI_LIFE_SUSPECT
				       : o->life & ~TIDEI_LIFE_SUSPECT);
		run->suspects += is;
		run->cleared += was && !is;
	}
	run->quiet = run->cleared != 0 ? 0 : run->quiet + 1;
}

static int
scan_once(void *arg)
{
	struct run *run = arg;
	struct tidei_scan *scan = &run->scan;
	struct tidei_targets *t = &scan->targets;
	uint64_t begin = now_us();
	int ret;

	run->first_us = run->first_us != 0 ? run->first_us : begin;
	scan->bytes = 0;
	for (uint32_t i = 0; i < t->nb; i++)
		t->object[i].place = t->object[i].noted = t->object[i].refs = 0;
	tidei_places_next_scan(&scan->places);
	ret = survey(run);
	if (ret == 0)
		ret = tidei_scan_state(scan, (now_us() - run->first_us) / 1000);
	if (ret == 0)
		ret = tidei_scan_containers(scan, false);
	if (ret < 0)
		return ret;
	tidei_layout_sort_holes(&scan->layout);
	tidei_scan_sweep(scan);
	ret = tidei_scan_containers(scan, true);
	if (ret < 0)
		return ret;
	tidei_scan_links(scan);
	remember(run);
	run->sum.scan_us = now_us() - begin;
	return scan->layout.failed ? -ENOMEM : 0;
}

/* The suspects are leaked when the other scans in a row found no reference to any of them. */
static bool
settled(const struct run *run)
{
	return run->suspects == 0 || run->quiet >= run->conf.scans;
}

static int
scan_all(struct run *run)
{
	unsigned int i = 0, most = run->conf.scans + SCANS_MORE;
	int ret = 0;

	for (; ret == 0 && i < most && (i < run->conf.scans || !settled(run)); i++) {
		if (i > 0)
			pause_ms(run->conf.interval_ms);
		ret = tidei_eal_guarded(scan_once, run);
		run->sum.shared = run->sum.shared || tidei_peers_exist();
	}
	run->sum.scans = i;
	run->sum.restless = !settled(run);
	run->sum.bytes_read = run->scan.bytes;
	run->sum.threads = run->scan.layout.threads;
	run->sum.asleep = run->scan.layout.asleep;
	return ret;
}

static int
prepare(void *arg)
{
	struct run *run = arg;
	struct tidei_scan *scan = &run->scan;
	int ret;

	scan->layout.scratch = &scan->scratch;
	ret = tidei_targets_make(&scan->targets, &scan->scratch, run->conf.pool);
	if (ret < 0)
		return ret;
	scan->block = tidei_scratch_alloc(&scan->scratch, TIDEI_BLOCK);
	scan->reached = tidei_scratch_alloc(
		&scan->scratch, (scan->targets.nb + (size_t)1) * sizeof(*scan->reached));
	if (scan->block == NULL || scan->reached == NULL ||
		!tidei_places_init(&scan->places, &scan->scratch))
		return -ENOMEM;
	return 0;
}

static int
complete(struct tide_locate_conf *conf)
{
	conf->scans = conf->scans != 0 ? conf->scans : TIDE_LOCATE_SCANS;
	conf->interval_ms = conf->interval_ms != 0 ? conf->interval_ms : 200;
	conf->oldest = conf->oldest != 0 ? conf->oldest : 4;
	if (conf->scans > 100 || conf->interval_ms > 60000 || conf->oldest > 1000)
		return -EINVAL;
	if (conf->pool != NULL && strnlen(conf->pool, RTE_MEMPOOL_NAMESIZE) == RTE_MEMPOOL_NAMESIZE)
		return -EINVAL;
	return 0;
}

/* EAL has its lists only if it was initialised. */
static int
have_lists(void *unused)
{
	(void)unused;
	return rte_eal_tailq_lookup("RTE_MEMPOOL") == NULL ? -ENOTSUP : 0;
}

/* Returns 0 or a negative errno. */
static int
locate(struct run *run, struct tide_locate **report)
{
	uint64_t begin = now_us();
	int ret = tidei_eal_guarded(prepare, run);

	if (ret == 0)
		ret = scan_all(run);
	if (ret < 0)
		return ret;
	run->sum.total_us = now_us() - begin;
	*report = tidei_report_make(&run->scan, &run->sum, run->conf.oldest);
	return *report == NULL ? -ENOMEM : 0;
}

/* Locate with all variables in memory that scans leave out. Returns 0 or a negative errno. */
static int
locate_in_scratch(const struct tide_locate_conf *conf, uintptr_t entry, struct tide_locate **report)
{
	struct tidei_scratch scratch;
	struct run *run;
	int ret = -ENOMEM;

	if (!tidei_peek_allowed())
		return -EPERM;
	if (!tidei_scratch_init(&scratch))
		return -ENOMEM;
	run = tidei_scratch_alloc(&scratch, sizeof(*run));
	if (run != NULL) {
		run->scan.scratch = scratch;
		run->conf = *conf;
		run->entry = entry;
		ret = locate(run, report);
		scratch = run->scan.scratch;
	}
	tidei_scratch_fini(&scratch);
	return ret;
}

/* The registers of the caller, which can have pointers to buffers, are saved in this frame. */
struct tide_locate *
tide_locate_create(const struct tide_locate_conf *conf)
{
	struct tide_locate_conf full = conf != NULL ? *conf : (struct tide_locate_conf){0};
	struct tide_locate *report = NULL;
	int ret = complete(&full);

	/* Before the scan maps memory, perhaps where EAL had its own. */
	if (ret == 0)
		ret = tidei_eal_guarded(have_lists, NULL);
	__builtin_unwind_init();
	if (ret == 0 && pthread_mutex_trylock(&one_at_a_time) != 0)
		ret = -EBUSY;
	if (ret == 0) {
		ret = locate_in_scratch(&full, (uintptr_t)__builtin_frame_address(0), &report);
		pthread_mutex_unlock(&one_at_a_time);
	}
	if (ret < 0)
		rte_errno = -ret;
	return report;
}
