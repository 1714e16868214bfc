/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Keeps the findings and limits of an audit. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_internal.h"

char *
tidei_audit_text(const char *format, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		text = NULL;
	va_end(ap);
	return text;
}

/* Make the name of the mempool a string of the audit's own. */
static bool
keep_pool(struct tide_audit_finding *finding)
{
	if (finding->pool != NULL)
		finding->pool = strdup(finding->pool);
	return finding->pool != NULL;
}

void
tidei_audit_note(struct tide_audit *audit, const struct tide_audit_finding *finding, char *fact,
	char *remedy)
{
	struct tide_audit_finding *kept = NULL;

	if (fact != NULL && remedy != NULL)
		kept = tidei_list_add(&audit->findings, sizeof(*kept));
	if (kept == NULL) {
		audit->failed = true;
		free(fact);
		free(remedy);
		return;
	}
	*kept = *finding;
	kept->fact = fact;
	kept->remedy = remedy;
	if (finding->pool != NULL && !keep_pool(kept))
		audit->failed = true;
}

void
tidei_audit_cannot_know(struct tide_audit *audit, char *text)
{
	char **kept = text == NULL ? NULL : tidei_list_add(&audit->limits, sizeof(*kept));

	if (kept != NULL) {
		*kept = text;
		return;
	}
	audit->failed = true;
	free(text);
}

void
tidei_audit_figure(struct tide_audit_finding *finding, const char *name, uint64_t value)
{
	if (finding->nb_figures < TIDE_AUDIT_FIGURES_MAX)
		finding->figures[finding->nb_figures++] =
			(struct tide_audit_figure){.name = name, .value = value};
}

void
tide_audit_free(struct tide_audit *audit)
{
	if (audit == NULL)
		return;
	TIDEI_LIST_EACH (audit->findings, struct tide_audit_finding, f) {
		free((void *)(uintptr_t)f->pool);
		free((void *)(uintptr_t)f->fact);
		free((void *)(uintptr_t)f->remedy);
	}
	TIDEI_LIST_EACH (audit->limits, char *, limit)
		free(*limit);
	free(audit->findings.at);
	free(audit->limits.at);
	free(audit);
}

unsigned int
tide_audit_count(const struct tide_audit *audit, enum tide_audit_severity least)
{
	unsigned int count = 0;

	TIDEI_LIST_EACH (audit->findings, const struct tide_audit_finding, f)
		count += f->severity >= least;
	return count;
}

bool
tide_audit_finding(
	const struct tide_audit *audit, unsigned int i, struct tide_audit_finding *finding)
{
	if (i >= audit->findings.nb)
		return false;
	*finding = ((const struct tide_audit_finding *)audit->findings.at)[i];
	return true;
}

const char *
tide_audit_limit(const struct tide_audit *audit, unsigned int i)
{
	return i < audit->limits.nb ? ((char *const *)audit->limits.at)[i] : NULL;
}
