/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_WORDS_H
#define INFO_WORDS_H

/* Short texts for sizes and lists of ids, the same in all reports. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tide_process.h"
#include "tide_topology.h"

/* Enough for any size. */
#define SIZE_TEXT 24

/* Enough for any list: pairs of CPUs with a gap between them make the longest. */
#define LIST_TEXT 32768

/* Write "1.5 GB"; units are powers of 1,024. Returns text. */
const char *words_size(uint64_t bytes, char text[SIZE_TEXT]);

/* Write the CPUs of a node (of all for TIDE_NODE_UNKNOWN) as "0-3,8", "-" for none; allowed: only those. */
char *words_cpus(const struct tide_topology *topo, int node, bool allowed, char text[LIST_TEXT]);

/* Write the nodes that have memory which this process may use: as ids, and as "node 0" or "nodes 0-1". */
const char *words_memory_nodes(const struct tide_topology *topo, char text[LIST_TEXT]);
const char *words_memory_of(const struct tide_topology *topo, char text[LIST_TEXT]);

/* Cut a list behind its last whole item within so many characters, and add "..." then. Returns list. */
const char *words_cut(char list[LIST_TEXT], size_t most);

/* "yes", "no" or "unknown". */
const char *words_answer(enum tide_answer answer);

#endif /* INFO_WORDS_H */
