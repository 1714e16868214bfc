/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Random machines, written as a text in random form, against a naive model of the same machine. */

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <rte_common.h>
#include <rte_log.h>

#include "range.h"
#include "topology_internal.h"

#define ROUNDS 400
#define NODES  12
#define CPUS   40
#define SIZES  4

struct model_node {
	int id;
	uint64_t memory, memory_free;
	unsigned int nb_huge;
	struct tide_huge huge[SIZES]; /* Largest first. */
	bool cpuset, allowed;
	unsigned int distance[NODES];
	unsigned int latency[NODES]; /* 0: not measured. */
};

struct model {
	unsigned int n;
	struct model_node node[NODES]; /* Ascending ids. */
	int cpu_node[CPUS];
	bool cpu_allowed[CPUS];
	bool allowed_line, membind;
};

static unsigned int
up_to(unsigned int max)
{
	return (unsigned int)random() % (max + 1);
}

static bool
one_in(unsigned int n)
{
	return up_to(n - 1) == 0;
}

static void
make_node(struct model *m, unsigned int i)
{
	static const uint64_t sizes[SIZES] = {1 << 30, 32 << 20, 2 << 20, 64 << 10};
	struct model_node *node = &m->node[i];

	node->memory = one_in(4) ? 0 : (uint64_t)up_to(1 << 20) << (10 * up_to(2));
	if (i == 0)
		node->memory += 4096;
	node->memory_free = one_in(2) ? node->memory : node->memory / 3;
	node->nb_huge = 0;
	for (unsigned int s = 0; s < SIZES; s++) {
		struct tide_huge *huge = &node->huge[node->nb_huge];

		if (one_in(2))
			continue;
		huge->page_size = sizes[s];
		huge->total = up_to(1000);
		huge->free = up_to(huge->total);
		node->nb_huge++;
	}
	for (unsigned int to = 0; to < m->n; to++) {
		node->distance[to] = i == to ? 10 : one_in(3) ? 20 : 10 + up_to(245);
		node->latency[to] = one_in(2) ? 0 : 1 + up_to(999999);
	}
	node->cpuset = !m->allowed_line || one_in(2);
	node->allowed = node->cpuset && (!m->allowed_line || !m->membind || one_in(2));
}

static void
make_model(struct model *m)
{
	int id = -1;

	m->n = 1 + up_to(NODES - 1);
	m->allowed_line = one_in(2);
	m->membind = one_in(2);
	for (unsigned int i = 0; i < m->n; i++) {
		id += 1 + (one_in(2) ? 0 : up_to(80));
		m->node[i].id = id;
		make_node(m, i);
	}
	if (one_in(4))
		m->node[m->n - 1].id = TIDE_NODE_MAX - 1;
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		m->cpu_node[cpu] = one_in(5) ? -1 : m->node[up_to(m->n - 1)].id;
		m->cpu_allowed[cpu] = m->cpu_node[cpu] >= 0 && (!m->allowed_line || one_in(2));
	}
}

static void
write_size(FILE *f, uint64_t bytes)
{
	static const char units[] = "KMGT";
	unsigned int shift;

	for (shift = 40; shift > 0; shift -= 10)
		if (bytes >> shift << shift == bytes && one_in(2))
			break;
	fprintf(f, "%" PRIu64, bytes >> shift);
	if (shift > 0)
		fputc(units[shift / 10 - 1], f);
}

/* CPUs one by one or as ranges; "-" for none. */
static void
write_cpus(FILE *f, const bool *has)
{
	const char *comma = "";

	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		unsigned int last = cpu;

		if (!has[cpu])
			continue;
		while (last + 1 < CPUS && has[last + 1] && !one_in(4))
			last++;
		fprintf(f, "%s%u", comma, cpu);
		if (last > cpu || one_in(8))
			fprintf(f, "-%u", last);
		cpu = last;
		comma = ",";
	}
	if (*comma == '\0')
		fputc('-', f);
}

static void
write_node_cpus(FILE *f, const struct model *m, int id)
{
	bool has[CPUS];

	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		has[cpu] = m->cpu_node[cpu] == id;
	fprintf(f, " cpus ");
	write_cpus(f, has);
}

static void
write_distances(FILE *f, const struct model *m, unsigned int i)
{
	const char *before = " distance ";

	for (unsigned int to = 0; to < m->n; to++) {
		unsigned int d = m->node[i].distance[to];

		if (d == (i == to ? 10 : 20) && one_in(2))
			continue;
		fprintf(f, "%s%d:%u", before, m->node[to].id, d);
		before = ",";
	}
}

static void
write_latencies(FILE *f, const struct model *m, unsigned int i)
{
	const char *before = " latency ";

	for (unsigned int to = m->n; to-- > 0;) {
		if (m->node[i].latency[to] == 0)
			continue;
		fprintf(f, "%s%d:%u", before, m->node[to].id, m->node[i].latency[to]);
		before = ",";
	}
}

