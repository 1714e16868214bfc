/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Arenas: what is allocated, where it lies, what it counts; bad requests. */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_memzone.h>

#include "arena_internal.h"
#include "eal.h"
#include "log.h"

#define CHUNK 4096

static const int node0[] = {0};
static struct tide_arena *arena;

static struct tide_arena_conf
conf_of(uint32_t chunk_size, uint32_t chunks)
{
	return (struct tide_arena_conf){
		.name = "test",
		.nodes = node0,
		.nb_nodes = 1,
		.chunk_size = chunk_size,
		.chunks = chunks,
	};
}

static void
make(const struct tide_arena_conf *conf)
{
	arena = tide_arena_create(conf);
	assert_non_null(arena);
}

static void
make_of(uint32_t chunk_size, uint32_t chunks)
{
	struct tide_arena_conf conf = conf_of(chunk_size, chunks);

	make(&conf);
}

/* After each case: sound, and gone. */
static int
clean_up(void **state)
{
	if (arena != NULL) {
		assert_int_equal(tide_arena_check(arena), 0);
		assert_int_equal(tide_arena_free(arena), 0);
	}
	arena = NULL;
	return 0;
}

static struct tide_arena_stats
stats_of(int node)
{
	struct tide_arena_stats stats;

	assert_int_equal(tide_arena_stats(arena, node, &stats), 0);
	return stats;
}

static void
a_megabyte_less_one_kilobyte_remains(void **state)
{
	const char *first;

	make_of(65536, 16);
	assert_int_equal(tide_arena_capacity(arena, 0), 1048576);
	assert_int_equal(tide_arena_remaining(arena, 0), 1048576);
	first = tide_arena_alloc(arena, 1024, 64);
	assert_non_null(first);
	assert_int_equal(tide_arena_remaining(arena, 0), 1047552);
	assert_int_equal(tide_arena_reset(arena, NULL), 0);
	assert_int_equal(tide_arena_remaining(arena, 0), 1048576);
	assert_non_null(tide_arena_alloc(arena, 1024, 64));
}

/* What a test holds: each byte of it is `mark`. */
struct piece {
	unsigned char *at;
	size_t size;
	unsigned char mark;
};

static void
mark(struct piece *piece, unsigned char by)
{
	piece->mark = by;
	memset(piece->at, by, piece->size);
}

static void
assert_marked(const struct piece *piece)
{
	for (size_t i = 0; i < piece->size; i++)
		assert_int_equal(piece->at[i], piece->mark);
}

/* What an arena of one lcore does, in the plainest terms. */
struct model {
	uint32_t chunk_size, chunks, out;
	uintptr_t at, end;
	uint64_t allocs, bytes, waste, failures;
};

static void
model_and_arena_agree(struct model *m, size_t size, size_t align, struct piece *piece)
{
	uintptr_t al = align < 8 ? 8 : align, start = (m->at + al - 1) / al * al;
	unsigned char *found;

	rte_errno = 0;
	found = tide_arena_alloc(arena, size, align);
	piece->at = found;
	piece->size = size;
	if (size > (al > m->chunk_size + 64 ? 0 : m->chunk_size - (al > 64 ? al - 64 : 0)) &&
		(m->end == 0 || start + size > m->end)) {
		assert_null(found);
		assert_int_equal(rte_errno, EMSGSIZE);
		return;
	}
	if (m->end == 0 || start + size > m->end) {
		if (m->out == m->chunks) {
			assert_null(found);
			assert_int_equal(rte_errno, ENOMEM);
			m->failures++;
			return;
		}
		m->out++;
		m->waste += m->end - m->at;
		/* Where chunks are is the mempool's business. */
		m->at = arena->more->nodes[0]->cells[0]->start;
		m->end = m->at + m->chunk_size;
		start = (m->at + al - 1) / al * al;
	}
	assert_int_equal((uintptr_t)found, start);
	m->allocs++;
	m->bytes += start + size - m->at;
	m->at = start + size;
}

