/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_FLOW_KEY_H
#define FWD_FLOW_KEY_H

/*
 * A key tells one flow from another: version, addresses, protocol and ports of the outermost IP header.
 *
 * Behind up to FWD_FLOW_TAGS_MAX VLAN tags. TCP, UDP, SCTP, UDP-Lite and DCCP have ports; the ports are 0
 * for all others, for every fragment (only the first one carries them) and for a packet
 * that ends before them. Headers in a tunnel are not read.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_mbuf.h>

/* Tags skipped at most, and extension headers of IPv6. */
#define FWD_FLOW_TAGS_MAX       4
#define FWD_FLOW_EXTENSIONS_MAX 8

/* IPv4 uses two words of it, IPv6 all. Addresses and ports as they are in the packet. */
union fwd_flow_key {
	struct {
		uint8_t version; /* 4 or 6. */
		uint8_t proto;
		rte_be16_t sport;
		rte_be16_t dport;
		uint16_t zero;
		union {
			struct {
				uint8_t src[4];
				uint8_t dst[4];
			} v4;
			struct {
				uint8_t src[16];
				uint8_t dst[16];
			} v6;
		};
	};
	uint64_t word[5];
};

#define FWD_FLOW_WORDS_V4 2
#define FWD_FLOW_WORDS_V6 5

/* Count the words of a key that are in use. */
static inline unsigned int
fwd_flow_words(const union fwd_flow_key *key)
{
	return key->version == 4 ? FWD_FLOW_WORDS_V4 : FWD_FLOW_WORDS_V6;
}

/* Compare two keys. The first words differ where versions do, so no key is read beyond its end. */
static inline bool
fwd_flow_same(const union fwd_flow_key *a, const union fwd_flow_key *b)
{
	if (a->word[0] != b->word[0] || a->word[1] != b->word[1])
		return false;
	return a->version == 4 ||
	       (a->word[2] == b->word[2] && a->word[3] == b->word[3] && a->word[4] == b->word[4]);
}

/*
 * Read the key of a packet, in one segment or several; all words in use are written. False, and the key
 * undefined, when its IP header is missing, cut off or no such thing.
 */
bool fwd_flow_key_read(union fwd_flow_key *key, const struct rte_mbuf *m);

/* A secret that makes hashes unforeseeable, so that a sender cannot make flows collide. */
struct fwd_flow_secret {
	uint64_t word[3];
};

static inline uint64_t
fwd_flow_fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Folded products, as in wyhash: one multiplication for IPv4, three for IPv6. */
static inline uint64_t
fwd_flow_hash(const union fwd_flow_key *key, const struct fwd_flow_secret *secret)
{
	uint64_t hash =
		fwd_flow_fold(key->word[0] ^ secret->word[0], key->word[1] ^ secret->word[1]);

	if (key->version == 4)
		return hash;
	hash = fwd_flow_fold(hash ^ key->word[2], key->word[3] ^ secret->word[1]);
	return fwd_flow_fold(hash ^ key->word[4], secret->word[2]);
}

#endif /* FWD_FLOW_KEY_H */
