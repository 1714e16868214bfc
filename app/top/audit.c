/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The answer to /tide/audit: each finding with its remedy. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"

/*
 * Write a text of a finding. DPDK's telemetry has a limit for a string, so a long one continues in NAME_2, NAME_3 and
 * so on. NULL: there is none, or no memory; else for free().
 */
static char *
text_of(const json_t *finding, const char *name)
{
	const char *part = json_string_value(json_object_get(finding, name));
	char *text = NULL, next[64];
	size_t len;
	FILE *out;

	if (part == NULL || (out = open_memstream(&text, &len)) == NULL)
		return NULL;
	for (unsigned int i = 2; part != NULL; i++) {
		fputs(part, out);
		snprintf(next, sizeof(next), "%s_%u", name, i);
		part = json_string_value(json_object_get(finding, next));
	}
	fclose(out);
	return text;
}

static bool
add_finding(const json_t *finding, struct top_lines *lines)
{
	const char *severity = json_string_value(json_object_get(finding, "severity"));
	char *fact = text_of(finding, "fact"), *remedy = text_of(finding, "remedy"), *text = NULL;
	bool is_error = severity != NULL && strcmp(severity, "error") == 0;

	if (fact != NULL &&
		asprintf(&text, "%s: %s", severity != NULL ? severity : "finding", fact) >= 0) {
		top_lines_wrap(lines, is_error ? TOP_ALARM : TOP_PLAIN, 4, text);
		free(text);
	}
	if (remedy != NULL && asprintf(&text, "    %s", remedy) >= 0) {
		top_lines_wrap(lines, TOP_PLAIN, 6, text);
		free(text);
	}
	free(remedy);
	free(fact);
	return fact != NULL;
}

void
top_block_audit(json_t *answer, struct top_lines *lines)
{
	unsigned int findings = 0;
	const char *name;
	json_t *member;

	json_object_foreach (answer, name, member) {
		if (json_is_object(member))
			findings += add_finding(member, lines);
	}
	if (findings == 0)
		top_lines_add(lines, TOP_PLAIN, "The audit has no findings.");
	for (unsigned int i = 0;; i++) {
		char limit[32], *text;

		snprintf(limit, sizeof(limit), "limit_%u", i);
		text = text_of(answer, limit);
		if (text == NULL)
			return;
		top_lines_wrap(lines, TOP_PLAIN, 2, text);
		free(text);
	}
}
