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

#include "tide_telemetry.h"

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

/* Write the name that Prometheus has for a metric. */
static void
print_name(const struct tide_metric *m, FILE *out)
{
	char name[TIDE_METRIC_NAME_MAX];

	tide_telemetry_metric_name(m, name);
	fprintf(out, "tide_%s_%s%s", tide_telemetry_scope_name(m->scope), name,
		m->kind == TIDE_METRIC_COUNTER ? "_total" : "");
}

void
tide_telemetry_prometheus_head(const struct tide_metric *metric, FILE *out)
{
	fputs("# HELP ", out);
	print_name(metric, out);
	fprintf(out, " %s\n# TYPE ", metric->help);
	print_name(metric, out);
	fprintf(out, " %s\n", metric->kind == TIDE_METRIC_COUNTER ? "counter" : "gauge");
}

void
tide_telemetry_prometheus_value(const struct tide_metric *metric,
	const struct tide_metric_label *labels, unsigned int nb_labels,
	struct tide_metric_value value, FILE *out)
{
	if (value.state != TIDE_METRIC_KNOWN)
		return;
	print_name(metric, out);
	for (unsigned int i = 0; i < nb_labels; i++) {
		fprintf(out, "%c%s=\"", i == 0 ? '{' : ',', labels[i].name);
		print_label(labels[i].value, out);
		fputc('"', out);
	}
	if (nb_labels > 0)
		fputc('}', out);
	if (value.is_real)
		fprintf(out, " %.9g\n", value.real);
	else
		fprintf(out, " %" PRIu64 "\n", value.count);
}

static void
print_metric(const struct tide_metric *m, const struct pages *pages, FILE *out)
{
	bool headed = false;

	for (unsigned int i = 0; i < pages->nb; i++) {
		const struct tide_metric_label label = {"pool", pages->pool[i].name};
		struct tide_metric_value value = tide_telemetry_read(m, &pages->pool[i].sample);

		if (value.state != TIDE_METRIC_KNOWN)
			continue;
		if (!headed)
			tide_telemetry_prometheus_head(m, out);
		headed = true;
		tide_telemetry_prometheus_value(m, &label, 1, value, out);
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
