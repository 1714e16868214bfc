/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Reads outstanding objects for pointers to others. Of an mbuf it reads the header, the private area, the headroom and
 * the packet headers, and no further: packets come from outside. Other objects are read whole.
 */

#include <rte_mbuf.h>

#include "locate_peek.h"
#include "locate_scan.h"

/* Objects up to so many bytes are read several at a time. */
#define SMALL 1024

/* Objects to be read together. */
struct batch {
	struct tidei_piece piece[TIDEI_PIECES];
	uint32_t object[TIDEI_PIECES];
	unsigned int nb;
};

static size_t
bytes_to_read(const struct tidei_target_pool *p)
{
	size_t size = sizeof(struct rte_mbuf) + p->priv_size + RTE_PKTMBUF_HEADROOM + 64;

	return p->mbufs ? RTE_MIN(size, (size_t)p->elt_size) : p->elt_size;
}

static enum tidei_link
link_of(const struct tidei_target_pool *p, size_t offset)
{
	if (p->mbufs && offset == offsetof(struct rte_mbuf, next))
		return TIDEI_LINK_SEGMENT;
	if (p->mbufs && (offset == offsetof(struct rte_mbuf, buf_addr) ||
				offset == offsetof(struct rte_mbuf, shinfo)))
		return TIDEI_LINK_ATTACHED;
	return TIDEI_LINK_CONTENT;
}

/* Note the links in a part of an object, which begins at an offset, and add the part to a hash. */
static void
look(struct tidei_scan *scan, uint32_t object, const uintptr_t *word, size_t n, size_t offset,
	uint64_t *hash)
{
	const struct tidei_targets *t = &scan->targets;
	const struct tidei_target_pool *p = target_pool_of(t, object);

	for (size_t i = 0; i < n; i++) {
		uint32_t to = tidei_targets_find(t, word[i]);
		struct tidei_reference *r;

		*hash = (*hash ^ word[i]) * 0x9fb21c651e98df25;
		*hash ^= *hash >> 32;
		if (to == TIDEI_NO_OBJECT || to == object || t->object[to].now != TIDEI_NOW_OUT)
			continue;
		r = tidei_vector_add(&scan->scratch, &scan->links, sizeof(*r));
		if (r == NULL) {
			scan->layout.failed = true;
			return;
		}
		*r = (struct tidei_reference){object, to, link_of(p, offset + i * sizeof(*word))};
	}
}

/* Compare the content with that of the scan before. */
static void
compare(struct tidei_object *o, uint64_t hash)
{
	/* 0 says that it was not read before. */
	uint32_t print = (uint32_t)hash | 1;

	if (o->print != 0 && o->print != print)
		o->life |= TIDEI_LIFE_MOVED;
	o->print = print;
}

static void
read_batch(struct tidei_scan *scan, struct batch *b)
{
	tidei_peek_many(b->piece, b->nb);
	for (unsigned int i = 0; i < b->nb; i++) {
		uint64_t hash = 0;

		if (b->piece[i].got == 0)
			continue;
		scan->bytes += b->piece[i].got;
		look(scan, b->object[i], b->piece[i].to, b->piece[i].got / sizeof(uintptr_t), 0,
			&hash);
		compare(&scan->targets.object[b->object[i]], hash);
	}
	b->nb = 0;
}

static void
read_large(struct tidei_scan *scan, uint32_t object, size_t size)
{
	uintptr_t from = target_address(&scan->targets, object);
	uint64_t hash = 0;

	for (size_t at = 0; at < size; at += TIDEI_BLOCK) {
		size_t got = tidei_peek(scan->block, from + at, RTE_MIN(TIDEI_BLOCK, size - at));

		scan->bytes += got;
		look(scan, object, (const uintptr_t *)scan->block, got / sizeof(uintptr_t), at,
			&hash);
	}
	compare(&scan->targets.object[object], hash);
}

/* The links have to be in the order of their sources, so a batch ends before a large object is read. */
void
tidei_scan_objects(struct tidei_scan *scan)
{
	const struct tidei_targets *t = &scan->targets;
	struct batch b = {.nb = 0};

	scan->links.nb = 0;
	for (uint32_t i = 0; i < t->nb; i++) {
		size_t size;

		if (t->object[i].now != TIDEI_NOW_OUT)
			continue;
		size = bytes_to_read(target_pool_of(t, i));
		if (size > SMALL || b.nb == TIDEI_PIECES)
			read_batch(scan, &b);
		if (size > SMALL) {
			read_large(scan, i, size);
			continue;
		}
		b.object[b.nb] = i;
		b.piece[b.nb] = (struct tidei_piece){
			.from = target_address(t, i),
			.len = (uint32_t)size,
			.to = scan->block + b.nb * SMALL,
		};
		b.nb++;
	}
	read_batch(scan, &b);
}
