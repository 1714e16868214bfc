/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: compares what was measured with what is wanted. */

#include <string.h>

#include "judge.h"
#include "reckon.h"

typedef void tell_fn(const struct verdict *v, void *arg);

static bool
speaks_of(const struct bar *bar, const struct work *work)
{
	return strcmp(bar->scenario, work->scenario->name) == 0 && bar_fits(bar, work->label) &&
	       (bar->cache == BAR_ANY || (unsigned int)bar->cache == work->cache) &&
	       (bar->bulk == 0 || bar->bulk == work->bulk) && work->buffers >= bar->buffers &&
	       bar->fresh == work->fresh;
}

static const struct row *
row_of(const struct bench *bench, const struct result *result, const char *name)
{
	for (unsigned int i = 0; i < bench->nb_candidates; i++)
		if (strcmp(bench->candidate[i].name, name) == 0 && reckon_valid(&result->row[i]))
			return &result->row[i];
	return NULL;
}

/* The smallest pool of the same scenario with the same cache. */
static const struct result *
smallest(const struct bench *bench, const struct work *work)
{
	const struct result *found = NULL;

	for (unsigned int i = 0; i < bench->nb_results; i++) {
		const struct work *w = &bench->result[i].work;

		if (w->scenario == work->scenario && w->cache == work->cache &&
			(found == NULL || w->buffers < found->work.buffers))
			found = &bench->result[i];
	}
	return found;
}

static bool
is_largest(const struct bench *bench, const struct work *work)
{
	for (unsigned int i = 0; i < bench->nb_results; i++) {
		const struct work *w = &bench->result[i].work;

		if (w->scenario == work->scenario && w->cache == work->cache &&
			w->buffers > work->buffers)
			return false;
	}
	return true;
}

/* What the subject is compared with; names it in v. NULL: nothing there. */
static const struct row *
reference(const struct bench *bench, const struct result *result, struct verdict *v)
{
	const struct result *small;

	switch (v->bar->against) {
	case BAR_NAMED:
		v->against = v->bar->peer;
		return row_of(bench, result, v->bar->peer);
	case BAR_SMALLEST:
		small = smallest(bench, &result->work);
		v->against = "its smallest pool";
		return small == result ? NULL : row_of(bench, small, v->bar->subject);
	default:
		v->against = "best peer";
		if (result->best < 0)
			return NULL;
		v->against = bench->candidate[result->best].name;
		return &result->row[result->best];
	}
}

static void
judge_result(const struct bench *bench, const struct bar *bar, const struct result *result,
	tell_fn *tell, void *arg)
{
	const struct row *subject = row_of(bench, result, bar->subject), *ref = NULL;
	struct verdict v = {.bar = bar, .work = &result->work, .rounds = result->rounds};

	v.against = "itself";
	if (bar->against != BAR_NOTHING)
		ref = reference(bench, result, &v);
	if (subject == NULL) {
		v.why = "it took no part";
	} else if (ref == NULL && bar->against != BAR_NOTHING) {
		v.why = "there is nothing to compare with";
	} else {
		v.measured = true;
		v.figure = bar_figure(bar, result->work.more_is_better, subject->stats.median,
			ref != NULL ? ref->stats.median : 0);
		v.reached = bar_reached(bar, v.figure);
	}
	tell(&v, arg);
}

static bool
wanted(const struct bench *bench, const struct bar *bar)
{
	if (!bar_counts(bar, bench->ledger))
		return false;
	for (unsigned int i = 0; scenarios[i] != NULL; i++)
		if (bench->opt.words & UINT32_C(1) << i &&
			strcmp(scenarios[i]->name, bar->scenario) == 0)
			return true;
	return false;
}

static void
judge_bar(const struct bench *bench, const struct bar *bar, tell_fn *tell, void *arg)
{
	const struct verdict none = {
		.bar = bar,
		.against = bar->peer != NULL ? bar->peer : "best peer",
		.why = "no such work was measured",
	};
	bool found = false;

	for (unsigned int i = 0; i < bench->nb_results; i++) {
		const struct result *result = &bench->result[i];

		if (!speaks_of(bar, &result->work))
			continue;
		if (bar->against == BAR_SMALLEST && !is_largest(bench, &result->work))
			continue;
		judge_result(bench, bar, result, tell, arg);
		found = true;
	}
	if (!found)
		tell(&none, arg);
}

void
judge(const struct bench *bench, tell_fn *tell, void *arg)
{
	for (const struct bar *bar = bars; bar->scenario != NULL; bar++)
		if (wanted(bench, bar))
			judge_bar(bench, bar, tell, arg);
}

static void
print(const struct verdict *v, void *arg)
{
	char wanted_text[32], label[BENCH_LABEL_MAX];
	FILE *out = arg;

	snprintf(wanted_text, sizeof(wanted_text), "%s %.4g%s",
		v->bar->kind == BAR_TIMES  ? ">="
		: v->bar->kind == BAR_MORE ? "+<="
					   : "<=",
		v->bar->limit,
		v->bar->against == BAR_NOTHING || v->bar->kind == BAR_MORE ? "" : "x");
	if (v->work != NULL)
		snprintf(label, sizeof(label), "%s", v->work->label);
	else if (v->bar->label != NULL)
		snprintf(label, sizeof(label), "%s", v->bar->label);
	else if (v->bar->cache != BAR_ANY)
		snprintf(label, sizeof(label), "cache %d", v->bar->cache);
	else
		label[0] = '\0';
	fprintf(out, "  %-9s %-10s %-50s %-18s %-8s ", v->bar->scenario, v->bar->subject, label,
		v->against, wanted_text);
	if (v->measured)
		fprintf(out, "%8.3f  %s%s\n", v->figure, v->reached ? "reached" : "missed",
			v->rounds < BARS_ROUNDS && !v->work->scenario->exact ? " (few rounds)"
									     : "");
	else
		fprintf(out, "%8s  not measured: %s\n", "-", v->why);
}

void
judge_print(FILE *out, const struct bench *bench)
{
	fprintf(out, "\nbars, on medians:\n  %-9s %-10s %-50s %-18s %-8s %8s\n", "", "", "",
		"against", "wanted", "found");
	judge(bench, print, out);
	fflush(out);
}