static void
random_sizes_and_alignments_agree_with_a_naive_model(void **state)
{
	unsigned int seed = (unsigned int)time(NULL), rounds = 200;
	static struct piece pieces[20000];

	print_message("seed %u\n", seed);
	while (rounds-- > 0) {
		struct model m = {
			.chunk_size = 1024 + (uint32_t)rand_r(&seed) % 100 * 64,
			.chunks = 1 + (uint32_t)rand_r(&seed) % 40,
		};
		struct tide_arena_stats stats;
		unsigned int n = 0, nb_pieces = 0;

		make_of(m.chunk_size, m.chunks);
		for (n = 0; n < RTE_DIM(pieces) && m.failures < 5; n++) {
			size_t size = 1 + (size_t)rand_r(&seed) % (rand_r(&seed) % 8 ? 200 : 9000);
			size_t align = rand_r(&seed) % 4 ? 0 : 1u << rand_r(&seed) % 13;

			model_and_arena_agree(&m, size, align, &pieces[nb_pieces]);
			if (pieces[nb_pieces].at != NULL) {
				mark(&pieces[nb_pieces], (unsigned char)nb_pieces);
				nb_pieces++;
			}
		}
		while (nb_pieces > 0)
			assert_marked(&pieces[--nb_pieces]);
		stats = stats_of(0);
		assert_int_equal(stats.allocs, m.allocs);
		assert_int_equal(stats.bytes, m.bytes);
		assert_int_equal(stats.waste, m.waste);
		assert_int_equal(stats.failures, m.failures);
		assert_int_equal(stats.refills, m.out);
		assert_int_equal(stats.chunks_out, m.out);
		assert_int_equal(stats.chunks_high, m.out);
		assert_int_equal(stats.remaining,
			(uint64_t)(m.chunks - m.out) * m.chunk_size + m.end - m.at);
		clean_up(NULL);
	}
}

static void
a_bad_request_is_refused_and_takes_nothing(void **state)
{
	static const struct {
		size_t size, align;
		int err;
	} bad[] = {
		{0, 0, EINVAL},
		{0, 64, EINVAL},
		{1, 3, EINVAL},
		{1, 12, EINVAL},
		{1, TIDE_ARENA_ALIGN_MAX * 2, EINVAL},
		{1, (size_t)1 << 63, EINVAL},
		{1, SIZE_MAX, EINVAL},
		{CHUNK + 1, 0, EMSGSIZE},
		{CHUNK + 1, 64, EMSGSIZE},
		{CHUNK - 63, 128, EMSGSIZE},
		{CHUNK - 1, TIDE_ARENA_ALIGN_MAX, EMSGSIZE},
		{SIZE_MAX, 0, EMSGSIZE},
		{SIZE_MAX, 1, EMSGSIZE},
		{SIZE_MAX - 4094, TIDE_ARENA_ALIGN_MAX, EMSGSIZE},
		{(size_t)1 << 63, 4096, EMSGSIZE},
	};
	struct tide_arena_stats before, after;

	make_of(CHUNK, 4);
	assert_non_null(tide_arena_alloc(arena, 8, 0));
	before = stats_of(0);
	for (unsigned int i = 0; i < RTE_DIM(bad); i++) {
		rte_errno = 0;
		assert_null(tide_arena_alloc(arena, bad[i].size, bad[i].align));
		assert_int_equal(rte_errno, bad[i].err);
		rte_errno = 0;
		assert_null(tide_arena_alloc_on(arena, 0, bad[i].size, bad[i].align));
		assert_int_equal(rte_errno, bad[i].err);
	}
	after = stats_of(0);
	assert_int_equal(after.allocs, before.allocs);
	assert_int_equal(after.bytes, before.bytes);
	assert_int_equal(after.remaining, before.remaining);
	assert_int_equal(after.failures, before.failures);
}

