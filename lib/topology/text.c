/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes a topology from a text, so that policy can be tested for any machine. */

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>

#include "topology_internal.h"
#include "tide_log.h"

/* Most bytes of huge pages on a node: physical addresses have 52 bits. */
#define HUGE_BYTES_MAX (UINT64_C(1) << 52)

/* A piece of the text; not NUL-terminated. */
struct word {
	const char *s;
	size_t len;
};

/* For printf "%.*s". */
#define WORD(w) (int)(w).len, (w).s

/* The limits of an "allowed" line. */
enum allowed_key {
	ALLOWED_CPUS,
	ALLOWED_NODES,
	ALLOWED_MEMBIND,
	ALLOWED_KEYS,
};

/* The lines are read twice: first for the node ids, which make the topology, then for the rest. */
struct parse {
	unsigned int line; /* The line being read, from 1. */
	unsigned int allowed_line; /* The line that starts with "allowed"; 0: none yet. */
	unsigned int allowed_seen; /* Keys given on that line, a bit each. */
	struct tidei_idset ids; /* Nodes named. */
	struct tidei_idset allowed[ALLOWED_KEYS]; /* By key of that line. */
	struct tide_topology *topo; /* NULL in the first reading. */
};

/* Reads one field: the node it belongs to and its value. */
typedef int (*field_fn)(struct parse *p, struct tide_node *node, struct word value);

static int complain(const struct parse *p, const char *fmt, ...) __rte_format_printf(2, 3);

static int
complain(const struct parse *p, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	TIDE_LOG(topology, ERR, "topology text, line %u: %s", p->line, what);
	return -EINVAL;
}

