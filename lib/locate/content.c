/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads the packet that a buffer has, with all bounds checked: the buffer can be freed and reused meanwhile. */

#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>

#include "locate_peek.h"
#include "locate_report.h"

/* Return the place of the type in an Ethernet header, behind its VLAN tags. */
static unsigned int
type_offset(const uint8_t *bytes, unsigned int n)
{
	unsigned int at = 12;

	while (at + 6 <= n && ((bytes[at] == 0x81 && bytes[at + 1] == 0x00) ||
				      (bytes[at] == 0x88 && bytes[at + 1] == 0xa8)))
		at += 4;
	return at;
}

static void
read_headers(struct tide_locate_buffer *b)
{
	unsigned int at = type_offset(b->bytes, b->nb_bytes);
	const uint8_t *ip = b->bytes + at + 2;

	if (at + 2 > b->nb_bytes)
		return;
	b->ether_type = (uint32_t)b->bytes[at] << 8 | b->bytes[at + 1];
	if (b->ether_type == RTE_ETHER_TYPE_IPV4 && at + 2 + 20 <= b->nb_bytes)
		b->fragment = (ip[6] & 0x3f) != 0 || ip[7] != 0;
	if (b->ether_type == RTE_ETHER_TYPE_IPV6 && at + 2 + 40 <= b->nb_bytes)
		b->fragment = ip[6] == 44;
}

/* Return the address of the packet, or 0 if the fields of the mbuf do not fit each other. */
static uintptr_t
packet_of(const struct rte_mbuf *m, const struct tidei_target_pool *p, uintptr_t object)
{
	uintptr_t data = (uintptr_t)m->buf_addr;
	bool own = (m->ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)) == 0;

	if (m->pool != p->mp || m->data_off > m->buf_len || m->data_len > m->buf_len - m->data_off)
		return 0;
	if (own && (data < object || data + m->buf_len > object + p->elt_size))
		return 0;
	return data + m->data_off;
}

void
tidei_content_read(const struct tidei_scan *scan, uint32_t object, struct tide_locate_buffer *b)
{
	const struct tidei_target_pool *p = target_pool_of(&scan->targets, object);
	uintptr_t at = target_address(&scan->targets, object), packet;
	struct rte_mbuf m;

	b->port = b->ether_type = TIDE_LOCATE_NONE;
	b->length = b->nb_bytes = 0;
	b->fragment = false;
	if (!p->mbufs || tidei_peek(&m, at, sizeof(m)) != sizeof(m))
		return;
	packet = packet_of(&m, p, at);
	if (packet == 0)
		return;
	b->port = m.port == RTE_MBUF_PORT_INVALID ? TIDE_LOCATE_NONE : m.port;
	b->length = m.pkt_len;
	b->nb_bytes = (unsigned int)tidei_peek(
		b->bytes, packet, RTE_MIN((size_t)m.data_len, sizeof(b->bytes)));
	read_headers(b);
}
