/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef SHORTAGE_INTERNAL_H
#define SHORTAGE_INTERNAL_H

/* Shared by the sources of lib/shortage. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_lcore.h>
#include <rte_mempool.h>

#include "tide_mempool.h"
#include "tide_shortage.h"

/* Facts about a mempool that need no scan. */
struct tidei_shortage_facts {
	char name[RTE_MEMPOOL_NAMESIZE];
	char ops[RTE_MEMPOOL_OPS_NAMESIZE];
	bool counts; /* The ops are tide: failures are counted. */
	uint64_t failures;
	uint32_t size, free;
	uint32_t cache_size; /* 0: the mempool has no caches. */
	uint32_t cached[RTE_MAX_LCORE]; /* Buffers in the cache of each lcore. */
	int nb_owners; /* Negative: unknown. */
	struct tide_mempool_owner owners[TIDE_MEMPOOL_OWNERS_MAX];
};

/* Read the facts of a mempool that no thread frees meanwhile. */
void tidei_shortage_facts_read(struct rte_mempool *mp, struct tidei_shortage_facts *facts);

/* Read the facts of a mempool by its name. 0, -ENOENT or -ECANCELED. */
int tidei_shortage_facts_find(const char *name, struct tidei_shortage_facts *facts);

/* Write the facts in one line, without its end; since: gets that failed lately, 0: unknown. */
void tidei_shortage_facts_line(const struct tidei_shortage_facts *facts, uint64_t since, FILE *out);

/* Write the facts in several lines. */
void tidei_shortage_facts_dump(const struct tidei_shortage_facts *facts, FILE *out);

/* Tell whether any mempool is to be watched. */
bool tidei_shortage_is_wanted(void);

/* The policy of a mempool; *chosen: it is not the default. */
enum tide_shortage_policy tidei_shortage_policy(const char *name, bool *chosen);

/* The absolute path of the file for reports; NULL: the log. */
const char *tidei_shortage_file(void);

/* Append a report about a mempool to the file, or else log its lines. Reports come from one thread at a time. */
void tidei_shortage_write(const char *name, const char *text, size_t len);

/* Let a thread of its own make the report. Returns 0, -EBUSY if another one is at work, or why there can be none. */
int tidei_shortage_autopsy(const char *name, uint64_t since);

/* Tell whether a report is being made. */
bool tidei_shortage_is_busy(void);

#endif /* SHORTAGE_INTERNAL_H */