static void
the_largest_size_of_each_alignment_fits_into_every_chunk(void **state)
{
	/* Chunks are 64 bytes and more apart, so that they start on every multiple of 64. */
	const uint32_t size = 4096 + 64, chunks = 67;

	for (size_t align = 1; align <= TIDE_ARENA_ALIGN_MAX; align *= 2) {
		size_t largest = align <= 64 ? size : size + 64 - align;

		make_of(size, chunks);
		for (uint32_t i = 0; i < chunks; i++) {
			uintptr_t at = (uintptr_t)tide_arena_alloc(arena, largest, align);

			assert_int_not_equal(at, 0);
			assert_int_equal(at % align, 0);
			assert_null(tide_arena_alloc(arena, largest + 1, align));
			assert_int_equal(rte_errno, EMSGSIZE);
		}
		assert_null(tide_arena_alloc(arena, largest, align));
		assert_int_equal(rte_errno, ENOMEM);
		clean_up(NULL);
	}
}

static void
a_dry_node_still_serves_what_fits_behind_the_bump(void **state)
{
	make_of(CHUNK, 2);
	assert_non_null(tide_arena_alloc(arena, CHUNK, 0));
	assert_non_null(tide_arena_alloc(arena, CHUNK - 16, 0));
	assert_null(tide_arena_alloc(arena, 17, 0));
	assert_int_equal(rte_errno, ENOMEM);
	assert_int_equal(tide_arena_remaining(arena, 0), 16);
	assert_non_null(tide_arena_alloc(arena, 16, 0));
	assert_int_equal(tide_arena_remaining(arena, 0), 0);
	assert_int_equal(stats_of(0).failures, 1);
	assert_int_equal(stats_of(0).waste, 0);
}

static void
the_least_alignment_holds_for_every_allocation(void **state)
{
	struct tide_arena_conf conf = conf_of(65536, 2);
	uintptr_t before = 0, at;

	conf.align = 256;
	make(&conf);
	for (unsigned int i = 0; i < 50; i++) {
		at = (uintptr_t)tide_arena_alloc(arena, 1 + i, i % 2 ? 0 : 16);
		assert_int_equal(at % 256, 0);
		if (i > 0)
			assert_int_equal(at, before + 256);
		before = at;
	}
}

static void
the_rest_of_a_closed_chunk_is_waste(void **state)
{
	make_of(CHUNK, 4);
	assert_non_null(tide_arena_alloc(arena, 96, 0));
	assert_int_equal(stats_of(0).waste, 0);
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_int_equal(stats_of(0).waste, CHUNK - 96);
	assert_int_equal(tide_arena_remaining(arena, 0), 3 * CHUNK);
	assert_non_null(tide_arena_alloc(arena, 96, 0));
	assert_int_equal(stats_of(0).waste, CHUNK - 96);
	assert_int_equal(stats_of(0).bytes, 2 * 96);
	assert_int_equal(tide_arena_remaining(arena, 0), 3 * CHUNK - 96);
}

enum rte_proc_type_t __real_rte_eal_process_type(void);
enum rte_proc_type_t __wrap_rte_eal_process_type(void);
static bool as_secondary;

enum rte_proc_type_t
__wrap_rte_eal_process_type(void)
{
	return as_secondary ? RTE_PROC_SECONDARY : __real_rte_eal_process_type();
}

/* What creating gave before EAL was there. */
static int err_without_eal;

static void
arenas_need_eal_and_the_primary_process(void **state)
{
	struct tide_arena_conf conf = conf_of(CHUNK, 4);

	assert_int_equal(err_without_eal, ENOTSUP);
	as_secondary = true;
	rte_errno = 0;
	arena = tide_arena_create(&conf);
	as_secondary = false;
	assert_null(arena);
	assert_int_equal(rte_errno, E_RTE_SECONDARY);
}

static void
count_zone(const struct rte_memzone *mz, void *arg)
{
	++*(unsigned int *)arg;
}

