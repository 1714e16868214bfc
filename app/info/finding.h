/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_FINDING_H
#define INFO_FINDING_H

/* Findings: each is a sentence about a fault and its remedy. The checks of all commands report them. */

#include <stdbool.h>
#include <stdio.h>

#include "json_writer.h"

#define FINDINGS_MAX 256

/* How bad it is; the worst decides the exit code. */
enum finding_grade {
	FINDING_NOTE, /* It can cost speed. */
	FINDING_UNKNOWN, /* It cannot be told whether it is well. */
	FINDING_WRONG,
};

/* Exit codes of a check, beside those of error.h. */
enum {
	FINDING_EXIT_WELL = 0,
	FINDING_EXIT_WRONG = 1,
	FINDING_EXIT_UNKNOWN = 3,
};

struct finding {
	enum finding_grade grade;
	const char *code; /* A word for programs, which never changes. */
	char text[512]; /* A sentence without a full stop. */
	char remedy[8192]; /* What to do; empty: nothing. */
};

struct findings {
	struct finding *list;
	unsigned int nb;
	unsigned int left_out; /* Findings that had no room. */
	unsigned int count[FINDING_WRONG + 1]; /* By grade, those without room included. */
	struct finding spare; /* Takes what has no room. */
};

/* Make an empty list; false: out of memory. */
bool findings_init(struct findings *findings);
void findings_fini(struct findings *findings);

/* Add a finding. The result is valid until the next one is added. */
struct finding *finding_add(struct findings *findings, enum finding_grade grade, const char *code,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Set its remedy, or lengthen it. */
void
finding_remedy(struct finding *finding, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Return the exit code: by the worst finding. */
int findings_exit(const struct findings *findings);

/* Return "well", "wrong" or "unknown". */
const char *findings_result(const struct findings *findings);

/* Write them for people, the worst first, and as a JSON array with that key. */
void findings_text(const struct findings *findings, FILE *out);
void findings_json(const struct findings *findings, struct app_json *json);

#endif /* INFO_FINDING_H */