static bool
word_is(struct word w, const char *name)
{
	return w.len == strlen(name) && memcmp(w.s, name, w.len) == 0;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Cut the next word off a line; false at its end. */
static bool
next_word(struct word *line, struct word *w)
{
	while (line->len > 0 && blank(*line->s)) {
		line->s++;
		line->len--;
	}
	w->s = line->s;
	w->len = 0;
	while (w->len < line->len && !blank(w->s[w->len]))
		w->len++;
	line->s += w->len;
	line->len -= w->len;
	return w->len > 0;
}

/* Cut the next item off a list ("a,b"); false at its end. An empty item counts. */
static bool
next_item(struct word *list, struct word *item)
{
	const char *comma;

	if (list->s == NULL)
		return false;
	comma = memchr(list->s, ',', list->len);
	item->s = list->s;
	item->len = comma == NULL ? list->len : (size_t)(comma - list->s);
	list->s = comma == NULL ? NULL : comma + 1;
	list->len -= comma == NULL ? list->len : item->len + 1;
	return true;
}

/* Split "a:b" at the first separator; false when there is none. */
static bool
split(struct word w, char separator, struct word *head, struct word *tail)
{
	const char *at = memchr(w.s, separator, w.len);

	if (at == NULL)
		return false;
	*head = (struct word){w.s, at - w.s};
	*tail = (struct word){at + 1, w.len - head->len - 1};
	return true;
}

/* Parse bytes: digits and perhaps one of K, M, G, T. */
static int
parse_size(struct word w, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *unit = w.len == 0 ? NULL : strchr(units, w.s[w.len - 1]);
	unsigned int shift = unit == NULL ? 0 : 10 * (unit - units + 1);
	int ret;

	if (unit != NULL)
		w.len--;
	ret = tidei_number_parse(w.s, w.len, UINT64_MAX >> shift, bytes);
	if (ret == 0)
		*bytes <<= shift;
	return ret;
}

static int
parse_set(const struct parse *p, struct word w, const char *what, unsigned int max,
	struct tidei_idset *set)
{
	int ret = word_is(w, "-") ? 0 : tidei_idset_parse(set, w.s, w.len, max);

	if (ret == -ERANGE)
		return complain(
			p, "a %s in '%.*s' is above the largest, %u", what, WORD(w), max - 1);
	if (ret != 0)
		return complain(p, "'%.*s' is not a list of %ss such as 0-3,8", WORD(w), what);
	return 0;
}

/* Parse the id of a node, which must have a line. */
static int
parse_node_id(const struct parse *p, struct word w, uint64_t *id)
{
	if (tidei_number_parse(w.s, w.len, TIDE_NODE_MAX - 1, id) != 0)
		return complain(
			p, "'%.*s' is not a node id from 0 to %d", WORD(w), TIDE_NODE_MAX - 1);
	return 0;
}

static int
field_cpus(struct parse *p, struct tide_node *node, struct word value)
{
	struct tidei_idset cpus = {0};
	unsigned int clash;

	if (parse_set(p, value, "CPU", TIDE_CPU_MAX, &cpus) != 0)
		return -EINVAL;
	if (tidei_topology_set_cpus(p->topo, node->id, &cpus, &clash) != 0)
		return complain(p, "CPU %u is on node %d already", clash,
			tide_topology_cpu_node(p->topo, clash));
	return 0;
}

static int
field_memory(struct parse *p, struct tide_node *node, struct word value)
{
	if (parse_size(value, &node->memory) != 0)
		return complain(p, "'%.*s' is not a size such as 16G", WORD(value));
	return 0;
}

static int
field_free(struct parse *p, struct tide_node *node, struct word value)
{
	if (parse_size(value, &node->memory_free) != 0)
		return complain(p, "'%.*s' is not a size such as 16G", WORD(value));
	return 0;
}

/* Read SIZE:TOTAL or SIZE:TOTAL/FREE. */
static int
field_huge(struct parse *p, struct tide_node *node, struct word value)
{
	struct tide_huge huge = {.limit = UINT64_MAX};
	struct word size, pages, total, free_pages;

	if (!split(value, ':', &size, &pages))
		return complain(p, "'%.*s' is not SIZE:TOTAL/FREE huge pages", WORD(value));
	if (!split(pages, '/', &total, &free_pages))
		total = free_pages = pages;
	if (parse_size(size, &huge.page_size) != 0 || __builtin_popcountll(huge.page_size) != 1)
		return complain(p, "'%.*s' is not a huge page size such as 2M", WORD(size));
	if (tidei_number_parse(total.s, total.len, UINT64_MAX, &huge.total) != 0 ||
		tidei_number_parse(free_pages.s, free_pages.len, huge.total, &huge.free) != 0)
		return complain(p, "'%.*s' is not a number of pages, or TOTAL/FREE", WORD(pages));
	switch (tidei_node_add_huge(node, &huge)) {
	case -EEXIST:
		return complain(p, "huge pages of %.*s are given twice", WORD(size));
	case -ENOSPC:
		return complain(p, "more than %d huge page sizes", TIDE_HUGE_SIZES_MAX);
	default:
		return 0;
	}
}

/* A list of NODE:VALUE, and the item that was read last. */
struct to_list {
	const char *what; /* Name of the value. */
	const char *form; /* Form of the value, as in the header. */
	struct word rest;
	struct tidei_idset seen; /* Nodes read so far. */
	unsigned int to; /* Place of the node in the topology. */
	struct word value;
};

/* Read the next item. 1; 0 at the end of the list; -EINVAL after a complaint. */
static int
next_to(struct parse *p, struct to_list *list)
{
	struct word item, node;
	uint64_t id;

	if (!next_item(&list->rest, &item))
		return 0;
	if (!split(item, ':', &node, &list->value))
		return complain(p, "'%.*s' is not NODE:%s", WORD(item), list->form);
	if (parse_node_id(p, node, &id) != 0)
		return -EINVAL;
	if (!tidei_idset_has(&p->ids, id))
		return complain(p, "there is no node %.*s, so there is no %s to it", WORD(node),
			list->what);
	if (tidei_idset_has(&list->seen, id))
		return complain(p, "the %s to node %.*s is given twice", list->what, WORD(node));
	tidei_idset_add(&list->seen, id);
	list->to = p->topo->index[id];
	return 1;
}

static int
field_distance(struct parse *p, struct tide_node *node, struct word value)
{
	struct to_list list = {.what = "distance", .form = "DISTANCE", .rest = value};
	unsigned int from = p->topo->index[node->id];
	const struct word *w = &list.value;
	uint64_t distance;
	int ret;

	while ((ret = next_to(p, &list)) > 0) {
		if (tidei_number_parse(w->s, w->len, DISTANCE_MAX, &distance) != 0 ||
			distance < DISTANCE_LOCAL)
			return complain(p, "'%.*s' is not a distance from %d to %d", WORD(*w),
				DISTANCE_LOCAL, DISTANCE_MAX);
		if (from == list.to && distance != DISTANCE_LOCAL)
			return complain(p, "node %d is at distance %d of itself, not %.*s",
				node->id, DISTANCE_LOCAL, WORD(*w));
		*tidei_distance_at(p->topo, from, list.to) = distance;
	}
	return ret;
}

static int
field_latency(struct parse *p, struct tide_node *node, struct word value)
{
	struct to_list list = {.what = "latency", .form = "NANOSECONDS", .rest = value};
	unsigned int from = p->topo->index[node->id];
	const struct word *w = &list.value;
	uint64_t ns;
	int ret;

	while ((ret = next_to(p, &list)) > 0) {
		if (tidei_number_parse(w->s, w->len, LATENCY_MAX, &ns) != 0 || ns == 0)
			return complain(p, "'%.*s' is not a latency from 1 to %d ns", WORD(*w),
				LATENCY_MAX);
		tidei_latency_set(p->topo, from, list.to, ns);
	}
	return ret;
}

static int
field_node(struct parse *p, struct tide_node *node, struct word value)
{
	return 0; /* Taken by the first reading. */
}

/* Fields of a node line. */
static const struct field {
	const char *key;
	field_fn read;
	bool repeats;
} fields[] = {
	{"node", field_node, false},
	{"cpus", field_cpus, false},
	{"memory", field_memory, false},
	{"free", field_free, false},
	{"huge", field_huge, true},
	{"distance", field_distance, false},
	{"latency", field_latency, false},
};

/* First reading of a node line: take its id. */
static int
take_id(struct parse *p, struct word line, uint64_t *id)
{
	struct word key, value;

	while (next_word(&line, &key)) {
		next_word(&line, &value);
		if (!word_is(key, "node"))
			continue;
		return parse_node_id(p, value, id);
	}
	return complain(p, "no 'node ID' on this line");
}

static int
name_line(struct parse *p, struct word line)
{
	struct word rest = line, first;
	uint64_t id;

	if (!next_word(&rest, &first) || word_is(first, "allowed"))
		return 0;
	if (take_id(p, line, &id) != 0)
		return -EINVAL;
	if (tidei_idset_has(&p->ids, id))
		return complain(p, "node %d has a line already", (int)id);
	tidei_idset_add(&p->ids, id);
	return 0;
}

static int
read_field(struct parse *p, struct tide_node *node, struct word key, struct word value,
	unsigned int *seen)
{
	for (unsigned int i = 0; i < RTE_DIM(fields); i++) {
		if (!word_is(key, fields[i].key))
			continue;
		if (value.len == 0)
			return complain(p, "'%.*s' has no value", WORD(key));
		if (!fields[i].repeats && (*seen & 1u << i) != 0)
			return complain(p, "'%.*s' is given twice", WORD(key));
		*seen |= 1u << i;
		return fields[i].read(p, node, value);
	}
	return complain(p,
		"unknown key '%.*s'; there are node, cpus, memory, free, huge, distance, latency",
		WORD(key));
}

/* Sums of bytes of huge pages must not overflow. */
static bool
huge_is_countable(const struct tide_node *node)
{
	uint64_t bytes = 0;

	for (unsigned int i = 0; i < node->nb_huge; i++) {
		const struct tide_huge *huge = &node->huge[i];

		if (huge->total > (HUGE_BYTES_MAX - bytes) / huge->page_size)
			return false;
		bytes += huge->total * huge->page_size;
	}
	return true;
}

static int
node_line(struct parse *p, struct word line)
{
	struct word key, value;
	struct tide_node *node;
	unsigned int seen = 0;
	uint64_t id;

	if (take_id(p, line, &id) != 0)
		return -EINVAL;
	node = &p->topo->nodes[p->topo->index[id]];
	node->memory_free = UINT64_MAX;
	while (next_word(&line, &key)) {
		next_word(&line, &value);
		if (read_field(p, node, key, value, &seen) != 0)
			return -EINVAL;
	}
	if (node->memory_free == UINT64_MAX)
		node->memory_free = node->memory;
	if (node->memory_free > node->memory)
		return complain(p, "node %d has more memory free than it has", node->id);
	if (!huge_is_countable(node))
		return complain(p, "node %d has more huge pages than any machine", node->id);
	return 0;
}

/* Read one field of the "allowed" line. */
static int
allowed_field(struct parse *p, struct word key, struct word value)
{
	static const char *const keys[] = {
		[ALLOWED_CPUS] = "cpus", [ALLOWED_NODES] = "nodes", [ALLOWED_MEMBIND] = "membind"};
	unsigned int k = 0;

	while (k < ALLOWED_KEYS && !word_is(key, keys[k]))
		k++;
	if (k == ALLOWED_KEYS)
		return complain(
			p, "unknown key '%.*s'; allowed has cpus, nodes and membind", WORD(key));
	if ((p->allowed_seen & 1u << k) != 0)
		return complain(p, "'%.*s' is given twice", WORD(key));
	p->allowed_seen |= 1u << k;
	if (value.len == 0)
		return complain(p, "'%.*s' has no value", WORD(key));
	if (k == ALLOWED_CPUS)
		return parse_set(p, value, "CPU", TIDE_CPU_MAX, &p->allowed[k]);
	return parse_set(p, value, "node", TIDE_NODE_MAX, &p->allowed[k]);
}

static int
allowed_line(struct parse *p, struct word line)
{
	struct word key, value;

	if (p->allowed_line != 0)
		return complain(p, "line %u is an \"allowed\" line already", p->allowed_line);
	p->allowed_line = p->line;
	next_word(&line, &key);
	while (next_word(&line, &key)) {
		next_word(&line, &value);
		if (allowed_field(p, key, value) != 0)
			return -EINVAL;
	}
	return 0;
}

static int
fill_line(struct parse *p, struct word line)
{
	struct word rest = line, first;

	if (!next_word(&rest, &first))
		return 0;
	return word_is(first, "allowed") ? allowed_line(p, line) : node_line(p, line);
}

static int
each_line(struct parse *p, const char *text, int (*read)(struct parse *p, struct word line))
{
	p->line = 0;
	for (;;) {
		size_t len = strcspn(text, "\n");
		const char *comment = memchr(text, '#', len);
		struct word line = {text, comment == NULL ? len : (size_t)(comment - text)};

		p->line++;
		if (read(p, line) != 0)
			return -EINVAL;
		if (text[len] == '\0')
			return 0;
		text += len + 1;
	}
}

static bool
limits(const struct parse *p, enum allowed_key key)
{
	return (p->allowed_seen & 1u << key) != 0;
}

static int
limit_cpus(struct parse *p)
{
	struct tidei_idset *cpus = &p->allowed[ALLOWED_CPUS];

	for (unsigned int cpu = 0; cpu < TIDE_CPU_MAX; cpu++) {
		if (p->topo->cpu_node[cpu] != TIDE_NODE_UNKNOWN) {
			if (!limits(p, ALLOWED_CPUS))
				tidei_idset_add(cpus, cpu);
		} else if (tidei_idset_has(cpus, cpu)) {
			return complain(p, "CPU %u is allowed but on no node", cpu);
		}
	}
	return 0;
}

static int
limit_nodes(struct parse *p, enum allowed_key key)
{
	struct tidei_idset *nodes = &p->allowed[key];

	if (!limits(p, key))
		*nodes = p->ids;
	for (unsigned int id = 0; id < TIDE_NODE_MAX; id++)
		if (tidei_idset_has(nodes, id) && !tidei_idset_has(&p->ids, id))
			return complain(p, "node %u is allowed but has no line", id);
	return 0;
}

/* The "allowed" line can come before the CPUs it names, so it is applied last. */
static int
apply_allowed(struct parse *p)
{
	p->line = p->allowed_line;
	if (limit_cpus(p) != 0 || limit_nodes(p, ALLOWED_NODES) != 0 ||
		limit_nodes(p, ALLOWED_MEMBIND) != 0)
		return -EINVAL;
	tidei_topology_allow(p->topo, &p->allowed[ALLOWED_CPUS], &p->allowed[ALLOWED_NODES],
		&p->allowed[ALLOWED_MEMBIND]);
	return 0;
}

/* Do the second reading, into the topology of the nodes that the first one found. */
static int
fill(struct parse *p, const char *text)
{
	bool memory = false;

	if (each_line(p, text, fill_line) != 0)
		return -EINVAL;
	for (unsigned int i = 0; i < p->topo->nb_nodes; i++)
		memory = memory || p->topo->nodes[i].memory > 0;
	if (!memory)
		return complain(p, "the text ends, and no node has memory");
	return apply_allowed(p);
}

struct tide_topology *
tide_topology_parse(const char *text)
{
	struct parse p = {0};

	if (each_line(&p, text, name_line) != 0)
		goto invalid;
	p.topo = tidei_topology_new(&p.ids);
	if (p.topo == NULL)
		return NULL;
	if (p.topo->nb_nodes == 0) {
		complain(&p, "the text ends without a node");
		goto invalid;
	}
	if (fill(&p, text) != 0)
		goto invalid;
	assert(tidei_topology_check(p.topo) == 0);
	return p.topo;

invalid:
	tide_topology_free(p.topo);
	rte_errno = EINVAL;
	return NULL;
}