/* What an arena could leave behind in EAL. */
static size_t
trace(void)
{
	struct rte_malloc_socket_stats stats;
	unsigned int zones = 0;

	rte_memzone_walk(count_zone, &zones);
	assert_int_equal(rte_malloc_get_socket_stats(0, &stats), 0);
	return stats.heap_allocsz_bytes + zones;
}

static void
assert_refused(const struct tide_arena_conf *conf, int err)
{
	size_t before = trace();

	test_log_catch();
	rte_errno = 0;
	assert_null(tide_arena_create(conf));
	assert_int_equal(rte_errno, err);
	/* It says why. */
	assert_non_null(strstr(test_log_caught(), "TIDE_"));
	assert_int_equal(trace(), before);
}

static void
a_bad_conf_is_refused_with_a_word_and_leaves_nothing(void **state)
{
	static const int twice[] = {0, 0}, none[] = {1023};
	struct tide_arena_conf good = conf_of(CHUNK, 4), conf;

#define REFUSED(field, value)                  \
	do {                                   \
		conf = good;                   \
		conf.field = value;            \
		assert_refused(&conf, EINVAL); \
	} while (0)
	REFUSED(name, NULL);
	REFUSED(name, "");
	REFUSED(name, "fifteen letters");
	REFUSED(chunk_size, 0);
	REFUSED(chunk_size, TIDE_ARENA_CHUNK_MIN - 64);
	REFUSED(chunk_size, TIDE_ARENA_CHUNK_MIN + 32);
	REFUSED(chunk_size, TIDE_ARENA_CHUNK_MAX + 64);
	REFUSED(chunks, 0);
	REFUSED(chunks, TIDE_ARENA_CHUNKS_MAX + 1);
	REFUSED(epochs, 1);
	REFUSED(epochs, TIDE_ARENA_EPOCHS_MAX + 1);
	REFUSED(align, 24);
	REFUSED(align, TIDE_ARENA_ALIGN_MAX * 2);
	REFUSED(nodes, none);
	REFUSED(nb_nodes, 0);
	REFUSED(ops, "no such ops");
	conf = good;
	conf.nodes = twice;
	conf.nb_nodes = 2;
	assert_refused(&conf, EINVAL);
	make(&good);
	assert_refused(&good, EEXIST);
}

static void
an_arena_that_is_freed_leaves_nothing(void **state)
{
	size_t before = trace();

	make_of(CHUNK, 100);
	assert_non_null(tide_arena_alloc(arena, 100, 0));
	clean_up(NULL);
	assert_int_equal(trace(), before);
	assert_int_equal(tide_arena_free(NULL), 0);
}

static void
memory_that_is_not_to_be_had_is_an_errno(void **state)
{
	struct tide_arena_conf conf = conf_of(TIDE_ARENA_CHUNK_MAX, 100000);

	assert_refused(&conf, ENOMEM);
	/* Not even the tables. */
	conf = conf_of(1024, TIDE_ARENA_CHUNKS_MAX);
	assert_refused(&conf, ENOMEM);
}

static void
without_nodes_named_the_lcores_nodes_have_chunks(void **state)
{
	struct tide_arena_conf conf = conf_of(CHUNK, 4);

	conf.nodes = NULL;
	make(&conf);
	assert_int_equal(tide_arena_capacity(arena,
				 tide_topology_lcore_node(arena->more->topo, rte_get_main_lcore())),
		4 * CHUNK);
}

static bool
lies_on(int node, const void *at)
{
	const struct tidei_arena_node *on = tidei_arena_node(arena->more, node);
	const char *first = tide_region_addr(on->objects.region);

	return (const char *)at >= first &&
	       (const char *)at < first + tide_region_len(on->objects.region);
}

/* Nodes this machine need not have. */
static struct tide_topology *
three_nodes(void)
{
	struct tide_topology *topo =
		tide_topology_parse("node 0 cpus 0-63 memory 16G distance 0:10,1:20,2:30\n"
				    "node 1 cpus 64-65 memory 16G distance 0:20,1:10,2:20\n"
				    "node 2 cpus - memory 16G distance 0:30,1:20,2:10\n");

	assert_non_null(topo);
	return topo;
}

