/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TELEMETRY_ENDPOINT_H
#define TELEMETRY_ENDPOINT_H

/*
 * The endpoints /tide/...: each is one function, which any thread may call at any time after rte_eal_init(), also
 * several at once. It starts and fills the answer, or refuses. params is what follows the comma, an empty string if
 * nothing does. To add one, add a line to TIDEI_ENDPOINTS and a source for each family.
 */

#include <stddef.h>

#include <rte_mempool.h>

#include "answer.h"
#include "tide_telemetry.h"

/* Command, function, whether it takes more than some 10 ms, and the help, one sentence or two, in less than RTE_TEL_MAX_STRING_LEN bytes. */
/* clang-format off */
#define TIDEI_ENDPOINTS(X) \
	X("/tide/arena", tidei_endpoint_arena, false, \
		"Returns the metrics of the arenas that the program has published. Parameter: a name, or none for all") \
	X("/tide/audit", tidei_endpoint_audit, true, \
		"Finds what is on the wrong node, too small or misused. Parameter: milliseconds to look at packets, or none") \
	X("/tide/flows", tidei_endpoint_flows, false, \
		"Returns the metrics of the flows that the program has published. Parameter: a name, or none for all") \
	X("/tide/owners", tidei_endpoint_owners, false, \
		"Lists the owners of the outstanding buffers of a mempool with the tide ops. Parameter: its name") \
	X("/tide/pool", tidei_endpoint_pool, false, \
		"Returns the metrics of a mempool of any ops. Parameter: its name") \
	X("/tide/pools", tidei_endpoint_pools, false, \
		"Lists the mempools of this process. Takes no parameters") \
	X("/tide/regions", tidei_endpoint_regions, true, \
		"Tells on which nodes the memory of mempools is. Parameter: a name for each region of one, or none for all") \
	X("/tide/scan", tidei_endpoint_scan, true, \
		"Finds where the outstanding buffers of a mempool are, and which are leaked. Parameter: its name")
/* clang-format on */

#define TIDEI_ENDPOINT_DECLARE(command, function, slow, help) \
	void function(const char *params, struct tidei_answer *answer);
TIDEI_ENDPOINTS(TIDEI_ENDPOINT_DECLARE)

struct tidei_endpoint {
	const char *command;
	void (*answer)(const char *params, struct tidei_answer *answer);
	bool slow;
	const char *help;
};

/* The i-th endpoint, in the order of the commands; NULL: there is none. */
const struct tidei_endpoint *tidei_endpoint(unsigned int i);

/* The endpoint of a command; NULL: there is none. */
const struct tidei_endpoint *tidei_endpoint_find(const char *command);

/* Register the endpoints with DPDK's telemetry. Once, before that starts or later. */
void tidei_endpoints_register(void);

/* The sentence for a process whose EAL has ended. */
#define TIDEI_ENDPOINT_ENDED "the program has ended EAL, so it has no mempools any more"

/*
 * Let answer_for() answer for the mempool that the parameter names, while it cannot be freed; refuse if there is none.
 */
void tidei_endpoint_for_mempool(const char *params, struct tidei_answer *answer,
	void (*answer_for)(struct rte_mempool *mp, struct tidei_answer *answer));

/* Add the metrics of a scope that a sample of it knows. */
void tidei_endpoint_metrics(
	struct tidei_answer *answer, enum tide_metric_scope scope, const void *sample);

/* The sentence for a name that no mempool has, as a format for the name. */
#define TIDEI_ENDPOINT_ABSENT "no mempool is called %.60s: /tide/pools lists them"

/* The sentence for a command that lacks the name of a mempool. */
#define TIDEI_ENDPOINT_UNNAMED "name a mempool after a comma: /tide/pools lists them"

#endif /* TELEMETRY_ENDPOINT_H */
