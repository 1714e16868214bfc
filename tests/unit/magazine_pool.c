/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* An allocator on plain memory for the tests of lib/magazine. */

#include "magazine_pool.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int
compare_pointers(const void *a, const void *b)
{
	const char *x = *(void *const *)a, *y = *(void *const *)b;

	return (x > y) - (x < y);
}

static size_t
round_up(size_t bytes, size_t to)
{
	return (bytes + to - 1) / to * to;
}

struct pool
pool_empty(uint32_t capacity, size_t stride, enum tidei_ledger_mode mode, size_t bytes)
{
	struct pool p = {.stride = stride, .capacity = capacity, .bytes = bytes};
	size_t size = tidei_magazines_size(capacity, stride, mode);
	void *mem;

	assert_true(size != 0);
	mem = aligned_alloc(128, round_up(size, 128));
	assert_non_null(mem);
	/* Init must not rely on zeroed memory. */
	memset(mem, 0xa5, size);
	p.mags = tidei_magazines_init(mem, capacity, stride, mode);
	assert_ptr_equal(p.mags, mem);
	p.base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_true(p.base != MAP_FAILED);
	p.object = calloc(capacity, sizeof(*p.object));
	assert_non_null(p.object);
	return p;
}

struct pool
pool_full(uint32_t objects, size_t stride, enum tidei_ledger_mode mode)
{
	struct pool p = pool_empty(objects, stride, mode, objects * stride + 4096);

	pool_add(&p, 0, objects);
	return p;
}

void
pool_add(struct pool *p, size_t offset, uint32_t n)
{
	size_t size = tidei_magazines_grow_size(p->mags);

	assert_true(offset + n * p->stride <= p->bytes);
	if (size != 0) {
		void *mem = aligned_alloc(64, round_up(size, 64));

		assert_non_null(mem);
		memset(mem, 0xa5, size);
		free(tidei_magazines_grow(p->mags, mem));
	}
	assert_int_equal(tidei_magazines_add(p->mags, p->base + offset, n), 0);
	for (uint32_t i = 0; i < n; i++)
		p->object[p->nb++] = p->base + offset + i * p->stride;
}

void
pool_add_pages(struct pool *p, size_t page)
{
	size_t offset = 0;

	while (p->nb < p->capacity) {
		size_t fits = (page - offset % page) / p->stride;
		uint32_t left = p->capacity - p->nb, n = fits < left ? (uint32_t)fits : left;

		if (n != 0)
			pool_add(p, offset, n);
		offset = (offset / page + 1) * page;
	}
}

void
pool_assert(const struct pool *p, uint32_t free)
{
	const char *wrong = tidei_magazines_check(p->mags);

	if (wrong != NULL)
		fail_msg("%s", wrong);
	assert_int_equal(tidei_magazines_objects(p->mags), p->nb);
	assert_int_equal(tidei_magazines_count(p->mags), free);
}

void
pool_done_with(struct pool *p, uint32_t free_objects)
{
	pool_assert(p, free_objects);
	pool_free(p);
}

void
pool_free(struct pool *p)
{
	free(tidei_magazines_grown(p->mags));
	free(p->mags);
	munmap(p->base, p->bytes);
	free(p->object);
}

void
pool_done(struct pool *p)
{
	pool_done_with(p, p->nb);
}

void
pool_assert_usable(struct pool *p)
{
	void **out = calloc(p->nb, sizeof(*out)), *more;

	assert_int_equal(tidei_magazines_get(p->mags, out, p->nb, NULL), 0);
	assert_int_equal(tidei_magazines_get(p->mags, &more, 1, NULL), -ENOBUFS);
	pool_assert(p, 0);
	qsort(p->object, p->nb, sizeof(*p->object), compare_pointers);
	qsort(out, p->nb, sizeof(*out), compare_pointers);
	for (uint32_t i = 0; i < p->nb; i++) {
		assert_ptr_equal(out[i], p->object[i]);
		*(uint64_t *)out[i] = i;
	}
	assert_int_equal(tidei_magazines_put(p->mags, out, p->nb, NULL), 0);
	pool_assert(p, p->nb);
	free(out);
}

uint32_t
pool_slot(const struct pool *p, const void *object)
{
	uint32_t slot = UINT32_MAX;

	assert_int_equal(tidei_magazines_slot(p->mags, object, &slot), 0);
	return slot;
}

static void
note(const struct tidei_refusal *refusal, void *arg)
{
	struct refusals *r = arg;

	if (r->nb < NOTED)
		r->noted[r->nb] = *refusal;
	r->nb++;
}

unsigned int
put_noting(struct tidei_magazines *mags, void *const *table, unsigned int n, struct refusals *r)
{
	const struct tidei_listener listener = {note, r};
	unsigned int refused;

	memset(r, 0, sizeof(*r));
	refused = tidei_magazines_put(mags, table, n, &listener);
	assert_int_equal(refused, r->nb);
	return refused;
}

unsigned int
seed_of_run(void)
{
	const char *given = getenv("TIDE_TEST_SEED");
	unsigned int seed =
		given != NULL ? (unsigned int)strtoul(given, NULL, 0) : (unsigned int)time(NULL);

	print_message("seed %u (repeat with TIDE_TEST_SEED=%u)\n", seed, seed);
	return seed;
}

bool
refuse_membarrier(void)
{
	struct sock_filter rules[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {NB(rules), rules};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

int
magazine_tests(int argc, char **argv, const char *name, int (*group)(const char *name))
{
	int failed;

	if (argc > 1 && strcmp(argv[1], "fenced") == 0) {
		if (!refuse_membarrier()) {
			print_message("skipped: the kernel refuses seccomp filters\n");
			return 77;
		}
		if (!tidei_magazines_fenced()) {
			print_error("membarrier(2) is refused and entries are not fenced\n");
			return 1;
		}
	}
	failed = group(name);
	workers_end();
	return failed;
}