static void
write_huge(FILE *f, const struct model_node *node)
{
	unsigned int first = node->nb_huge == 0 ? 0 : up_to(node->nb_huge - 1);

	for (unsigned int i = 0; i < node->nb_huge; i++) {
		const struct tide_huge *huge = &node->huge[(first + i) % node->nb_huge];

		fprintf(f, " huge ");
		write_size(f, huge->page_size);
		fprintf(f, ":%" PRIu64, huge->total);
		if (huge->free != huge->total || one_in(2))
			fprintf(f, "/%" PRIu64, huge->free);
	}
}

static void
write_field(FILE *f, const struct model *m, unsigned int i, unsigned int field)
{
	const struct model_node *node = &m->node[i];

	switch (field) {
	case 0:
		fprintf(f, "\tnode %d ", node->id);
		break;
	case 1:
		write_node_cpus(f, m, node->id);
		break;
	case 2:
		fprintf(f, " memory ");
		write_size(f, node->memory);
		break;
	case 3:
		if (node->memory_free == node->memory && one_in(2))
			break;
		fprintf(f, " free ");
		write_size(f, node->memory_free);
		break;
	case 4:
		write_huge(f, node);
		break;
	case 5:
		write_distances(f, m, i);
		break;
	default:
		write_latencies(f, m, i);
		break;
	}
}

/* A random order of 0 to n - 1. */
static void
shuffle(unsigned int *order, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		unsigned int j = up_to(i);

		order[i] = order[j];
		order[j] = i;
	}
}

/* The nodes of the cpuset, or those of them a policy leaves, which may name others too. */
static void
write_nodes(FILE *f, const struct model *m, bool bound)
{
	const char *before = "";

	for (unsigned int i = 0; i < m->n; i++) {
		const struct model_node *node = &m->node[i];

		if (bound ? !node->allowed && (node->cpuset || one_in(2)) : !node->cpuset)
			continue;
		fprintf(f, "%s%d", before, node->id);
		before = ",";
	}
	if (*before == '\0')
		fputc('-', f);
}

static void
write_allowed(FILE *f, const struct model *m)
{
	fprintf(f, "allowed cpus ");
	write_cpus(f, m->cpu_allowed);
	fprintf(f, " nodes ");
	write_nodes(f, m, false);
	if (m->membind) {
		fprintf(f, " membind ");
		write_nodes(f, m, true);
	}
	fputc('\n', f);
}

static char *
write_text(const struct model *m)
{
	unsigned int lines[NODES + 1], fields[7];
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	shuffle(lines, m->n + 1);
	for (unsigned int l = 0; l < m->n + 1; l++) {
		if (lines[l] == m->n) {
			if (m->allowed_line)
				write_allowed(f, m);
			continue;
		}
		shuffle(fields, RTE_DIM(fields));
		for (unsigned int i = 0; i < RTE_DIM(fields); i++)
			write_field(f, m, lines[l], fields[i]);
		fprintf(f, "%s\n", one_in(4) ? " # node 3 cpus" : "");
	}
	fclose(f);
	return text;
}

static void
compare_node(const struct model *m, unsigned int i, const struct tide_topology *topo)
{
	const struct model_node *want = &m->node[i];
	const struct tide_node *node = tide_topology_node_at(topo, i);
	unsigned int cpus = 0, allowed = 0;

	assert_ptr_equal(tide_topology_node(topo, want->id), node);
	assert_int_equal(node->id, want->id);
	assert_int_equal(node->memory, want->memory);
	assert_int_equal(node->memory_free, want->memory_free);
	assert_int_equal(node->mem_cpuset, want->cpuset);
	assert_int_equal(node->mem_allowed, want->allowed);
	assert_int_equal(node->nb_huge, want->nb_huge);
	for (unsigned int h = 0; h < want->nb_huge; h++) {
		assert_int_equal(node->huge[h].page_size, want->huge[h].page_size);
		assert_int_equal(node->huge[h].total, want->huge[h].total);
		assert_int_equal(node->huge[h].free, want->huge[h].free);
	}
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		cpus += m->cpu_node[cpu] == want->id;
		allowed += m->cpu_node[cpu] == want->id && m->cpu_allowed[cpu];
	}
	assert_int_equal(node->nb_cpus, cpus);
	assert_int_equal(node->nb_cpus_allowed, allowed);
	for (unsigned int to = 0; to < m->n; to++) {
		assert_int_equal(
			tide_topology_distance(topo, want->id, m->node[to].id), want->distance[to]);
		assert_int_equal(
			tide_topology_latency(topo, want->id, m->node[to].id), want->latency[to]);
	}
}

static bool
has_cpus(const struct model *m, unsigned int i)
{
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		if (m->cpu_node[cpu] == m->node[i].id)
			return true;
	}
	return false;
}

