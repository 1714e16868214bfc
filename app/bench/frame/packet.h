/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_PACKET_H
#define BENCH_PACKET_H

/*
 * What the loops do to a packet. They write the first cache line of the mbuf, as a driver does on receive.
 * Later they check what they wrote, which differs when the buffer has a second owner.
 */

#include <rte_mbuf.h>

/* Write a number and a length. */
static __rte_always_inline void
packet_write(void *object, uint32_t number)
{
	struct rte_mbuf *m = object;

	m->pkt_len = 60;
	m->data_len = 60;
	m->hash.rss = number;
}

/* Whether a packet still has its number. */
static __rte_always_inline bool
packet_is(const void *object, uint32_t number)
{
	const struct rte_mbuf *m = object;

	return m->hash.rss == number;
}

#endif /* BENCH_PACKET_H */
