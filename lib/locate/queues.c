/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Finds the memory of receive and transmit queues: the block of EAL's heap, or the memzone, that has the structure of
 * a queue, and those to which its words point: descriptor rings and tables of buffers.
 */

#include <stdio.h>
#include <string.h>

#include <rte_ethdev.h>

/* A program without Ethernet devices does not have it, and the plugin must not bring it along. */
#pragma weak rte_eth_fp_ops

#include "locate_peek.h"
#include "locate_survey.h"

/* Words of a queue's structure that are followed. */
#define WORDS 512

/* A queue as one number. */
#define OF_PORT    UINT32_C(0x10000) /* All queues of a port: they share the memory. */
#define QUEUE_NONE UINT32_MAX /* Several ports share the memory. */

struct claim {
	uintptr_t from, to;
	uint32_t port, queue; /* queue: number * 2, + 1 for transmit; OF_PORT or QUEUE_NONE. */
};

struct claims {
	struct tidei_layout *l;
	const struct tidei_targets *t;
	struct tidei_vector list;
};

/* Tell whether a span is of a mempool: queues point to the mempool that fills them. */
static bool
of_mempool(const struct claims *c, const struct tidei_span *span)
{
	for (uint32_t i = 0; i < c->t->pools.nb; i++) {
		const struct tidei_target_pool *p = target_pool(c->t, i);
		uintptr_t mp = (uintptr_t)p->mp, data = (uintptr_t)p->pool_data;

		if ((mp >= span->from && mp < span->to) || (data >= span->from && data < span->to))
			return true;
	}
	return false;
}

/* Note that a queue has the memory at an address. Returns its span, or NULL if it is nothing of a queue. */
static const struct tidei_span *
claim(struct claims *c, uintptr_t address, uint32_t port, uint32_t queue)
{
	const struct tidei_span *span = tidei_layout_block(c->l, address);
	struct claim *other = c->list.at, *add;

	if (span == NULL || of_mempool(c, span) ||
		tidei_targets_find(c->t, address) != TIDEI_NO_OBJECT)
		return NULL;
	for (size_t i = 0; i < c->list.nb; i++) {
		if (other[i].from != span->from)
			continue;
		if (other[i].port != port)
			other[i].queue = QUEUE_NONE;
		else if (other[i].queue != queue && other[i].queue != QUEUE_NONE)
			other[i].queue = OF_PORT;
		return span;
	}
	add = tidei_vector_add(c->l->scratch, &c->list, sizeof(*add));
	if (add != NULL)
		*add = (struct claim){span->from, span->to, port, queue};
	return span;
}

static void
claim_queue(struct claims *c, uintptr_t structure, uint32_t port, uint32_t queue)
{
	const struct tidei_span *span = claim(c, structure, port, queue);
	uintptr_t word[WORDS];
	size_t len;

	if (span == NULL)
		return;
	len = RTE_MIN(sizeof(word), span->to - structure) & ~(sizeof(word[0]) - 1);
	len = tidei_peek(word, structure, len);
	for (size_t i = 0; i < len / sizeof(word[0]); i++)
		if (word[i] < span->from || word[i] >= span->to)
			claim(c, word[i], port, queue);
}

/* The array of a port has RTE_MAX_QUEUES_PER_PORT places. A port that is not started has none. */
static void
claim_all(struct claims *c, uint32_t port, void *const *data, uint32_t transmit)
{
	uintptr_t queue[RTE_MAX_QUEUES_PER_PORT];
	size_t len = data == NULL ? 0 : tidei_peek(queue, (uintptr_t)data, sizeof(queue));

	for (uint32_t q = 0; q < len / sizeof(queue[0]); q++)
		if (queue[q] != 0)
			claim_queue(c, queue[q], port, q * 2 + transmit);
}

static void
add_claim(struct tidei_layout *l, const struct claim *c)
{
	char name[TIDE_LOCATE_NAME_MAX];

	if (c->queue == QUEUE_NONE)
		return;
	if (c->queue == OF_PORT)
		snprintf(name, sizeof(name), "port %u, memory of several queues", c->port);
	else
		snprintf(name, sizeof(name), "port %u %s queue %u", c->port,
			c->queue % 2 == 0 ? "rx" : "tx", c->queue / 2);
	tidei_layout_add(l, TIDEI_LAYER_QUEUE, c->from, c->to, TIDE_LOCATE_QUEUE, name);
}

void
tidei_survey_queues(struct tidei_layout *l, const struct tidei_targets *t)
{
	const struct rte_eth_fp_ops *ops = rte_eth_fp_ops;
	struct claims c = {.l = l, .t = t};

	for (uint32_t port = 0; ops != NULL && port < RTE_MAX_ETHPORTS; port++) {
		claim_all(&c, port, ops[port].rxq.data, 0);
		claim_all(&c, port, ops[port].txq.data, 1);
	}
	for (size_t i = 0; i < c.list.nb; i++)
		add_claim(l, (struct claim *)c.list.at + i);
	tidei_layout_sort(l, TIDEI_LAYER_QUEUE);
}
