/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-fwd: from a packet to the key of its flow.
 *
 * Every header is read by rte_pktmbuf_read(): checked against the end of the packet, put together
 * where it is in two segments. No length in a packet is believed beyond that.
 */

#include <netinet/in.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>

#include "flow_key.h"

/* A tag of old switches for the outer of two; DPDK knows the other types. */
#define ETHER_TYPE_QINQ_OLD 0x9100

/* More fragments, and the offset: bits of the third word of an IPv4 header. */
#define V4_FRAGMENT (RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)

/* All but two bits that say nothing. */
#define V6_FRAGMENT 0xfff9

/* A packet, and how far this is: everything from `at` on is unread. */
struct cursor {
	const struct rte_mbuf *m;
	uint32_t at;
	uint32_t end; /* No header ends behind it. */
};

/* Return the next len bytes, in the packet or copied to `copy`; NULL when the packet ends before. */
static inline const void *
peek(const struct cursor *c, uint32_t len, void *copy)
{
	return c->end - c->at < len ? NULL : rte_pktmbuf_read(c->m, c->at, len, copy);
}

static bool
is_tag(uint16_t type)
{
	return type == RTE_ETHER_TYPE_VLAN || type == RTE_ETHER_TYPE_QINQ ||
	       type == ETHER_TYPE_QINQ_OLD;
}

/* Skip the Ethernet header with its tags; the type of what follows, 0 when there is none. */
static uint16_t
skip_ethernet(struct cursor *c)
{
	struct rte_ether_hdr eth_copy;
	const struct rte_ether_hdr *eth = peek(c, sizeof(*eth), &eth_copy);
	struct rte_vlan_hdr vlan_copy;
	const struct rte_vlan_hdr *vlan;
	uint16_t type;

	if (eth == NULL)
		return 0;
	c->at += sizeof(*eth);
	type = rte_be_to_cpu_16(eth->ether_type);
	for (unsigned int i = 0; i < FWD_FLOW_TAGS_MAX && is_tag(type); i++) {
		vlan = peek(c, sizeof(*vlan), &vlan_copy);
		if (vlan == NULL)
			return 0;
		c->at += sizeof(*vlan);
		type = rte_be_to_cpu_16(vlan->eth_proto);
	}
	return type;
}

/* Leave out the bytes that follow the packet, such as padding; 0: the packet fills the frame. */
static void
end_after(struct cursor *c, uint32_t len)
{
	if (len != 0 && len < c->end - c->at)
		c->end = c->at + len;
}

static bool
has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_UDPLITE || proto == IPPROTO_DCCP;
}

/* They are the first four bytes in all of these. */
static void
read_ports(union fwd_flow_key *key, const struct cursor *c)
{
	rte_be16_t copy[2];
	const rte_be16_t *ports;

	if (!has_ports(key->proto))
		return;
	ports = peek(c, sizeof(copy), copy);
	if (ports != NULL)
		memcpy(&key->sport, ports, sizeof(copy));
}

static bool
read_v4(union fwd_flow_key *key, struct cursor *c)
{
	struct rte_ipv4_hdr copy;
	const struct rte_ipv4_hdr *ip = peek(c, sizeof(*ip), &copy);
	const uint8_t *bytes = (const uint8_t *)ip;
	uint32_t header;

	if (ip == NULL || bytes[0] >> 4 != 4)
		return false;
	header = (bytes[0] & 0xf) * 4;
	end_after(c, rte_be_to_cpu_16(ip->total_length));
	if (header < sizeof(*ip) || c->end - c->at < header)
		return false;
	key->word[0] = 0;
	key->version = 4;
	key->proto = ip->next_proto_id;
	/* Both addresses: they stand together, in the key as in the header. */
	memcpy(&key->v4, bytes + offsetof(struct rte_ipv4_hdr, src_addr), sizeof(key->v4));
	c->at += header;
	if ((rte_be_to_cpu_16(ip->fragment_offset) & V4_FRAGMENT) == 0)
		read_ports(key, c);
	return true;
}

/*
 * Skip a fragment header. False: ports cannot be had, as this is one of several fragments or ends
 * in the header.
 */
static bool
skip_fragment(union fwd_flow_key *key, struct cursor *c)
{
	uint8_t copy[8];
	const uint8_t *header = peek(c, sizeof(copy), copy);

	if (header == NULL)
		return false;
	key->proto = header[0];
	c->at += sizeof(copy);
	return ((header[2] << 8 | header[3]) & V6_FRAGMENT) == 0;
}

/* Skip a header of options or routes. False: the packet ends in it. */
static bool
skip_options(union fwd_flow_key *key, struct cursor *c)
{
	uint8_t copy[2];
	const uint8_t *header = peek(c, sizeof(copy), copy);
	uint32_t len;

	if (header == NULL)
		return false;
	len = (header[1] + 1) * 8;
	if (c->end - c->at < len)
		return false;
	key->proto = header[0];
	c->at += len;
	return true;
}

/* Skip extension headers, key->proto is the first; whether ports may follow. */
static bool
skip_extensions(union fwd_flow_key *key, struct cursor *c)
{
	for (unsigned int i = 0; i < FWD_FLOW_EXTENSIONS_MAX; i++) {
		bool more;

		switch (key->proto) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			more = skip_options(key, c);
			break;
		case IPPROTO_FRAGMENT:
			more = skip_fragment(key, c);
			break;
		default:
			return true;
		}
		if (!more)
			return false;
	}
	return true;
}

static bool
read_v6(union fwd_flow_key *key, struct cursor *c)
{
	struct rte_ipv6_hdr copy;
	const struct rte_ipv6_hdr *ip = peek(c, sizeof(*ip), &copy);
	const uint8_t *bytes = (const uint8_t *)ip;

	if (ip == NULL || bytes[0] >> 4 != 6)
		return false;
	if (ip->payload_len != 0)
		end_after(c, sizeof(*ip) + rte_be_to_cpu_16(ip->payload_len));
	key->word[0] = 0;
	key->version = 6;
	key->proto = ip->proto;
	memcpy(&key->v6, bytes + offsetof(struct rte_ipv6_hdr, src_addr), sizeof(key->v6));
	c->at += sizeof(*ip);
	if (skip_extensions(key, c))
		read_ports(key, c);
	return true;
}

bool
fwd_flow_key_read(union fwd_flow_key *key, const struct rte_mbuf *m)
{
	struct cursor c = {.m = m, .end = rte_pktmbuf_pkt_len(m)};

	switch (skip_ethernet(&c)) {
	case RTE_ETHER_TYPE_IPV4:
		return read_v4(key, &c);
	case RTE_ETHER_TYPE_IPV6:
		return read_v6(key, &c);
	default:
		return false;
	}
}
