/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Takes a sample of a mempool of any ops, and writes samples as text for Prometheus. */

#include <inttypes.h>

#include <rte_mempool.h>

#include "mempool_friend.h"
#include "tide_telemetry.h"

void
tide_telemetry_mempool(const struct rte_mempool *mp, struct tide_pool_sample *sample)
{
	*sample = (struct tide_pool_sample){
		.stats.node = mp->socket_id,
		.stats.size = mp->size,
		.stats.free = rte_mempool_avail_count(mp),
		.stats.cached = tidei_mempool_cached(mp),
		.stats.spilled_out = TIDE_COUNT_NONE,
		.stats.spilled_in = TIDE_COUNT_NONE,
		.kept_by_drivers = TIDE_COUNT_NONE,
		.checks = TIDE_COUNT_NONE,
		.moved_pages = TIDE_COUNT_NONE,
		.moved_pages_worst = TIDE_COUNT_NONE,
		.thp_lost = TIDE_COUNT_NONE,
	};
	sample->stats.in_use = sample->stats.size - sample->stats.free;
	sample->counts = tide_mempool_stats(mp, &sample->tide) == 0;
	if (sample->counts) {
		sample->stats.failures = sample->tide.failures;
		sample->stats.misuse =
			sample->tide.double_free + sample->tide.foreign + sample->tide.misaligned;
	}
}

/* A label's value may have any character; Prometheus wants these three escaped. */
static void
print_label(const char *text, FILE *out)
{
	for (; *text != '\0'; text++) {
		if (*text == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
}

struct page {
	const struct tide_metric *metric;
	bool headed; /* The lines about the metric were printed. */
	FILE *out;
};

static void
print_sample(struct rte_mempool *mp, void *arg)
{
	struct page *page = arg;
	const struct tide_metric *m = page->metric;
	const char *group = m->group != NULL ? m->group : "", *mark = m->group != NULL ? "_" : "";
	const char *total = m->kind == TIDE_METRIC_COUNTER ? "_total" : "";
	struct tide_pool_sample sample;
	struct tide_metric_value value;

	tide_telemetry_mempool(mp, &sample);
	value = tide_telemetry_read(m, &sample);
	if (value.state != TIDE_METRIC_KNOWN)
		return;
	if (!page->headed) {
		fprintf(page->out, "# HELP tide_pool_%s%s%s%s %s\n", group, mark, m->name, total,
			m->help);
		fprintf(page->out, "# TYPE tide_pool_%s%s%s%s %s\n", group, mark, m->name, total,
			m->kind == TIDE_METRIC_COUNTER ? "counter" : "gauge");
	}
	page->headed = true;
	fprintf(page->out, "tide_pool_%s%s%s%s{pool=\"", group, mark, m->name, total);
	print_label(mp->name, page->out);
	if (value.is_real)
		fprintf(page->out, "\"} %.9g\n", value.real);
	else
		fprintf(page->out, "\"} %" PRIu64 "\n", value.count);
}

void
tide_telemetry_prometheus(FILE *out)
{
	struct page page = {.out = out};

	for (unsigned int i = 0; (page.metric = tide_telemetry_metric(TIDE_SCOPE_POOL, i)) != NULL;
		i++) {
		page.headed = false;
		/* DPDK's lock of the list of mempools keeps each of them while its line is written. */
		rte_mempool_walk(print_sample, &page);
	}
}
