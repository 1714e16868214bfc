/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Writes the metrics of all mempools as text for Prometheus. The text has all mempools of one metric before
 * the next metric, so each mempool is sampled once, before the first line.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mempool.h>

#include "telemetry_internal.h"

struct pool_page {
	char name[RTE_MEMPOOL_NAMESIZE];
	struct tide_pool_sample sample;
};

struct pages {
	struct pool_page *pool;
	unsigned int nb, max;
	bool no_memory;
};

/* DPDK's lock of the list of mempools keeps the mempool meanwhile. */
static void
add_pool(struct rte_mempool *mp, void *arg)
{
	struct pages *pages = arg;
	struct pool_page *page;

	if (pages->nb == pages->max) {
		unsigned int max = pages->max * 2 + 8;

		page = realloc(pages->pool, max * sizeof(*page));
		if (page == NULL) {
			pages->no_memory = true;
			return;
		}
		pages->pool = page;
		pages->max = max;
	}
	page = &pages->pool[pages->nb++];
	memcpy(page->name, mp->name, sizeof(page->name));
	tide_telemetry_mempool(mp, &page->sample);
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

static void
print_metric(const struct tide_metric *m, const struct pages *pages, FILE *out)
{
	const char *total = m->kind == TIDE_METRIC_COUNTER ? "_total" : "";
	char name[TIDEI_METRIC_NAME_LEN];
	bool headed = false;

	tidei_metric_name(m, name);
	for (unsigned int i = 0; i < pages->nb; i++) {
		struct tide_metric_value value = tide_telemetry_read(m, &pages->pool[i].sample);

		if (value.state != TIDE_METRIC_KNOWN)
			continue;
		if (!headed)
			fprintf(out,
				"# HELP tide_pool_%s%s %s\n"
				"# TYPE tide_pool_%s%s %s\n",
				name, total, m->help, name, total,
				m->kind == TIDE_METRIC_COUNTER ? "counter" : "gauge");
		headed = true;
		fprintf(out, "tide_pool_%s%s{pool=\"", name, total);
		print_label(pages->pool[i].name, out);
		if (value.is_real)
			fprintf(out, "\"} %.9g\n", value.real);
		else
			fprintf(out, "\"} %" PRIu64 "\n", value.count);
	}
}

int
tide_telemetry_prometheus(FILE *out)
{
	const struct tide_metric *m;
	struct pages pages = {0};

	rte_mempool_walk(add_pool, &pages);
	if (!pages.no_memory) {
		for (unsigned int i = 0; (m = tide_telemetry_metric(TIDE_SCOPE_POOL, i)) != NULL;
			i++)
			print_metric(m, &pages, out);
	}
	free(pages.pool);
	return pages.no_memory ? -ENOMEM : 0;
}
