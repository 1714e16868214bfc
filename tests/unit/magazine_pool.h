/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_MAGAZINE_POOL_H
#define TEST_MAGAZINE_POOL_H

/* Shared by the tests of lib/magazine: an allocator on plain memory, and threads that work one at a time. */

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
	size_t bytes; /* Length of the memory. */
	size_t stride;
	uint32_t capacity;
	char **object; /* The `nb` objects in the order in which they were added. */
	uint32_t nb;
};

/* Make an allocator without objects. bytes: address space for them, whose pages stay untouched. */
struct pool pool_empty(uint32_t capacity, size_t stride, enum tidei_ledger_mode mode, size_t bytes);

/* Make an allocator with all its objects in one run. */
struct pool pool_full(uint32_t objects, size_t stride, enum tidei_ledger_mode mode);

/* Add n objects at an offset, and grow the table of segments if necessary. */
void pool_add(struct pool *p, size_t offset, uint32_t n);

/* Add `capacity` objects of which none crosses a page, like a mempool driver does: a run per page. */
void pool_add_pages(struct pool *p, size_t page);

/* Fail the case unless the allocator is sound and has `free` free objects. */
void pool_assert(const struct pool *p, uint32_t free);

/* Check and free the allocator; the caller has put all objects back. */
void pool_done(struct pool *p);

/* Check and free the allocator; `free` objects are free. */
void pool_done_with(struct pool *p, uint32_t free);

/* Free the allocator without a check. */
void pool_free(struct pool *p);

/* Get all objects, check that each comes once and is writable, and put them back. */
void pool_assert_usable(struct pool *p);

/* Return the slot of an object. */
uint32_t pool_slot(const struct pool *p, const void *object);

int compare_pointers(const void *a, const void *b);

/* Put n objects, count the refusals and keep the first NOTED of them. */
#define NOTED 8
struct refusals {
	unsigned int nb;
	struct tidei_refusal noted[NOTED];
};
unsigned int put_noting(struct tidei_magazines *mags, void *const *table, unsigned int n,
	struct refusals *refusals);

/* Choose and print a seed for rand_r(); TIDE_TEST_SEED repeats one. */
unsigned int seed_of_run(void);

/* Run a function in a worker thread, 0 to WORKERS_MAX - 1, and wait until it returns. */
#define WORKERS_MAX 160
void worker_do(unsigned int index, void (*work)(void *arg), void *arg);

/* Get and put in a worker thread. */
int worker_get(struct tidei_magazines *mags, unsigned int index, void **table, unsigned int n);
unsigned int
worker_put(struct tidei_magazines *mags, unsigned int index, void *const *table, unsigned int n);

/* End all worker threads. */
void workers_end(void);

/* Return the kernel thread id of a worker. */
uint32_t worker_tid(unsigned int index);

/* Make membarrier(2) fail in this process from now on. Returns false if the kernel refuses the filter. */
bool refuse_membarrier(void);

/*
 * Run a group of tests; with the argument "fenced", membarrier(2) is refused first. Returns the exit
 * status for main().
 */
int magazine_tests(int argc, char **argv, const char *name, int (*group)(const char *name));

#endif /* TEST_MAGAZINE_POOL_H */
