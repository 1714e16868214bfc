/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef CONFORM_H
#define CONFORM_H

/*
 * Types and functions that the files of mempool-conformance share.
 *
 * A claim is a sentence about a mempool handler and a function that tries it. Each trial of a claim on
 * one handler runs in a process of its own: the runner executes this program again with --try, so that
 * a claim may crash, panic or hang, and need not clean up after a failure.
 *
 * Uses DPDK and nothing else of this project, so that it can be built beside any handler.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_SKIP,
	VERDICT_CRASH, /* Ended by a signal, or by a panic. */
	VERDICT_HANG, /* Did not end in time. */
	VERDICTS,
};

/* Where a claim is written. */
enum basis {
	BASIS_CONTRACT, /* In rte_mempool's documentation. */
	BASIS_USERS, /* Not written, but libraries of DPDK rely on it. */
	BASIS_EXTRA, /* Not written: a property that a handler may have. */
};

/* The memory that EAL runs on. */
enum memory {
	MEMORY_ANY, /* Huge pages if enough are free, else 4 KB pages. */
	MEMORY_HUGE, /* Huge pages; else the claim is skipped. */
	MEMORY_SMALL, /* 4 KB pages. */
	MEMORY_PA, /* Huge pages, physical addresses; else the claim is skipped. */
	MEMORY_SHARED, /* Huge pages that a second process can map. */
};

/* What EAL gets of 4 KB pages. */
#define MEMORY_SMALL_MB 256

/* EAL lcores of a trial, the main one included, unless the user chose. */
#define LCORES 9

/* One trial of one claim. */
struct trial {
	const char *ops;
	uint64_t seed;
	char *const *eal; /* EAL's arguments and NULL, for a second process. */
	char reason[320]; /* Why it did not pass, or a note. */
};

struct claim {
	const char *name; /* NULL ends a list. */
	const char *sentence;
	enum basis basis;
	enum memory memory;
	bool threads; /* Several threads get, or several put. */
	unsigned int seconds; /* Time limit; 0: the default. */
	enum verdict (*run)(struct trial *t);
	enum verdict (*before_eal)(struct trial *t); /* May be NULL. */
};

extern const struct claim claims_objects[];
extern const struct claim claims_count[];
extern const struct claim claims_memory[];
extern const struct claim claims_threads[];
extern const struct claim claims_pause[];
extern const struct claim claims_life[];
extern const struct claim claims_process[];
extern const struct claim claims_misuse[];

/* All claims, in the order of the table; NULL ends them. */
const struct claim *const *claims_all(void);

/* Find a claim by name; NULL: there is none. */
const struct claim *claim_by_name(const char *name);

/* Report a result and its reason. MT-safe; the first reason stays. Each returns what its name says. */
enum verdict fails(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum verdict skips(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum verdict passes(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define CHECK(t, condition, ...)                      \
	do {                                          \
		if (!(condition))                     \
			return fails(t, __VA_ARGS__); \
	} while (0)

/* Leave the claim if a helper has reported the reason. */
#define NEED(condition)                      \
	do {                                 \
		if (!(condition))            \
			return VERDICT_FAIL; \
	} while (0)

/* Run the second process of a claim of process.c, after its EAL has started. Returns the exit code. */
int process_second(struct trial *t, const char *what);

/* Draw a number below limit from *state. */
uint32_t random_below(uint64_t *state, uint32_t limit);

#endif /* CONFORM_H */
