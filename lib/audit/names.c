/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Names kinds and severities. */

#include <assert.h>

#include "audit_internal.h"

static const char *const kinds[] = {
	[TIDE_AUDIT_PAGES_AWAY] = "pages_away",
	[TIDE_AUDIT_QUEUE_REMOTE] = "queue_remote",
	[TIDE_AUDIT_POLLED_REMOTELY] = "polled_remotely",
	[TIDE_AUDIT_CACHE_TOO_LARGE] = "cache_too_large",
	[TIDE_AUDIT_NEAR_PEAK] = "near_peak",
	[TIDE_AUDIT_MISUSE] = "misuse",
	[TIDE_AUDIT_OPS_TABLE] = "ops_table",
	[TIDE_AUDIT_NUMA_BALANCING] = "numa_balancing",
	[TIDE_AUDIT_DEAD_PAGES] = "dead_pages",
	[TIDE_AUDIT_NODE_UNKNOWN] = "node_unknown",
	[TIDE_AUDIT_NO_HEAP] = "no_heap",
};
static_assert(RTE_DIM(kinds) == TIDE_AUDIT_KINDS, "each kind has a name");

static const char *const severities[] = {
	[TIDE_AUDIT_INFO] = "info",
	[TIDE_AUDIT_WARNING] = "warning",
	[TIDE_AUDIT_ERROR] = "error",
};

const char *
tide_audit_kind_name(enum tide_audit_kind kind)
{
	return (unsigned int)kind < RTE_DIM(kinds) ? kinds[kind] : "unknown";
}

const char *
tide_audit_severity_name(enum tide_audit_severity severity)
{
	return (unsigned int)severity < RTE_DIM(severities) ? severities[severity] : "unknown";
}
