/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Writes the metrics of all mempools and published things as text for Prometheus. The text has all things of one metric
 * before the next metric, so each thing is sampled once, before the first line.
 */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <rte_mempool.h>

#include "published.h"
#include "sys_friend.h"
#include "tide_telemetry.h"

/* A thing and its sample. */
struct page {
	enum tide_metric_scope scope;
	char name[TIDE_PUBLISHED_NAME_MAX + 1]; /* Not shorter than that of a mempool. */
	union {
		struct tide_pool_sample pool;
		union tidei_published_sample published;
	} sample;
};

static_assert(TIDE_PUBLISHED_NAME_MAX + 1 >= RTE_MEMPOOL_NAMESIZE, "the name of a mempool fits");

struct pages {
	struct tidei_list list; /* struct page */
	enum tide_metric_scope scope; /* Of the pages that are added. */
	bool no_memory;
};

/* Add a page without a sample; NULL: out of memory. */
static struct page *
add(struct pages *pages, const char *name)
{
	struct page *page = tidei_list_add(&pages->list, sizeof(*page));

	if (page == NULL) {
		pages->no_memory = true;
		return NULL;
	}
	page->scope = pages->scope;
	snprintf(page->name, sizeof(page->name), "%s", name);
	return page;
}

/* DPDK's lock of the list of mempools keeps the mempool meanwhile. */
static void
add_pool(struct rte_mempool *mp, void *arg)
{
	struct page *page = add(arg, mp->name);

	if (page != NULL)
		tide_telemetry_mempool(mp, &page->sample.pool);
}

static void
add_published(const char *name, const union tidei_published_sample *sample, void *arg)
{
	struct page *page = sample == NULL ? NULL : add(arg, name);

	if (page != NULL)
		page->sample.published = *sample;
}

static void
add_all(struct pages *pages)
{
	static const enum tide_metric_scope published[] = {TIDE_SCOPE_ARENA, TIDE_SCOPE_FLOWS};

	pages->scope = TIDE_SCOPE_POOL;
	rte_mempool_walk(add_pool, pages);
	for (unsigned int i = 0; i < RTE_DIM(published); i++) {
		pages->scope = published[i];
		tidei_published_each(published[i], add_published, pages);
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

	TIDEI_LIST_EACH (pages->list, const struct page, page) {
		const struct tide_metric_label label = {
			tide_telemetry_scope_name(m->scope), page->name};
		struct tide_metric_value value;

		if (page->scope != m->scope)
			continue;
		value = tide_telemetry_read(m, &page->sample);
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

	add_all(&pages);
	if (!pages.no_memory) {
		for (unsigned int scope = 0; scope < TIDE_NB_SCOPES; scope++)
			for (unsigned int i = 0; (m = tide_telemetry_metric(scope, i)) != NULL; i++)
				print_metric(m, &pages, out);
	}
	tidei_list_free(&pages.list);
	return pages.no_memory ? -ENOMEM : 0;
}
