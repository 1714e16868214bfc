/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Prints the results: a table of claims by handlers with reasons below it, or JSON. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_version.h>

#include "runner.h"

const char *
verdict_name(enum verdict verdict)
{
	static const char *const name[VERDICTS] = {"pass", "FAIL", "skip", "CRASH", "HANG"};

	return name[verdict];
}

const char *
basis_name(enum basis basis)
{
	static const char *const name[] = {"contract", "users", "extra"};

	return name[basis];
}

static int
width_of(const struct table *table)
{
	size_t width = 0;

	for (unsigned int c = 0; c < table->n_claims; c++)
		if (strlen(table->claims[c]->name) > width)
			width = strlen(table->claims[c]->name);
	return (int)width;
}

static int
column_of(const struct table *table, unsigned int ops)
{
	return strlen(table->ops[ops]) > 5 ? (int)strlen(table->ops[ops]) : 5;
}

static void
print_rows(const struct table *table)
{
	int width = width_of(table);

	printf("%-*s  %-8s", width, "claim", "written");
	for (unsigned int o = 0; o < table->n_ops; o++)
		printf("  %-*s", column_of(table, o), table->ops[o]);
	printf("\n");
	for (unsigned int c = 0; c < table->n_claims; c++) {
		printf("%-*s  %-8s", width, table->claims[c]->name,
			basis_name(table->claims[c]->basis));
		for (unsigned int o = 0; o < table->n_ops; o++)
			printf("  %-*s", column_of(table, o),
				verdict_name(table_at(table, c, o)->verdict));
		printf("\n");
	}
}

static void
print_reasons(const struct table *table, bool passed)
{
	for (unsigned int o = 0; o < table->n_ops; o++)
		for (unsigned int c = 0; c < table->n_claims; c++) {
			const struct result *r = table_at(table, c, o);

			if ((r->verdict == VERDICT_PASS) == passed && r->reason[0] != '\0')
				printf("%s: %s: %s: %s\n", table->ops[o], table->claims[c]->name,
					verdict_name(r->verdict), r->reason);
		}
}

static void
print_totals(const struct table *table)
{
	for (unsigned int o = 0; o < table->n_ops; o++) {
		unsigned int n[VERDICTS] = {0};

		for (unsigned int c = 0; c < table->n_claims; c++)
			n[table_at(table, c, o)->verdict]++;
		printf("%s: %u passed, %u failed, %u crashed, %u hung, %u skipped of %u\n",
			table->ops[o], n[VERDICT_PASS], n[VERDICT_FAIL], n[VERDICT_CRASH],
			n[VERDICT_HANG], n[VERDICT_SKIP], table->n_claims);
	}
}

void
table_print(const struct table *table, const struct options *options)
{
	printf("%s, seed %" PRIu64 "\n\n", rte_version(), options->seed);
	print_rows(table);
	printf("\n");
	print_reasons(table, false);
	printf("\n");
	print_reasons(table, true);
	printf("\n");
	print_totals(table);
}

static void
json_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void
json_member(FILE *f, const char *name, const char *value, const char *after)
{
	json_string(f, name);
	fputs(": ", f);
	json_string(f, value);
	fputs(after, f);
}

static void
json_results(FILE *f, const struct table *table, unsigned int c)
{
	fputs("\"results\": {", f);
	for (unsigned int o = 0; o < table->n_ops; o++) {
		const struct result *r = table_at(table, c, o);

		fputs(o == 0 ? "\n    " : ",\n    ", f);
		json_string(f, table->ops[o]);
		fputs(": {", f);
		json_member(f, "verdict", verdict_name(r->verdict), ", ");
		json_member(f, "reason", r->reason, ", ");
		fprintf(f, "\"seconds\": %.3f}", r->seconds);
	}
	fputs("}", f);
}

int
table_write_json(const struct table *table, const struct options *options)
{
	FILE *f = fopen(options->json, "w");

	if (f == NULL)
		return -1;
	fputs("{", f);
	json_member(f, "dpdk", rte_version(), ", ");
	fprintf(f, "\"seed\": %" PRIu64 ", \"claims\": [", options->seed);
	for (unsigned int c = 0; c < table->n_claims; c++) {
		fputs(c == 0 ? "\n  {" : ",\n  {", f);
		json_member(f, "claim", table->claims[c]->name, ", ");
		json_member(f, "sentence", table->claims[c]->sentence, ", ");
		json_member(f, "written", basis_name(table->claims[c]->basis), ", ");
		json_results(f, table, c);
		fputs("}", f);
	}
	fputs("\n]}\n", f);
	return fclose(f) == 0 ? 0 : -1;
}
