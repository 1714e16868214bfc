/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info: writes sizes and lists. */

#include <stdio.h>
#include <string.h>

#include "words.h"

const char *
words_size(uint64_t bytes, char text[SIZE_TEXT])
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
	double value = (double)bytes;
	unsigned int u = 0;

	while (value >= 1024 && u < sizeof(units) / sizeof(*units) - 1) {
		value /= 1024;
		u++;
	}
	/* Whole numbers and those of three digits have no decimals. */
	snprintf(text, SIZE_TEXT, "%.*f %s",
		value >= 100 || (double)(uint64_t)value == value ? 0 : 1, value, units[u]);
	return text;
}

/* Tells whether an id is in a list; arg is for it. */
typedef bool has_fn(const void *arg, unsigned int id);

static void
write_list(has_fn *has, const void *arg, unsigned int max, char text[LIST_TEXT])
{
	size_t used = 0;

	snprintf(text, LIST_TEXT, "-");
	for (unsigned int id = 0; id < max; id++) {
		unsigned int last = id;

		if (!has(arg, id))
			continue;
		while (last + 1 < max && has(arg, last + 1))
			last++;
		used += (size_t)snprintf(
			text + used, LIST_TEXT - used, "%s%u", used == 0 ? "" : ",", id);
		if (last > id)
			used += (size_t)snprintf(text + used, LIST_TEXT - used, "-%u", last);
		id = last;
	}
}

struct cpus {
	const struct tide_topology *topo;
	int node;
	bool allowed;
};

static bool
has_cpu(const void *arg, unsigned int id)
{
	const struct cpus *cpus = arg;
	int node = tide_topology_cpu_node(cpus->topo, id);

	return node != TIDE_NODE_UNKNOWN &&
	       (cpus->node == TIDE_NODE_UNKNOWN || node == cpus->node) &&
	       (!cpus->allowed || tide_topology_cpu_allowed(cpus->topo, id));
}

char *
words_cpus(const struct tide_topology *topo, int node, bool allowed, char text[LIST_TEXT])
{
	const struct cpus cpus = {topo, node, allowed};

	write_list(has_cpu, &cpus, TIDE_CPU_MAX, text);
	return text;
}

static bool
has_memory(const void *arg, unsigned int id)
{
	const struct tide_node *node = tide_topology_node(arg, (int)id);

	return node != NULL && node->memory != 0 && node->mem_allowed;
}

const char *
words_memory_nodes(const struct tide_topology *topo, char text[LIST_TEXT])
{
	write_list(has_memory, topo, TIDE_NODE_MAX, text);
	return text;
}

const char *
words_memory_of(const struct tide_topology *topo, char text[LIST_TEXT])
{
	char ids[LIST_TEXT];

	words_memory_nodes(topo, ids);
	snprintf(text, LIST_TEXT, "%s %.*s", strpbrk(ids, ",-") == NULL ? "node" : "nodes",
		LIST_TEXT - 16, ids);
	return text;
}

const char *
words_cut(char list[LIST_TEXT], size_t most)
{
	if (strlen(list) <= most)
		return list;
	while (most > 0 && list[most] != ',')
		most--;
	snprintf(list + most, LIST_TEXT - most, ",...");
	return list;
}

const char *
words_answer(enum tide_answer answer)
{
	return answer == TIDE_ANSWER_YES ? "yes" : answer == TIDE_ANSWER_NO ? "no" : "unknown";
}
