/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_PIECES_H
#define TEST_PIECES_H

/*
 * Allocations of a stress test whose threads allocate from memory that is reset many times.
 *
 * Each allocation, a piece, is claimed in a map with a byte for every unit of the memory. The map is the
 * naive reference: an allocation that overlaps a live one finds the other owner there. Each piece is
 * filled too. Its owner, and threads that the owner shows it to, check its bytes until they end it.
 */

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORKERS    4
#define PIECES_MAX 24
#define SEEN_MAX   8
#define UNIT       8 /* Bytes of a claim; every allocation starts on a multiple. */

struct piece {
	unsigned char *at;
	size_t size;
	unsigned char mark; /* The first byte; each further byte is one more than the one before. */
};

/* The pieces of one thread. It alone writes them; others read `shown` at any time. */
struct pieces {
	unsigned int number; /* Of the thread, from 0. */
	unsigned int seed;
	unsigned int nb_own, nb_seen;
	struct piece own[PIECES_MAX];
	struct piece seen[SEEN_MAX]; /* Pieces of other threads. */
	uint64_t checks;
	/* A piece for others to check, in a form that the test chooses; 0: none. */
	alignas(128) _Atomic uint64_t shown;
};

/* A fault was found; threads end their work. */
extern _Atomic bool failed;

/* Report a fault and set `failed`. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Set the memory of all pieces and the map of claims, which has a zeroed byte per unit. */
void pieces_init(const void *memory, _Atomic unsigned char *claims);

/* Draw a number below sides. */
unsigned int dice(struct pieces *p, unsigned int sides);

/* Draw the size of an allocation, and its alignment; 0: the default one. */
size_t draw_size(struct pieces *p);
size_t draw_align(struct pieces *p);

/* Add an allocation to the thread's own pieces: check its alignment, claim and fill it. */
const struct piece *pieces_add(struct pieces *p, void *at, size_t size, size_t align);

/* Show a word to other threads. Release: pairs with the acquire of a thread that reads the piece. */
void pieces_show(struct pieces *p, uint64_t word);

/* Check and remember the first unit of a piece that another thread shows. */
void pieces_see(struct pieces *p, void *at);

/* Check all pieces for the last time, and end their claims. */
void pieces_end(struct pieces *p);

#endif /* TEST_PIECES_H */