static void
alloc_on_allocates_from_the_chunks_of_that_node(void **state)
{
	static const int nodes[] = {0, 2};
	struct tide_topology *topo = three_nodes();
	struct tide_arena_conf conf = conf_of(CHUNK, 4);
	char *near, *far, *farther;

	conf.topo = topo;
	conf.nodes = nodes;
	conf.nb_nodes = 2;
	conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
	make(&conf);
	near = tide_arena_alloc(arena, 64, 0);
	far = tide_arena_alloc_on(arena, 2, 64, 0);
	farther = tide_arena_alloc_on(arena, 2, 64, 0);
	assert_true(lies_on(0, near));
	assert_true(lies_on(2, far));
	assert_ptr_equal(farther, far + 64);
	assert_ptr_equal(tide_arena_alloc_on(arena, 0, 64, 0), near + 64);
	assert_int_equal(stats_of(2).bytes, 128);
	assert_int_equal(stats_of(2).chunks_out, 1);
	assert_int_equal(tide_arena_remaining(arena, 2), 4 * CHUNK - 128);
	/* A node without chunks. */
	assert_null(tide_arena_alloc_on(arena, 1, 64, 0));
	assert_int_equal(rte_errno, ENOENT);
	assert_null(tide_arena_alloc_on(arena, -1, 64, 0));
	assert_null(tide_arena_alloc_on(arena, TIDE_NODE_MAX, 64, 0));
	assert_int_equal(tide_arena_capacity(arena, 1), 0);
	assert_int_equal(tide_arena_remaining(arena, 1), 0);
	assert_int_equal(tide_arena_nb_nodes(arena), 2);
	assert_int_equal(tide_arena_node_id(arena, 0), 0);
	assert_int_equal(tide_arena_node_id(arena, 1), 2);
	assert_int_equal(tide_arena_node_id(arena, 2), TIDE_NODE_UNKNOWN);
	assert_int_equal(tide_arena_stats(arena, 1, &(struct tide_arena_stats){0}), -ENOENT);
	assert_null(tide_arena_placement(arena, 1));
	/* Best effort tells where it is. */
	assert_int_equal(tide_arena_placement(arena, 2)->requested, 2);
	clean_up(NULL);
	tide_topology_free(topo);
}

static void
a_thread_without_chunks_on_its_node_uses_the_nearest(void **state)
{
	static const int nodes[] = {1, 2};
	struct tide_topology *topo = three_nodes();
	struct tide_arena_conf conf = conf_of(CHUNK, 4);

	conf.topo = topo;
	conf.nodes = nodes;
	conf.nb_nodes = 2;
	conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
	make(&conf);
	assert_true(lies_on(1, tide_arena_alloc(arena, 64, 0)));
	clean_up(NULL);
	tide_topology_free(topo);
}

static void
any_mempool_ops_do(void **state)
{
	static const char *const ops[] = {"tide", "ring_mp_mc", "stack"};

	for (unsigned int i = 0; i < RTE_DIM(ops); i++) {
		struct tide_arena_conf conf = conf_of(CHUNK, 300);

		conf.ops = ops[i];
		conf.dma = i % 2;
		make(&conf);
		for (unsigned int k = 0; k < 300; k++)
			assert_non_null(tide_arena_alloc(arena, CHUNK, 0));
		assert_null(tide_arena_alloc(arena, 1, 0));
		assert_int_equal(tide_arena_flip(arena, NULL), 0);
		assert_int_equal(tide_arena_reclaim(arena), 1);
		assert_int_equal(tide_arena_remaining(arena, 0), 300 * CHUNK);
		clean_up(NULL);
	}
}

/* Threads without an lcore id, all at once. */
#define WORKERS       4
#define WORKER_PIECES 4000

struct worker {
	pthread_t thread;
	unsigned int number, count;
	bool sound;
	struct piece pieces[WORKER_PIECES];
};

