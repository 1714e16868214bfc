/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Prints an audit. */

#include <ctype.h>
#include <stdio.h>

#include "audit_internal.h"

/* Names of mempools and files have any bytes, and a terminal obeys control characters. */
static void
print(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		putc(iscntrl((unsigned char)*text) ? '?' : *text, out);
	putc('\n', out);
}

void
tide_audit_dump(const struct tide_audit *audit, FILE *out)
{
	struct tide_audit_finding f;
	const char *text;

	fprintf(out, "%u findings: %u errors, %u warnings\n",
		tide_audit_count(audit, TIDE_AUDIT_INFO), tide_audit_count(audit, TIDE_AUDIT_ERROR),
		tide_audit_count(audit, TIDE_AUDIT_WARNING) -
			tide_audit_count(audit, TIDE_AUDIT_ERROR));
	for (unsigned int i = 0; tide_audit_finding(audit, i, &f); i++) {
		fprintf(out, "%s: %s: ", tide_audit_severity_name(f.severity),
			tide_audit_kind_name(f.kind));
		print(out, f.fact);
		fprintf(out, "  remedy: ");
		print(out, f.remedy);
	}
	for (unsigned int i = 0; (text = tide_audit_limit(audit, i)) != NULL; i++) {
		fprintf(out, "%s  ", i == 0 ? "limits:\n" : "");
		print(out, text);
	}
}
