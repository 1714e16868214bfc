/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef CONFORM_RUNNER_H
#define CONFORM_RUNNER_H

/* Interface between the program, which never starts EAL, and its children, which do. */

#include "conform.h"

#define OPS_MAX       16 /* Places in DPDK's table. */
#define OPS_NAME      32
#define LIMIT_SECONDS 20

/* The descriptor of the pipe from a child to the runner. */
#define REPORT_FD 3

/* Exit code of a child whose EAL did not start. */
#define EXIT_EAL 4

/* Letters that begin a line of a child's report. */
#define REPORT_OPS       'O' /* A registered name. */
#define REPORT_DIRECTORY 'D' /* A file to remove after the child. */
#define REPORT_CRASH     'C' /* Where it crashed. */
#define REPORT_VERDICT   'V' /* The number of the verdict, a space, the reason. */

struct options {
	int eal_argc; /* The user's arguments for EAL, the program first. */
	char **eal_argv;
	const char *ops; /* A list, or "all". */
	const char *claims;
	const char *must;
	const char *serial;
	const char *json;
	uint64_t seed;
	unsigned int jobs;
	bool list;
	bool verbose;
	/* Of children. */
	const char *try;
	const char *second;
	const char *prefix;
};

struct result {
	enum verdict verdict;
	double seconds;
	char reason[320];
};

/* The trials and their results. */
struct table {
	unsigned int n_ops;
	char ops[OPS_MAX][OPS_NAME];
	unsigned int n_claims;
	const struct claim *const *claims;
	struct result *results; /* n_claims rows of n_ops. */
};

static inline struct result *
table_at(const struct table *table, unsigned int claim, unsigned int ops)
{
	return &table->results[claim * table->n_ops + ops];
}

/* Names of trials that are no claims. */
#define TRY_LIST "list" /* Report the registered names. */
#define TRY_MAKE "make" /* Make a pool. */

/* Run a child: start EAL, try, report. Returns the exit code. */
int child_main(const struct options *options);

/* Run one trial to its end. names: NULL, or room for OPS_MAX names reported; *n_names how many. */
struct result run_one(const struct options *options, const char *try, const char *ops,
	char (*names)[OPS_NAME], unsigned int *n_names);

/* Handle signals that end the program: stop and clean up. */
void runner_init(void);

/* Run each claim on each handler, options->jobs at a time. Returns false if interrupted. */
bool run_table(const struct options *options, struct table *table);

/* Tell whether a comma-separated list has a name. */
bool list_has(const char *list, const char *name);

void table_print(const struct table *table, const struct options *options);
/* 0, or -1 with errno set. */
int table_write_json(const struct table *table, const struct options *options);

const char *verdict_name(enum verdict verdict);
const char *basis_name(enum basis basis);

#endif /* CONFORM_RUNNER_H */