static pthread_barrier_t start;

static void *
allocate_beside_others(void *arg)
{
	struct worker *me = arg;
	unsigned int seed = me->number;

	me->sound = rte_lcore_id() == LCORE_ID_ANY;
	pthread_barrier_wait(&start);
	for (me->count = 0; me->count < WORKER_PIECES; me->count++) {
		struct piece *piece = &me->pieces[me->count];
		size_t align = (size_t)1 << rand_r(&seed) % 7;

		piece->size = 1 + (size_t)rand_r(&seed) % 150;
		piece->at = tide_arena_alloc(arena, piece->size, align);
		if (piece->at == NULL)
			break;
		me->sound &= (uintptr_t)piece->at % align == 0;
		mark(piece, (unsigned char)(me->number + 1));
	}
	return NULL;
}

static void
threads_without_an_lcore_id_share_and_never_overlap(void **state)
{
	static struct worker worker[WORKERS];
	uint64_t count = 0, size = 0;

	/* Once plenty, once too few for all. */
	for (unsigned int round = 0; round < 2; round++) {
		count = size = 0;
		struct tide_arena_conf conf = conf_of(1024, round == 0 ? 4000 : 300);

		conf.align = 1;
		make(&conf);
		pthread_barrier_init(&start, NULL, WORKERS);
		for (unsigned int i = 0; i < WORKERS; i++) {
			worker[i].number = i;
			assert_int_equal(pthread_create(&worker[i].thread, NULL,
						 allocate_beside_others, &worker[i]),
				0);
		}
		for (unsigned int i = 0; i < WORKERS; i++)
			pthread_join(worker[i].thread, NULL);
		pthread_barrier_destroy(&start);
		for (unsigned int i = 0; i < WORKERS; i++) {
			assert_true(worker[i].sound);
			for (unsigned int k = 0; k < worker[i].count; k++) {
				assert_marked(&worker[i].pieces[k]);
				size += worker[i].pieces[k].size;
			}
			count += worker[i].count;
		}
		assert_int_equal(stats_of(0).allocs, count);
		assert_true(stats_of(0).bytes >= size);
		assert_int_equal(stats_of(0).failures, round == 0 ? 0 : WORKERS);
		assert_int_equal(count == WORKERS * WORKER_PIECES, round == 0);
		clean_up(NULL);
	}
}

static void
make_far(const struct tide_topology *topo)
{
	assert_non_null(topo);
	static const int nodes[] = {2, 3};
	struct tide_arena_conf conf = conf_of(CHUNK, 4);

	conf.topo = topo;
	conf.nodes = nodes;
	conf.nb_nodes = 2;
	conf.enforce = TIDE_ENFORCE_BEST_EFFORT;
	make(&conf);
}

static void *
allocate_elsewhere(void *arg)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(1, &cpus);
	if (pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus) != 0)
		return arg;
	return tide_arena_alloc(arena, 64, 0);
}

static void
a_thread_without_an_lcore_id_allocates_where_it_runs(void **state)
{
	/* EAL runs the main lcore, and this case, on CPU 0. */
	struct tide_topology *topo = tide_topology_parse("node 2 cpus 0 memory 16G\n"
							 "node 3 cpus 1-511 memory 16G\n");
	pthread_t thread;
	void *at;

	make_far(topo);
	assert_int_equal(pthread_create(&thread, NULL, allocate_elsewhere, topo), 0);
	pthread_join(thread, &at);
	if (at != topo) {
		assert_true(lies_on(3, at));
		assert_int_equal(stats_of(3).allocs, 1);
	}
	clean_up(NULL);
	tide_topology_free(topo);
	if (at == topo) {
		print_message("no CPU 1 to run on\n");
		skip();
	}
}

