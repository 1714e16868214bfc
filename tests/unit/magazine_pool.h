/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_MAGAZINE_POOL_H
#define TEST_MAGAZINE_POOL_H

/* What the tests of lib/magazine share: an allocator on plain memory, and threads that take turns. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "magazine.h"

#define NB(array) (sizeof(array) / sizeof((array)[0]))

/* An allocator and the memory of its objects. */
struct pool {
	struct tidei_magazines *mags;
	char *base; /* Zeroed; page aligned. */
	size_t bytes; /* From base on. */
	size_t stride;
	uint32_t capacity;
	char **object; /* What was added, in the order in which it was; `nb` of them. */
	uint32_t nb;
};

/* Make an allocator without objects; bytes: memory for them (address space: pages are not touched). */
struct pool pool_empty(uint32_t capacity, size_t stride, enum tidei_ledger_mode mode, size_t bytes);

/* Make an allocator with all its objects in one run. */
struct pool pool_full(uint32_t objects, size_t stride, enum tidei_ledger_mode mode);

/* Add n objects at an offset, with larger tables when add asks for them. */
void pool_add(struct pool *p, size_t offset, uint32_t n);

/* Add capacity objects of which none crosses a page, as a mempool driver does: a run per page. */
void pool_add_pages(struct pool *p, size_t page);

/* Fail the case unless the allocator is sound and has `free` free objects. */
void pool_assert(const struct pool *p, uint32_t free);

/* Check and free; the caller has given everything back. */
void pool_done(struct pool *p);

/* Check and free, whatever is out. */
void pool_done_with(struct pool *p, uint32_t free);

/* Free without a check. */
void pool_free(struct pool *p);

/* Take everything, see that each object comes once and can be written to, and give it back. */
void pool_assert_usable(struct pool *p);

uint32_t pool_slot(const struct pool *p, const void *object);

int compare_pointers(const void *a, const void *b);

/* Put with every refusal noted; the first `NOTED` are kept. */
#define NOTED 8
struct refusals {
	unsigned int nb;
	struct tidei_refusal noted[NOTED];
};
unsigned int put_noting(struct tidei_magazines *mags, void *const *table, unsigned int n,
	struct refusals *refusals);

/* A seed for rand_r(), printed; TIDE_TEST_SEED repeats one. */
unsigned int seed_of_run(void);

/* Run a function in thread `which` (0 to CREW_MAX - 1) and wait until it returns. */
#define CREW_MAX 160
void crew_do(unsigned int which, void (*work)(void *arg), void *arg);

/* get and put in a thread of the crew. */
int crew_get(struct tidei_magazines *mags, unsigned int which, void **table, unsigned int n);
unsigned int
crew_put(struct tidei_magazines *mags, unsigned int which, void *const *table, unsigned int n);

/* End all threads of the crew. */
void crew_dismiss(void);

/* Kernel thread id of a thread of the crew. */
uint32_t crew_tid(unsigned int which);

/* Make membarrier(2) fail from here on in this process. False: the kernel does not let us. */
bool refuse_membarrier(void);

/*
 * Run a group; with the argument "fenced" in a process whose membarrier(2) is refused. Returns what
 * main should.
 */
int magazine_tests(int argc, char **argv, const char *name, int (*group)(const char *name));

#endif /* TEST_MAGAZINE_POOL_H */