/* Whether node a is to come before node b, seen from `from`. */
static bool
before(const struct model *m, unsigned int from, unsigned int a, unsigned int b)
{
	if (a == from || b == from)
		return a == from;
	if (m->node[from].distance[a] != m->node[from].distance[b])
		return m->node[from].distance[a] < m->node[from].distance[b];
	if (has_cpus(m, a) != has_cpus(m, b))
		return has_cpus(m, a);
	return a < b;
}

/* The nodes of a nearest order that have no CPUs. */
static void
compare_tiers(const struct model *m, unsigned int from, const unsigned int *order, unsigned int n,
	const struct tide_topology *topo)
{
	unsigned int got, want = 0;
	int ids[NODES];

	got = tide_topology_tiers(topo, m->node[from].id, ids, NODES);
	for (unsigned int i = 0; i < n; i++) {
		if (has_cpus(m, order[i]))
			continue;
		assert_uint_in_range(want, 0, got - 1);
		assert_int_equal(ids[want++], m->node[order[i]].id);
	}
	assert_int_equal(got, want);
}

static void
compare_nearest(
	const struct model *m, unsigned int from, bool mem_only, const struct tide_topology *topo)
{
	int want[NODES], ids[NODES];
	unsigned int order[NODES], n = 0;

	for (unsigned int i = 0; i < m->n; i++) {
		unsigned int at = n;

		if (mem_only && (m->node[i].memory == 0 || !m->node[i].allowed))
			continue;
		for (; at > 0 && before(m, from, i, order[at - 1]); at--)
			order[at] = order[at - 1];
		order[at] = i;
		n++;
	}
	for (unsigned int i = 0; i < n; i++)
		want[i] = m->node[order[i]].id;
	assert_int_equal(tide_topology_nearest(topo, m->node[from].id, mem_only, ids, NODES), n);
	if (n > 0)
		assert_memory_equal(ids, want, n * sizeof(ids[0]));
	if (mem_only)
		compare_tiers(m, from, order, n, topo);
}

static void
compare(const struct model *m, const struct tide_topology *topo)
{
	assert_non_null(topo);
	assert_int_equal(tidei_topology_check(topo), 0);
	assert_int_equal(tide_topology_nb_nodes(topo), m->n);
	for (unsigned int i = 0; i < m->n; i++) {
		compare_node(m, i, topo);
		compare_nearest(m, i, false, topo);
		compare_nearest(m, i, true, topo);
	}
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		assert_int_equal(tide_topology_cpu_node(topo, cpu), m->cpu_node[cpu]);
		assert_int_equal(tide_topology_cpu_allowed(topo, cpu), m->cpu_allowed[cpu]);
	}
}

static char *
dump(const struct tide_topology *topo)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	tide_topology_dump(topo, f);
	fclose(f);
	return text;
}

static void
random_machines_read_as_the_model_says_from_text_and_from_dump(void **state)
{
	static struct model m;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		struct tide_topology *topo;
		char *text, *dumped;

		make_model(&m);
		text = write_text(&m);
		topo = tide_topology_parse(text);
		if (topo == NULL)
			print_message("%s", text);
		compare(&m, topo);
		dumped = dump(topo);
		tide_topology_free(topo);
		topo = tide_topology_parse(dumped);
		compare(&m, topo);
		tide_topology_free(topo);
		free(dumped);
		free(text);
	}
}

/* One byte changed somewhere: refused, or still a sound topology. */
static void
random_damage_to_a_text_never_makes_a_broken_topology(void **state)
{
	static const char bytes[] = " 0123456789-,:/#\n\tKMGTnodecpushgfralwityb\x01\xff";
	static struct model m;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		char *text;
		size_t len;

		make_model(&m);
		text = write_text(&m);
		len = strlen(text);
		for (unsigned int i = 0; i < 10; i++) {
			struct tide_topology *topo;

			text[up_to(len - 1)] = bytes[up_to(sizeof(bytes) - 2)];
			topo = tide_topology_parse(text);
			if (topo != NULL)
				assert_int_equal(tidei_topology_check(topo), 0);
			tide_topology_free(topo);
		}
		free(text);
	}
}

static int
drop_log(void **state)
{
	FILE *null = fopen("/dev/null", "w");

	if (null == NULL)
		return -1;
	rte_openlog_stream(null);
	*state = null;
	return 0;
}

static int
restore_log(void **state)
{
	rte_openlog_stream(stderr);
	return fclose(*state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_machines_read_as_the_model_says_from_text_and_from_dump),
		cmocka_unit_test_setup_teardown(
			random_damage_to_a_text_never_makes_a_broken_topology, drop_log,
			restore_log),
	};
	const char *given = getenv("TIDE_SEED");
	unsigned int seed = given != NULL ? strtoul(given, NULL, 0) : (unsigned int)time(NULL);

	print_message("seed %u (TIDE_SEED repeats it)\n", seed);
	srandom(seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