static void *
allocate_registered(void *arg)
{
	bool *sound = arg;
	unsigned int lcore;
	char *first;

	*sound = rte_thread_register() == 0;
	lcore = rte_lcore_id();
	first = tide_arena_alloc(arena, 64, 0);
	*sound &= first != NULL && tide_arena_alloc(arena, 64, 0) == first + 64;
	*sound &= lies_on(3, first);
	*sound &= arena->local[lcore] == arena->more->nodes[1]->cells[lcore];
	*sound &= arena->local[lcore]->allocs == 2;
	rte_thread_unregister();
	return NULL;
}

static void
a_thread_that_got_an_lcore_id_late_has_a_chunk_of_its_own(void **state)
{
	struct tide_topology *topo = tide_topology_parse("node 2 cpus 1000 memory 16G\n"
							 "node 3 cpus 0-511 memory 16G\n");
	pthread_t thread;
	bool sound;

	make_far(topo);
	assert_int_equal(pthread_create(&thread, NULL, allocate_registered, &sound), 0);
	pthread_join(thread, NULL);
	assert_true(sound);
	clean_up(NULL);
	tide_topology_free(topo);
}

/* A registered thread on one CPU, and what it allocated: a chunk's worth. */
struct tenant {
	unsigned int cpu, lcore;
	bool ran;
	void *at;
};

static void *
allocate_as_tenant(void *arg)
{
	struct tenant *tenant = arg;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(tenant->cpu, &cpus);
	tenant->ran = pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus) == 0 &&
	              rte_thread_register() == 0;
	if (!tenant->ran)
		return NULL;
	tenant->lcore = rte_lcore_id();
	tenant->at = tide_arena_alloc(arena, CHUNK, 0);
	rte_thread_unregister();
	return NULL;
}

static void
a_thread_that_got_the_lcore_id_of_another_takes_chunks_where_it_runs(void **state)
{
	struct tide_topology *topo = tide_topology_parse("node 2 cpus 0 memory 16G\n"
							 "node 3 cpus 1-511 memory 16G\n");
	struct tenant tenants[] = {{.cpu = 0}, {.cpu = 1}};
	pthread_t thread;

	make_far(topo);
	for (unsigned int i = 0; i < RTE_DIM(tenants); i++) {
		assert_int_equal(pthread_create(&thread, NULL, allocate_as_tenant, &tenants[i]), 0);
		pthread_join(thread, NULL);
	}
	if (tenants[0].ran && tenants[1].ran) {
		assert_int_equal(tenants[0].lcore, tenants[1].lcore);
		assert_true(lies_on(2, tenants[0].at));
		assert_true(lies_on(3, tenants[1].at));
	}
	clean_up(NULL);
	tide_topology_free(topo);
	if (!tenants[0].ran || !tenants[1].ran) {
		print_message("no CPUs 0 and 1 to run on\n");
		skip();
	}
}

static void
a_chunk_that_is_given_back_is_filled_and_a_write_to_it_is_told(void **state)
{
	struct tide_arena_conf conf = conf_of(CHUNK, 4);
	volatile unsigned char *stalled;

	conf.fill = true;
	make(&conf);
	stalled = tide_arena_alloc(arena, 100, 0);
	memset((void *)(uintptr_t)stalled, 1, 100);
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	assert_int_equal(stalled[99], 1);
	assert_int_equal(tide_arena_reclaim(arena), 1);
	tidei_arena_unseal(arena->more, (uintptr_t)stalled);
	assert_int_equal(stalled[99], TIDE_ARENA_FILL);
	stalled[99] = 7;
	assert_int_equal(stats_of(0).stale_writes, 0);
	test_log_catch();
	for (unsigned int i = 0; i < 4; i++)
		assert_non_null(tide_arena_alloc(arena, CHUNK, 0));
	assert_non_null(strstr(test_log_caught(), "was written to after it was freed"));
	assert_int_equal(stats_of(0).stale_writes, 1);
}

