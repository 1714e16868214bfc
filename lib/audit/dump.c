/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Prints an audit. */

#include "audit_internal.h"

void
tide_audit_dump(const struct tide_audit *audit, FILE *out)
{
	struct tide_audit_finding f;
	const char *text;

	fprintf(out, "%u findings: %u errors, %u warnings\n",
		tide_audit_count(audit, TIDE_AUDIT_INFO), tide_audit_count(audit, TIDE_AUDIT_ERROR),
		tide_audit_count(audit, TIDE_AUDIT_WARNING) -
			tide_audit_count(audit, TIDE_AUDIT_ERROR));
	for (unsigned int i = 0; tide_audit_finding(audit, i, &f); i++)
		fprintf(out, "%s: %s: %s\n  remedy: %s\n", tide_audit_severity_name(f.severity),
			tide_audit_kind_name(f.kind), f.fact, f.remedy);
	for (unsigned int i = 0; (text = tide_audit_limit(audit, i)) != NULL; i++)
		fprintf(out, "%s  %s\n", i == 0 ? "limits:\n" : "", text);
}
