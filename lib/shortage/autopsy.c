/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes reports about mempools that ran dry, in a thread of their own. */

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_errno.h>

#include "eal_friend.h"
#include "shortage_internal.h"
#include "tide_locate.h"
#include "tide_log.h"

/* Waits for the end of another scan. */
#define SCAN_WAIT_MS 100
#define SCAN_WAITS   100

/* The request for the thread, which clears running last. */
static struct {
	_Atomic bool running;
	char name[RTE_MEMPOOL_NAMESIZE];
	uint64_t since;
} job;

static struct tide_locate *
scan(const char *pool)
{
	const struct tide_locate_conf conf = {.pool = pool};
	const struct timespec wait = {.tv_nsec = SCAN_WAIT_MS * 1000000L};
	struct tide_locate *report = tide_locate_create(&conf);

	for (unsigned int i = 0; report == NULL && rte_errno == EBUSY && i < SCAN_WAITS; i++) {
		nanosleep(&wait, NULL);
		report = tide_locate_create(&conf);
	}
	return report;
}

static void
write_title(const char *pool, FILE *out)
{
	time_t now = time(NULL);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&now, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fprintf(out, "--- mempool %s of %s, process %d, %s\n", pool, program_invocation_short_name,
		(int)getpid(), text);
}

/* Write the report; since: gets that failed lately, 0: unknown. */
static int
write_report(const char *pool, uint64_t since, FILE *out)
{
	struct tidei_shortage_facts facts;
	struct tide_locate *report;
	int ret = tidei_shortage_facts_find(pool, &facts);

	if (ret < 0)
		return ret;
	write_title(pool, out);
	if (since != 0)
		fprintf(out, "it ran dry: %" PRIu64 " gets failed since the last report\n", since);
	tidei_shortage_facts_dump(&facts, out);
	report = scan(pool);
	if (report != NULL)
		tide_locate_dump(report, out);
	else
		fprintf(out, "no scan for the places of its buffers: %s\n", strerror(rte_errno));
	tide_locate_free(report);
	fprintf(out, "---\n");
	return 0;
}

int
tide_shortage_report(const char *pool, FILE *out)
{
	return write_report(pool, 0, out);
}

static void
make_report(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int ret;

	ret = out != NULL ? write_report(job.name, job.since, out) : 0;
	if (out != NULL)
		fclose(out);
	if (text == NULL)
		TIDE_LOG(shortage, ERR, "mempool %s ran dry, and there is no memory for a report",
			job.name);
	else if (ret == -ENOENT)
		TIDE_LOG(shortage, WARNING, "mempool %s ran dry, and was freed before its report",
			job.name);
	else if (ret == 0)
		tidei_shortage_write(job.name, text, len);
	free(text);
}

static tidei_control_result
work(void *arg)
{
	RTE_SET_USED(arg);
	make_report();
	/* Release, with the acquire in tidei_shortage_is_busy(). */
	atomic_store_explicit(&job.running, false, memory_order_release);
	return 0;
}

bool
tidei_shortage_is_busy(void)
{
	return atomic_load_explicit(&job.running, memory_order_acquire);
}

int
tidei_shortage_autopsy(const char *name, uint64_t since)
{
	pthread_t thread;
	int ret;

	if (tidei_shortage_is_busy())
		return -EBUSY;
	snprintf(job.name, sizeof(job.name), "%s", name);
	job.since = since;
	/* Relaxed: the start of the thread orders it. */
	atomic_store_explicit(&job.running, true, memory_order_relaxed);
	ret = tidei_control_thread_start(&thread, "tide-autopsy", work, NULL);
	if (ret == 0)
		pthread_detach(thread);
	else
		atomic_store_explicit(&job.running, false, memory_order_relaxed);
	return ret;
}