static void
the_check_sees_what_is_wrong(void **state)
{
	struct tidei_arena_node *node;
	struct tide_arena_cell *cell;

	make_of(CHUNK, 8);
	node = arena->more->nodes[0];
	cell = node->cells[rte_lcore_id()];
	for (unsigned int i = 0; i < 4; i++)
		assert_non_null(tide_arena_alloc(arena, CHUNK - 64, 0));
	assert_int_equal(tide_arena_check(arena), 0);
#define SEEN(place, value)                                                \
	do {                                                              \
		__typeof__(place) was = place;                            \
		place = value;                                            \
		test_log_catch();                                         \
		assert_int_equal(tide_arena_check(arena), -EINVAL);       \
		assert_non_null(strstr(test_log_caught(), "test_node0")); \
		place = was;                                              \
		assert_int_equal(tide_arena_check(arena), 0);             \
	} while (0)
	uint32_t *head = &tidei_arena_heads(node, 1)[rte_lcore_id()];

	SEEN(*head, TIDEI_ARENA_NONE);
	SEEN(*head, 8);
	SEEN(node->next[*head], *head);
	SEEN(cell->start, cell->start + 64);
	SEEN(cell->at, cell->end + 1);
	SEEN(cell->waste, cell->waste + 1);
	SEEN(tidei_arena_heads(node, 2)[0], 7);
	SEEN(node->taken, 3);
}

static void
the_dump_names_bytes_epochs_and_the_stalled_reader(void **state)
{
	char text[2048] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");
	int reader;

	assert_non_null(out);
	make_of(CHUNK, 8);
	assert_non_null(tide_arena_alloc(arena, 96, 0));
	reader = tide_arena_reader_register(arena, "the slow one");
	assert_int_equal(tide_arena_flip(arena, NULL), 0);
	tide_arena_dump(arena, out);
	fclose(out);
	assert_non_null(strstr(text, "28672 of 32768 bytes remaining, 1 of 8 chunks out"));
	assert_non_null(strstr(text, "epoch 2, 1 closed"));
	assert_non_null(strstr(text, "\"the slow one\""));
	assert_int_equal(tide_arena_reader_unregister(arena, (unsigned int)reader), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(claim) cmocka_unit_test_teardown(claim, clean_up)
		CASE(a_megabyte_less_one_kilobyte_remains),
		CASE(random_sizes_and_alignments_agree_with_a_naive_model),
		CASE(a_bad_request_is_refused_and_takes_nothing),
		CASE(the_largest_size_of_each_alignment_fits_into_every_chunk),
		CASE(a_dry_node_still_serves_what_fits_behind_the_bump),
		CASE(the_least_alignment_holds_for_every_allocation),
		CASE(the_rest_of_a_closed_chunk_is_waste),
		CASE(a_bad_conf_is_refused_with_a_word_and_leaves_nothing),
		CASE(arenas_need_eal_and_the_primary_process),
		CASE(an_arena_that_is_freed_leaves_nothing),
		CASE(memory_that_is_not_to_be_had_is_an_errno),
		CASE(without_nodes_named_the_lcores_nodes_have_chunks),
		CASE(alloc_on_allocates_from_the_chunks_of_that_node),
		CASE(a_thread_without_chunks_on_its_node_uses_the_nearest),
		CASE(any_mempool_ops_do),
		CASE(threads_without_an_lcore_id_share_and_never_overlap),
		CASE(a_thread_without_an_lcore_id_allocates_where_it_runs),
		CASE(a_thread_that_got_an_lcore_id_late_has_a_chunk_of_its_own),
		CASE(a_thread_that_got_the_lcore_id_of_another_takes_chunks_where_it_runs),
		CASE(a_chunk_that_is_given_back_is_filled_and_a_write_to_it_is_told),
		CASE(the_check_sees_what_is_wrong),
		CASE(the_dump_names_bytes_epochs_and_the_stalled_reader),
	};

	struct tide_arena_conf conf = conf_of(CHUNK, 4);

	if (tide_arena_create(&conf) == NULL)
		err_without_eal = rte_errno;
	test_eal_start(false, 64, "0");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
