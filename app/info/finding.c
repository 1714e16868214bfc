/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info: keeps findings, and writes them. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"

static const char *const grades[] = {
	[FINDING_NOTE] = "note",
	[FINDING_UNKNOWN] = "unknown",
	[FINDING_WRONG] = "wrong",
};

bool
findings_init(struct findings *findings)
{
	memset(findings, 0, sizeof(*findings));
	findings->list = calloc(FINDINGS_MAX, sizeof(*findings->list));
	return findings->list != NULL;
}

void
findings_fini(struct findings *findings)
{
	free(findings->list);
	findings->list = NULL;
}

struct finding *
finding_add(
	struct findings *findings, enum finding_grade grade, const char *code, const char *fmt, ...)
{
	struct finding *finding = &findings->spare;
	va_list ap;

	if (findings->nb < FINDINGS_MAX)
		finding = &findings->list[findings->nb++];
	else
		findings->left_out++;
	findings->count[grade]++;
	*finding = (struct finding){.grade = grade, .code = code};
	va_start(ap, fmt);
	vsnprintf(finding->text, sizeof(finding->text), fmt, ap);
	va_end(ap);
	return finding;
}

void
finding_remedy(struct finding *finding, const char *fmt, ...)
{
	size_t used = strlen(finding->remedy);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(finding->remedy + used, sizeof(finding->remedy) - used, fmt, ap);
	va_end(ap);
}

int
findings_exit(const struct findings *findings)
{
	if (findings->count[FINDING_WRONG] != 0)
		return FINDING_EXIT_WRONG;
	return findings->count[FINDING_UNKNOWN] != 0 ? FINDING_EXIT_UNKNOWN : FINDING_EXIT_WELL;
}

const char *
findings_result(const struct findings *findings)
{
	if (findings->count[FINDING_WRONG] != 0)
		return grades[FINDING_WRONG];
	return findings->count[FINDING_UNKNOWN] != 0 ? grades[FINDING_UNKNOWN] : "well";
}

void
findings_text(const struct findings *findings, FILE *out)
{
	for (int grade = FINDING_WRONG; grade >= FINDING_NOTE; grade--) {
		for (unsigned int i = 0; i < findings->nb; i++) {
			const struct finding *finding = &findings->list[i];

			if ((int)finding->grade != grade)
				continue;
			fprintf(out, "%-8s %s\n", grades[grade], finding->text);
			if (finding->remedy[0] != '\0')
				fprintf(out, "%-8s remedy: %s\n", "", finding->remedy);
		}
	}
	if (findings->left_out != 0)
		fprintf(out, "%-8s %u more findings are not shown\n", "", findings->left_out);
}

void
findings_json(const struct findings *findings, struct app_json *json)
{
	app_json_array(json, "findings");
	for (unsigned int i = 0; i < findings->nb; i++) {
		const struct finding *finding = &findings->list[i];

		app_json_object(json, NULL);
		app_json_text(json, "grade", grades[finding->grade]);
		app_json_text(json, "code", finding->code);
		app_json_text(json, "text", finding->text);
		app_json_text(json, "remedy", finding->remedy[0] == '\0' ? NULL : finding->remedy);
		app_json_object_end(json);
	}
	app_json_array_end(json);
	app_json_uint(json, "findings_left_out", findings->left_out);
}
