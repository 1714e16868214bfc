/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef CONFORM_BOOK_H
#define CONFORM_BOOK_H

/* Makes mempools and keeps book on their objects, apart from the objects themselves. */

#include <stdatomic.h>

#include <rte_mempool.h>

#include "conform.h"

/* Who has which object. All calls may come from several threads at once. */
struct book {
	struct trial *t;
	struct rte_mempool *mp;
	unsigned int n; /* Objects. */
	char **object; /* Sorted by address. */
	atomic_bool *out; /* Per object: somebody has it. */
};

/* Each returns NULL with the reason given when there is no pool. */
struct rte_mempool *pool_empty(struct trial *t, unsigned int n, unsigned int elt_size,
	unsigned int cache, unsigned int flags);
struct rte_mempool *pool_make(struct trial *t, unsigned int n, unsigned int elt_size,
	unsigned int cache, unsigned int flags);

/* List the objects of a pool, all inside. False with the reason given: they are not n, or overlap. */
bool book_open(struct book *b, struct trial *t, struct rte_mempool *mp, unsigned int n);
void book_close(struct book *b);

/* A pool with its book. */
bool book_make(struct book *b, struct trial *t, unsigned int n, unsigned int elt_size,
	unsigned int cache, unsigned int flags);

/* The number of an object; -1: it is none of the pool's. */
int book_find(const struct book *b, const void *object);

/* Enter objects that came out of the pool. False: unknown, or somebody has it already. */
bool book_enter(struct book *b, void *const *objs, unsigned int n);
/* Strike objects out, before they go back. False: nobody had it. */
bool book_strike(struct book *b, void *const *objs, unsigned int n);

/* Take n objects and enter them. False with the reason given when the pool refuses. */
bool take(struct book *b, void **objs, unsigned int n);
/* Strike n objects out and put them. */
bool give(struct book *b, void *const *objs, unsigned int n);

/* Take one by one until refused; how many came, UINT_MAX with the reason given if one is wrong. */
unsigned int take_all(struct book *b, void **objs);

/*
 * What must hold at rest with all objects given back: the count says n, this thread can take each of
 * them, one by one and in one bulk, and then the count says 0.
 */
bool all_here(struct book *b);

/* Run on that many worker lcores at once, index 0 on; how many returned other than 0. -1: too few. */
struct job {
	struct book *book;
	unsigned int index;
	uint64_t random;
	void *arg;
};
int on_lcores(struct book *b, unsigned int n, int (*function)(void *job), void *arg);
/* The same on threads that EAL knows nothing of. */
int on_threads(struct book *b, unsigned int n, int (*function)(void *job), void *arg);

#endif /* CONFORM_BOOK_H */
