/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_CANDIDATE_H
#define BENCH_CANDIDATE_H

/*
 * A candidate is what a scenario measures: mempool ops, an extra candidate that one scenario adds in
 * place of ops, or the baseline, which is the same loop without an allocator.
 */

#include <stdbool.h>
#include <string.h>

#include <rte_mempool.h>

#define BENCH_EXTRAS_MAX     16
#define BENCH_CANDIDATES_MAX (RTE_MEMPOOL_MAX_OPS_IDX + 2 + BENCH_EXTRAS_MAX)
#define BENCH_BASELINE       "baseline"
#define BENCH_SUBJECT        "tide" /* The ops of this library, which are compared with their peers. */
#define BENCH_SET            "tide_pool"
#define BENCH_REASON_MAX     192

struct scenario;

struct candidate {
	char name[RTE_MEMPOOL_OPS_NAMESIZE];
	bool baseline;
	bool set; /* Not ops, but tide_pool_create(): takes part where memory is new. */
	const struct scenario *extra_of; /* The scenario that added it; NULL: none did. */
	const void *extra; /* That scenario's own data on it. */
	bool no_peer; /* An extra candidate that is no peer of the subject. */
	bool single_consumer; /* Only one thread at a time may get. */
	bool single_producer; /* Only one thread at a time may put. */
	bool present; /* Takes part in the run; otherwise reason says why it does not. */
	char reason[BENCH_REASON_MAX];
};

/*
 * Whether a candidate is a peer of the subject: ops of DPDK that any number of threads may use, as the
 * subject may be used, or an extra candidate that serves in place of the subject.
 */
static inline bool
candidate_is_peer(const struct candidate *c)
{
	return !c->baseline && !c->set && !c->no_peer && !c->single_consumer &&
	       !c->single_producer && strcmp(c->name, BENCH_SUBJECT) != 0;
}

#endif /* BENCH_CANDIDATE_H */
