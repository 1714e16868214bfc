/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The endpoint /tide/audit: what is on the wrong node, too small or misused. The thread that serves the client checks. */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "endpoint.h"
#include "sys_friend.h"
#include "tide_audit.h"

/* Milliseconds of the longest look. */
#define LOOK_MAX 10000

static void
add_number(struct tidei_answer *answer, const char *name, uint32_t value)
{
	if (value != TIDE_AUDIT_NONE)
		tidei_answer_unsigned(answer, name, value);
}

static void
add_node(struct tidei_answer *answer, const char *name, int node)
{
	if (node != TIDE_NODE_UNKNOWN)
		tidei_answer_signed(answer, name, node);
}

static void
add_finding(struct tidei_answer *answer, const struct tide_audit_finding *f)
{
	tidei_answer_string(answer, "kind", tide_audit_kind_name(f->kind));
	tidei_answer_string(answer, "severity", tide_audit_severity_name(f->severity));
	if (f->pool != NULL)
		tidei_answer_string(answer, "pool", f->pool);
	add_number(answer, "port", f->port);
	add_number(answer, "queue", f->queue);
	add_number(answer, "lcore", f->lcore_id);
	add_node(answer, "node", f->node);
	add_node(answer, "home", f->home);
	for (unsigned int i = 0; i < f->nb_figures; i++)
		tidei_answer_unsigned(answer, f->figures[i].name, f->figures[i].value);
	tidei_answer_string(answer, "fact", f->fact);
	tidei_answer_string(answer, "remedy", f->remedy);
}

static void
add_counts(struct tidei_answer *answer, const struct tide_audit *audit)
{
	unsigned int errors = tide_audit_count(audit, TIDE_AUDIT_ERROR);
	unsigned int warnings = tide_audit_count(audit, TIDE_AUDIT_WARNING) - errors;

	tidei_answer_unsigned(answer, "errors", errors);
	tidei_answer_unsigned(answer, "warnings", warnings);
	tidei_answer_unsigned(
		answer, "infos", tide_audit_count(audit, TIDE_AUDIT_INFO) - errors - warnings);
}

static void
add_all(struct tidei_answer *answer, const struct tide_audit *audit)
{
	struct tide_audit_finding f;
	const char *limit;

	for (unsigned int i = 0; tide_audit_finding(audit, i, &f); i++) {
		tidei_answer_open_entry(answer, "finding", i);
		add_finding(answer, &f);
		tidei_answer_close(answer);
	}
	for (unsigned int i = 0; (limit = tide_audit_limit(audit, i)) != NULL; i++)
		tidei_answer_string_entry(answer, "limit", i, limit);
}

void
tidei_endpoint_audit(const char *params, struct tidei_answer *answer)
{
	struct tide_audit_conf conf = {0};
	struct tide_audit *audit;
	uint64_t look_ms = 0;

	if (params[0] != '\0' &&
		tidei_number_parse(params, strlen(params), LOOK_MAX, &look_ms) != 0) {
		tidei_answer_refuse(answer,
			"the parameter is the time to look at packets, 1 to %d milliseconds; "
			"without it "
			"the audit does not look",
			LOOK_MAX);
		return;
	}
	conf.look_ms = (unsigned int)look_ms;
	audit = tide_audit_create(&conf);
	if (audit == NULL) {
		tidei_answer_refuse(answer, "%s",
			rte_errno == EBUSY
				? "another audit looks at packets: ask again in 10 seconds"
				: strerror(rte_errno));
		return;
	}
	tidei_answer_start(answer);
	add_counts(answer, audit);
	add_all(answer, audit);
	tide_audit_free(audit);
}
