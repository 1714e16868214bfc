/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_FLOWS_H
#define FWD_FLOWS_H

/*
 * Flow accounting as main sees it: closes intervals, merges what the lcores hand over, keeps the
 * flows with most bytes and drops all others at once.
 *
 * All calls are main's.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_seqcount.h>

#include "canvas.h"
#include "error.h"
#include "flow_lcore.h"
#include "json_writer.h"
#include "loop.h"
#include "options.h"
#include "plan.h"
#include "tide_telemetry.h"

/* A flow of a report. */
struct fwd_flow_entry {
	union fwd_flow_key key;
	struct fwd_flow_sum sum;
};

/* Facts of one interval. */
struct fwd_flow_report {
	uint64_t number; /* Of the interval, from 1; 0: there was none yet. */
	uint64_t ns; /* How long it was. */
	struct fwd_flow_tally tally;
	struct fwd_flow_entry *top; /* Most bytes first. */
	unsigned int nb_top;
};

/* Where an interval is on its way to a report. */
enum fwd_flows_state {
	FWD_FLOWS_OPEN, /* It is counted. */
	FWD_FLOWS_CLOSING, /* Lcores are to hand over what they have of it. */
	FWD_FLOWS_MERGING, /* Its flows are looked through. */
	FWD_FLOWS_RETURNING, /* Reported; its memory waits for the lcores to pass. */
};

/* The last complete interval, for threads that serve clients of the telemetry sockets. */
struct fwd_flows_shared {
	rte_seqcount_t seqcount; /* Main writes. */
	uint64_t number; /* 0: there was none yet. */
	struct fwd_flow_tally tally;
};

/* The arena on a node, for the same threads. */
struct fwd_flows_place {
	char name[TIDE_PUBLISHED_NAME_MAX + 1]; /* Under which it is published. */
	const struct tide_arena *arena;
	int node;
};

struct fwd_flows {
	struct tide_arena *arena;
	struct fwd_flow_lcore *lcore[RTE_MAX_LCORE]; /* Those with queues. */
	unsigned int nb_lcores;
	int node[RTE_MAX_ETHPORTS]; /* Of the arena. */
	unsigned int nb_nodes;
	enum fwd_flows_state state;
	uint64_t period; /* Nanoseconds; 0: the whole run is one interval. */
	uint64_t begin; /* When the interval that is counted began. */
	uint64_t flipped; /* When the one before it ended. */
	uint64_t due; /* When it is to end; UINT64_MAX: with the run. */
	uint64_t closing; /* Epoch of the one before it. */
	struct fwd_flow_table *table; /* Into which the others are merged; NULL: no flows. */
	unsigned int root; /* The next to merge. */
	struct fwd_flow_top heap;
	struct fwd_flow_report next; /* In the making. */
	struct fwd_flow_report complete; /* The last interval that ended in time. */
	struct fwd_flow_report busiest; /* The one with most bytes in its flows. */
	struct fwd_flow_report unfinished; /* The one the end of the run cut off. */
	struct fwd_flows_shared shared;
	struct fwd_flows_place place[RTE_MAX_ETHPORTS]; /* One for each node. */
	struct fwd_flow_tally total; /* Of all intervals; of flows the most in one. */
	uint64_t shown; /* Number of the last complete interval that was shown. */
	bool stalled; /* An lcore has not passed for FWD_FLOWS_STALLED_NS. */
	bool stalled_news; /* And no warning was printed yet. */
	struct tide_arena_stalled reader; /* The reader of that lcore. */
};

/* Nanoseconds after which an lcore that does not pass is named. */
#define FWD_FLOWS_STALLED_NS UINT64_C(1000000000)

/* Where the flows of a port are: on its node, or if that cannot be, on that of its pool. */
int fwd_flows_node(const struct tide_plan *plan, unsigned int port);

/*
 * Make the arena and the lcores' accounts; lcore[i].flows is set for those with queues. NULL with
 * the sentence in err. The plan must outlive it.
 */
struct fwd_flows *fwd_flows_create(const struct tide_plan *plan, const struct fwd_options *opts,
	struct fwd_lcore *lcore, struct app_error *err);

/*
 * Register the lcores as readers of the arena; they must be idle. On failure -1 with the sentence in
 * err.
 */
int fwd_flows_register(struct fwd_flows *flows, struct app_error *err);

/*
 * Let clients of the telemetry sockets read the arena on each node and the last complete interval, until fwd_flows_free(). On
 * failure -1 with the sentence in err.
 */
int fwd_flows_publish(struct fwd_flows *flows, struct app_error *err);
void fwd_flows_withdraw(struct fwd_flows *flows);

/* Give them the interval that is complete. */
void fwd_flows_share(struct fwd_flows *flows);

/* Free everything, after the lcores have ended. NULL does nothing. */
void fwd_flows_free(struct fwd_flows *flows);

/* Begin to count. */
void fwd_flows_begin(struct fwd_flows *flows, uint64_t now_ns);

/*
 * Do what is due, some 50 microseconds of it, and then to the end of the root of flows that is at hand
 * (one in FWD_FLOW_ROOTS of them). Returns when to be called again, as a time;
 * now_ns: at once.
 */
uint64_t fwd_flows_step(struct fwd_flows *flows, uint64_t now_ns);

/* Tell whether the report of an interval that has ended is a moment away. */
bool fwd_flows_soon(const struct fwd_flows *flows);

/* Report what is left, after the lcores have ended. */
void fwd_flows_end(struct fwd_flows *flows, uint64_t now_ns);

/* Write where the memory of the flows is, a line for each node. */
void fwd_flows_print_memory(const struct fwd_flows *flows, FILE *out);

/* Write a report and its first flows for people, each line between before and after. */
void fwd_flows_print(const struct fwd_flow_report *report, unsigned int most, const char *before,
	const char *after, FILE *out);

/* Add the sums of a report to a screen, wrapped. */
void fwd_flows_print_sums(const struct fwd_flow_report *report, struct fwd_canvas *canvas);

/* Write its first flows as a table in which two ends of IPv4 with their ports fit into 80 columns. */
void fwd_flows_print_narrow(const struct fwd_flow_report *report, unsigned int most, FILE *out);

/* Write what is left when the run has ended. */
void fwd_flows_print_end(const struct fwd_flows *flows, FILE *out);

/* Add the reports to the object that is open. */
void fwd_flows_json(const struct fwd_flows *flows, struct app_json *json);

/* "10.0.0.1:80 > 10.0.0.2:1025 tcp"; returns text. */
#define FWD_FLOW_TEXT_LEN 128
const char *fwd_flow_text(const union fwd_flow_key *key, char text[FWD_FLOW_TEXT_LEN]);

#endif /* FWD_FLOWS_H */
