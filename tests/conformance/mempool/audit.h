/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef CONFORM_AUDIT_H
#define CONFORM_AUDIT_H

/* Makes mempools and audits their objects, in memory apart from the objects. */

#include <stdatomic.h>

#include <rte_mempool.h>

#include "conform.h"

/* The objects of a mempool and which of them are out. MT-safe, except open, close and make. */
struct audit {
	struct trial *t;
	struct rte_mempool *mp;
	unsigned int n; /* Number of objects. */
	char **object; /* Sorted by address. */
	atomic_bool *out; /* By object: it is out. */
};

/* Make a mempool without or with memory. Returns NULL, and reports the reason, on failure. */
struct rte_mempool *pool_empty(struct trial *t, unsigned int n, unsigned int elt_size,
	unsigned int cache, unsigned int flags);
struct rte_mempool *pool_make(struct trial *t, unsigned int n, unsigned int elt_size,
	unsigned int cache, unsigned int flags);

/* List the objects of a mempool, all free. Returns false, with a report, if they are not n or overlap. */
bool audit_open(struct audit *b, struct trial *t, struct rte_mempool *mp, unsigned int n);
void audit_close(struct audit *b);

/* Make a mempool and its audit. */
bool audit_make(struct audit *b, struct trial *t, unsigned int n, unsigned int elt_size,
	unsigned int cache, unsigned int flags);

/* Return the number of an object; -1: it is no object of the pool. */
int audit_find(const struct audit *b, const void *object);

/* Note that objects came out. Returns false if one is unknown or out already. */
bool audit_note_get(struct audit *b, void *const *objs, unsigned int n);
/* Note, before their put, that objects go back. Returns false if one is not out. */
bool audit_note_put(struct audit *b, void *const *objs, unsigned int n);

/* Get n objects and note them. Returns false, and reports the reason, if the get fails. */
bool audit_get(struct audit *b, void **objs, unsigned int n);
/* Note n objects and put them. */
bool audit_put(struct audit *b, void *const *objs, unsigned int n);

/* Get one by one until a get fails. Returns how many came; UINT_MAX, with a report, if one is wrong. */
unsigned int audit_get_all(struct audit *b, void **objs);

/*
 * Check at rest that all objects are free: the count is n, this thread can get each of them, one by one
 * and in one bulk, and then the count is 0.
 */
bool audit_all_free(struct audit *b);

/* Run a function on n worker lcores at once. Returns how many returned other than 0; -1: too few lcores. */
struct job {
	struct audit *audit;
	unsigned int index;
	uint64_t random;
	void *arg;
};
int on_lcores(struct audit *b, unsigned int n, int (*function)(void *job), void *arg);
/* Do the same on threads that EAL does not know. */
int on_threads(struct audit *b, unsigned int n, int (*function)(void *job), void *arg);

#endif /* CONFORM_AUDIT_H */
