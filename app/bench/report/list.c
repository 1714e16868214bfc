/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: lists of scenarios and candidates. */

#include "report/list.h"

void
list_names(struct scenario_names *names)
{
	const struct scenario *const *all = scenarios();

	memset(names, 0, sizeof(*names));
	for (unsigned int i = 0; all[i] != NULL; i++) {
		names->name[i] = all[i]->name;
		names->summary[i] = all[i]->summary;
	}
}

/* Print a text with each line indented. */
static void
print_indented(FILE *out, const char *text)
{
	while (*text != '\0') {
		int len = (int)strcspn(text, "\n");

		fprintf(out, "  %.*s\n", len, text);
		text += len;
		text += *text == '\n';
	}
}

void
list_describe(FILE *out, const struct bench *bench)
{
	const struct scenario *const *all = scenarios();

	for (unsigned int i = 0; all[i] != NULL; i++) {
		if (!bench_runs(bench, i))
			continue;
		fprintf(out, "%s, in %s:\n", all[i]->name, all[i]->unit);
		print_indented(out, all[i]->description);
	}
}

static void
print_candidate(FILE *out, const struct candidate *c)
{
	fprintf(out, "  %-16s %s\n", c->name, c->present ? "works" : c->reason);
}

/* The candidates of one scenario follow one another. */
static void
print_extras(FILE *out, const struct bench *bench)
{
	const struct scenario *last = NULL;

	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		const struct candidate *c = &bench->candidate[i];

		if (c->extra_of == NULL)
			continue;
		if (c->extra_of != last)
			fprintf(out, "instead of them, in %s:\n", c->extra_of->name);
		last = c->extra_of;
		print_candidate(out, c);
	}
}

void
list_print(FILE *out, const struct bench *bench)
{
	const struct scenario *const *all = scenarios();

	fputs("scenarios:\n", out);
	for (unsigned int i = 0; all[i] != NULL; i++)
		fprintf(out, "  %-14s  %s\n", all[i]->name, all[i]->summary);
	fputs("mempool ops:\n", out);
	for (unsigned int i = 0; i < bench->nb_candidates; i++) {
		const struct candidate *c = &bench->candidate[i];

		if (!c->baseline && !c->set && c->extra_of == NULL)
			print_candidate(out, c);
	}
	print_extras(out, bench);
}
