/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * From packet to flow: for any bytes in a packet, cut at any place, its key is that of a parser that
 * knows nothing of ours, and no byte behind it is read (the sanitizers watch: each segment is just as
 * long as its bytes).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "flow_key.h"
#include "range.h"

#define FRAME_MAX 512
#define SEGMENTS  4
#define RANDOM    200000

static uint64_t seed;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % below);
}

/* --- a parser of its own: a flat frame, one byte after the other ---------------------------------- */

struct plain {
	bool ip;
	int version, proto, sport, dport;
	uint8_t addresses[32];
};

static int
two(const uint8_t *b)
{
	return b[0] * 256 + b[1];
}

static void
plain_ports(struct plain *p, const uint8_t *frame, int at, int end)
{
	switch (p->proto) {
	case 6:
	case 17:
	case 33:
	case 132:
	case 136:
		if (at + 4 <= end) {
			p->sport = two(frame + at);
			p->dport = two(frame + at + 2);
		}
	}
}

static void
plain_v4(struct plain *p, const uint8_t *frame, int at, int end)
{
	int total, header;

	if (at + 20 > end || frame[at] / 16 != 4)
		return;
	header = frame[at] % 16 * 4;
	total = two(frame + at + 2);
	if (total != 0 && at + total < end)
		end = at + total;
	if (header < 20 || at + header > end)
		return;
	p->ip = true;
	p->version = 4;
	p->proto = frame[at + 9];
	memcpy(p->addresses, frame + at + 12, 8);
	if (two(frame + at + 6) % 0x4000 == 0)
		plain_ports(p, frame, at + header, end);
}

static void
plain_v6(struct plain *p, const uint8_t *frame, int at, int end)
{
	int headers = 0;

	if (at + 40 > end || frame[at] / 16 != 6)
		return;
	if (two(frame + at + 4) != 0 && at + 40 + two(frame + at + 4) < end)
		end = at + 40 + two(frame + at + 4);
	p->ip = true;
	p->version = 6;
	p->proto = frame[at + 6];
	memcpy(p->addresses, frame + at + 8, 32);
	at += 40;
	while (p->proto == 0 || p->proto == 43 || p->proto == 44 || p->proto == 60) {
		bool fragment = p->proto == 44;
		int len;

		if (headers++ == 8 || at + (fragment ? 8 : 2) > end)
			return;
		len = fragment ? 8 : 8 + 8 * frame[at + 1];
		if (at + len > end)
			return;
		p->proto = frame[at];
		if (fragment && (frame[at + 2] != 0 || (frame[at + 3] & 0xf9) != 0))
			return;
		at += len;
	}
	plain_ports(p, frame, at, end);
}

static struct plain
plain_parse(const uint8_t *frame, int len)
{
	struct plain p = {.ip = false};
	int at = 12, tags = 0;

	while (tags < 4 && at + 2 <= len && len >= 14 &&
		(two(frame + at) == 0x8100 || two(frame + at) == 0x88a8 ||
			two(frame + at) == 0x9100)) {
		at += 4;
		tags++;
	}
	if (at + 2 > len || len < 14)
		return p;
	if (two(frame + at) == 0x0800)
		plain_v4(&p, frame, at + 2, len);
	else if (two(frame + at) == 0x86dd)
		plain_v6(&p, frame, at + 2, len);
	return p;
}

/* --- packets -------------------------------------------------------------------------------------- */

struct chain {
	struct rte_mbuf m[SEGMENTS];
	void *data[SEGMENTS];
	unsigned int nb;
};

/* The frame in segments that end at cuts[]: ascending, the last one is its length. */
static void
chain_make(struct chain *c, const uint8_t *frame, const int *cuts, unsigned int nb)
{
	memset(c, 0, sizeof(*c));
	c->nb = nb;
	for (unsigned int i = 0; i < nb; i++) {
		int from = i == 0 ? 0 : cuts[i - 1];
		int len = cuts[i] - from;

		c->data[i] = malloc(len + 1);
		c->data[i] = realloc(c->data[i], len == 0 ? 1 : len);
		assert_non_null(c->data[i]);
		memcpy(c->data[i], frame + from, len);
		c->m[i].buf_addr = c->data[i];
		c->m[i].data_len = len;
		c->m[i].next = i + 1 < nb ? &c->m[i + 1] : NULL;
	}
	c->m[0].nb_segs = nb;
	c->m[0].pkt_len = cuts[nb - 1];
}

static void
chain_free(struct chain *c)
{
	for (unsigned int i = 0; i < c->nb; i++)
		free(c->data[i]);
}

static void
show(const uint8_t *frame, int len)
{
	for (int i = 0; i < len; i++)
		fprintf(stderr, "%02x%s", frame[i], i % 16 == 15 ? "\n" : " ");
	fprintf(stderr, "\n");
}

static bool
agrees(const struct plain *p, bool ip, const union fwd_flow_key *key)
{
	if (ip != p->ip)
		return false;
	if (!ip)
		return true;
	return key->version == p->version && key->proto == p->proto && key->zero == 0 &&
	       two((const uint8_t *)&key->sport) == p->sport &&
	       two((const uint8_t *)&key->dport) == p->dport &&
	       memcmp(&key->v4, p->addresses, p->version == 4 ? 8 : 32) == 0;
}

/* Both parsers agree on the frame in these segments. */
static void
agree_in(const uint8_t *frame, const int *cuts, unsigned int nb)
{
	struct plain want = plain_parse(frame, cuts[nb - 1]);
	union fwd_flow_key key;
	struct chain c;
	bool ip;

	memset(&key, 0xa5, sizeof(key));
	chain_make(&c, frame, cuts, nb);
	ip = fwd_flow_key_read(&key, c.m);
	chain_free(&c);
	if (agrees(&want, ip, &key))
		return;
	show(frame, cuts[nb - 1]);
	fail_msg("ip %d/%d, version %d/%d, proto %d/%d, ports %d %d (found/wanted)", ip, want.ip,
		key.version, want.version, key.proto, want.proto, want.sport, want.dport);
}

static void
agree(const uint8_t *frame, int len)
{
	agree_in(frame, &len, 1);
}

/* --- frames --------------------------------------------------------------------------------------- */

struct frame {
	uint8_t data[FRAME_MAX];
	int len;
};

static void
put(struct frame *f, const void *bytes, int n)
{
	memcpy(f->data + f->len, bytes, n);
	f->len += n;
}

static void
put2(struct frame *f, int value)
{
	uint8_t bytes[2] = {value >> 8, value & 0xff};

	put(f, bytes, 2);
}

static void
put_random(struct frame *f, int n)
{
	while (n-- > 0)
		f->data[f->len++] = draw(256);
}

static void
put_ethernet(struct frame *f, const int *tags, int nb_tags, int type)
{
	f->len = 0;
	put_random(f, 12);
	for (int i = 0; i < nb_tags; i++) {
		put2(f, tags[i]);
		put_random(f, 2);
	}
	put2(f, type);
}

static void
put_v4(struct frame *f, int words, int proto, int fragment, int payload)
{
	f->data[f->len++] = 0x40 | words;
	put_random(f, 1);
	put2(f, words * 4 + payload);
	put_random(f, 2);
	put2(f, fragment);
	put_random(f, 1);
	f->data[f->len++] = proto;
	put_random(f, 2 + 8 + (words - 5) * 4);
}

/* Extension headers by number, each of 8 * (1 + i) bytes but fragments; then the transport. */
static void
put_v6(struct frame *f, const int *next, int nb, int proto, int fragment, int payload)
{
	int start = f->len;

	f->data[f->len++] = 0x60;
	put_random(f, 5);
	f->data[f->len++] = nb == 0 ? proto : next[0];
	put_random(f, 33);
	for (int i = 0; i < nb; i++) {
		f->data[f->len++] = i + 1 < nb ? next[i + 1] : proto;
		if (next[i] == 44) {
			put_random(f, 1);
			put2(f, fragment);
			put_random(f, 4);
		} else {
			f->data[f->len++] = i % 3;
			put_random(f, 6 + i % 3 * 8);
		}
	}
	payload += f->len - start - 40;
	f->data[start + 4] = payload >> 8;
	f->data[start + 5] = payload & 0xff;
}

static const int tags[] = {0x88a8, 0x8100, 0x9100, 0x8100, 0x8100};
static const int protos[] = {1, 2, 6, 17, 33, 47, 50, 51, 58, 59, 89, 132, 136, 255};

static bool
carries_ports(int proto)
{
	return proto == 6 || proto == 17 || proto == 33 || proto == 132 || proto == 136;
}

/* The key says just this. */
static void
key_is(const struct frame *f, bool ip, int version, int proto, int sport, int dport)
{
	struct plain want = plain_parse(f->data, f->len);

	/* First that the reference is right. */
	assert_int_equal(want.ip, ip);
	if (ip) {
		assert_int_equal(want.version, version);
		assert_int_equal(want.proto, proto);
		assert_int_equal(want.sport, sport);
		assert_int_equal(want.dport, dport);
	}
	agree(f->data, f->len);
}

static void
each_protocol_behind_any_tags_has_its_ports_or_none(void **state)
{
	struct frame f;

	for (int nb_tags = 0; nb_tags <= 5; nb_tags++) {
		for (unsigned int p = 0; p < RTE_DIM(protos); p++) {
			bool ports = carries_ports(protos[p]);

			for (int words = 5; words <= 15; words++) {
				put_ethernet(&f, tags, nb_tags, 0x0800);
				put_v4(&f, words, protos[p], 0x4000, 24);
				put2(&f, 4321);
				put2(&f, 80);
				put_random(&f, 20);
				key_is(&f, nb_tags <= 4, 4, protos[p], ports ? 4321 : 0,
					ports ? 80 : 0);
			}
			put_ethernet(&f, tags, nb_tags, 0x86dd);
			put_v6(&f, NULL, 0, protos[p], 0, 24);
			put2(&f, 4321);
			put2(&f, 80);
			put_random(&f, 20);
			key_is(&f, nb_tags <= 4, 6, protos[p], ports ? 4321 : 0, ports ? 80 : 0);
		}
	}
}

static void
what_is_no_ip_has_no_key(void **state)
{
	static const int types[] = {0, 60, 0x0806, 0x8847, 0x8863, 0x8864, 0x88cc, 0xffff};
	struct frame f;

	for (unsigned int i = 0; i < RTE_DIM(types); i++) {
		put_ethernet(&f, tags, i % 3, types[i]);
		put_v4(&f, 5, 17, 0, 8);
		put_random(&f, 8);
		key_is(&f, false, 0, 0, 0, 0);
	}
	/* A header of the other version, and one too short. */
	put_ethernet(&f, NULL, 0, 0x86dd);
	put_v4(&f, 5, 17, 0, 40);
	put_random(&f, 40);
	key_is(&f, false, 0, 0, 0, 0);
	put_ethernet(&f, NULL, 0, 0x0800);
	put_v6(&f, NULL, 0, 17, 0, 8);
	put_random(&f, 8);
	key_is(&f, false, 0, 0, 0, 0);
	put_ethernet(&f, NULL, 0, 0x0800);
	put_v4(&f, 5, 17, 0, 40);
	put_random(&f, 40);
	f.data[14] = 0x44;
	key_is(&f, false, 0, 0, 0, 0);
	/* A header that is longer than the packet says it is. */
	f.data[14] = 0x4a;
	f.data[16] = 0;
	f.data[17] = 39;
	key_is(&f, false, 0, 0, 0, 0);
}

static void
no_fragment_has_ports(void **state)
{
	static const int v4[] = {0x2000, 0x2001, 0x0001, 0x1fff, 0x3fff, 0x6000};
	static const int v6[] = {0x0001, 0x0008, 0xfff8, 0xfff9};
	static const int whole[] = {0x0000, 0x0002, 0x0004, 0x0006};
	static const int next[] = {44};
	struct frame f;

	for (unsigned int i = 0; i < RTE_DIM(v4); i++) {
		put_ethernet(&f, NULL, 0, 0x0800);
		put_v4(&f, 5, 17, v4[i], 8);
		put_random(&f, 8);
		key_is(&f, true, 4, 17, 0, 0);
	}
	for (unsigned int i = 0; i < RTE_DIM(v6); i++) {
		put_ethernet(&f, NULL, 0, 0x86dd);
		put_v6(&f, next, 1, 6, v6[i], 20);
		put_random(&f, 20);
		key_is(&f, true, 6, 6, 0, 0);
	}
	/* A fragment header around a whole packet (RFC 6946), and bits that say nothing. */
	for (unsigned int i = 0; i < RTE_DIM(whole); i++) {
		put_ethernet(&f, NULL, 0, 0x86dd);
		put_v6(&f, next, 1, 6, whole[i], 20);
		put2(&f, 1000);
		put2(&f, 2000);
		put_random(&f, 16);
		key_is(&f, true, 6, 6, 1000, 2000);
	}
}

static void
extension_headers_are_skipped_but_not_without_end(void **state)
{
	static const int next[] = {0, 43, 60, 0, 60, 60, 43, 60, 60, 60};
	struct frame f;

	for (int nb = 0; nb <= 10; nb++) {
		put_ethernet(&f, NULL, 0, 0x86dd);
		put_v6(&f, next, nb, 17, 0, 8);
		put2(&f, 7);
		put2(&f, 9);
		put_random(&f, 4);
		/* One that is not skipped is what the packet carries. */
		key_is(&f, true, 6, nb <= 8 ? 17 : next[8], nb <= 8 ? 7 : 0, nb <= 8 ? 9 : 0);
	}
}

static void
what_fills_a_short_frame_is_no_port(void **state)
{
	struct frame f;

	for (int payload = 0; payload <= 5; payload++) {
		put_ethernet(&f, NULL, 0, 0x0800);
		put_v4(&f, 5, 17, 0, payload);
		put2(&f, 7);
		put2(&f, 9);
		put_random(&f, 22);
		key_is(&f, true, 4, 17, payload < 4 ? 0 : 7, payload < 4 ? 0 : 9);
		put_ethernet(&f, NULL, 0, 0x86dd);
		put_v6(&f, NULL, 0, 17, 0, payload);
		put2(&f, 7);
		put2(&f, 9);
		/* 0: as long as the frame (a jumbogram). */
		key_is(&f, true, 6, 17, payload != 0 && payload < 4 ? 0 : 7,
			payload != 0 && payload < 4 ? 0 : 9);
	}
}

/* A frame with every kind of header there is. */
static void
longest(struct frame *f, bool v4)
{
	static const int next[] = {0, 43, 44, 60};

	put_ethernet(f, tags, 2, v4 ? 0x0800 : 0x86dd);
	if (v4)
		put_v4(f, 15, 6, 0, 20);
	else
		put_v6(f, next, 4, 6, 0, 20);
	put_random(f, 20);
}

static void
a_packet_may_end_anywhere(void **state)
{
	struct frame f;

	for (int v4 = 0; v4 <= 1; v4++) {
		longest(&f, v4);
		for (int len = 0; len <= f.len; len++)
			agree(f.data, len);
	}
}

static void
a_header_may_lie_in_any_segments(void **state)
{
	struct frame f;

	for (int v4 = 0; v4 <= 1; v4++) {
		longest(&f, v4);
		for (int a = 0; a <= f.len; a++) {
			for (int b = a; b <= f.len; b++) {
				const int cuts[] = {a, b, f.len};

				agree_in(f.data, cuts, 3);
			}
		}
	}
}

/* Mostly sound, so that the deep branches are reached; then some bytes are not. */
static void
put_anything(struct frame *f)
{
	static const int exts[] = {0, 43, 44, 60};
	int nb_tags = draw(3) == 0 ? draw(6) : 0, nb = draw(3) == 0 ? draw(5) : 0;
	int proto = draw(4) == 0 ? (int)draw(256) : protos[draw(RTE_DIM(protos))];
	int fragment = draw(3) == 0 ? draw(65536) : 0x4000 * draw(2);
	int payload = draw(40), next[5];

	for (int i = 0; i < nb; i++)
		next[i] = exts[draw(RTE_DIM(exts))];
	if (draw(2) == 0) {
		put_ethernet(f, tags, nb_tags, 0x0800);
		put_v4(f, draw(3) == 0 ? 5 + draw(11) : 5, proto, fragment, payload);
	} else {
		put_ethernet(f, tags, nb_tags, 0x86dd);
		put_v6(f, next, nb, proto, draw(2) == 0 ? 0 : draw(65536), payload);
	}
	put_random(f, payload + draw(20));
	for (int i = draw(4); i > 0; i--)
		f->data[12 + draw(f->len - 12)] = draw(256);
	if (draw(3) == 0)
		f->len = draw(f->len + 1);
}

static void
random_packets_are_read_as_a_naive_parser_does(void **state)
{
	unsigned int with = 0, ports = 0;
	struct frame f;

	for (unsigned int i = 0; i < RANDOM; i++) {
		int cuts[SEGMENTS];
		struct plain p;

		put_anything(&f);
		cuts[0] = draw(f.len + 1);
		cuts[1] = cuts[0] + draw(f.len - cuts[0] + 1);
		cuts[2] = cuts[1] + draw(f.len - cuts[1] + 1);
		cuts[3] = f.len;
		agree(f.data, f.len);
		agree_in(f.data, cuts, 4);
		p = plain_parse(f.data, f.len);
		with += p.ip;
		ports += p.sport != 0;
	}
	/* Or the packets are not worth the name. */
	assert_uint_in_range(with, RANDOM / 2, RANDOM - RANDOM / 100);
	assert_uint_in_range(ports, RANDOM / 10, RANDOM);
}

static void
keys_are_told_apart_and_so_are_their_hashes(void **state)
{
	const struct fwd_flow_secret secret = {{0x1234567812345678, 0x9abcdef09abcdef0, 0x5555}};
	union fwd_flow_key key, other;

	for (int version = 4; version <= 6; version += 2) {
		unsigned int words;

		memset(&key, 0, sizeof(key));
		key.version = version;
		words = fwd_flow_words(&key);
		assert_int_equal(words, version == 4 ? 2 : 5);
		other = key;
		assert_true(fwd_flow_same(&key, &other));
		for (unsigned int bit = 0; bit < words * 64; bit++) {
			if (bit < 8)
				continue; /* The version. */
			other = key;
			((uint8_t *)&other)[bit / 8] ^= 1 << bit % 8;
			assert_false(fwd_flow_same(&key, &other));
			assert_true(fwd_flow_hash(&key, &secret) != fwd_flow_hash(&other, &secret));
		}
	}
	other = key;
	other.version = 4;
	assert_false(fwd_flow_same(&key, &other));
	assert_false(fwd_flow_same(&other, &key));
}

/* Flows that differ in one address and a port must not meet at a few roots. */
static void
neighbours_spread_over_the_hash(void **state)
{
	const struct fwd_flow_secret secret = {{0x1234567812345678, 0x9abcdef09abcdef0, 0x5555}};
	static unsigned int found[256];
	union fwd_flow_key key = {.word = {0}};

	for (int version = 4; version <= 6; version += 2) {
		memset(found, 0, sizeof(found));
		key.version = version;
		for (unsigned int i = 0; i < 65536; i++) {
			memcpy(version == 4 ? key.v4.src : key.v6.dst + 12,
				(uint8_t[]){10, 0, i >> 8, i & 0xff}, 4);
			found[fwd_flow_hash(&key, &secret) % 256]++;
		}
		/* 256 each; 128 and 512 are eight standard deviations away and more. */
		for (unsigned int i = 0; i < 256; i++)
			assert_uint_in_range(found[i], 128, 512);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_protocol_behind_any_tags_has_its_ports_or_none),
		cmocka_unit_test(what_is_no_ip_has_no_key),
		cmocka_unit_test(no_fragment_has_ports),
		cmocka_unit_test(extension_headers_are_skipped_but_not_without_end),
		cmocka_unit_test(what_fills_a_short_frame_is_no_port),
		cmocka_unit_test(a_packet_may_end_anywhere),
		cmocka_unit_test(a_header_may_lie_in_any_segments),
		cmocka_unit_test(random_packets_are_read_as_a_naive_parser_does),
		cmocka_unit_test(keys_are_told_apart_and_so_are_their_hashes),
		cmocka_unit_test(neighbours_spread_over_the_hash),
	};

	seed = (uint64_t)time(NULL);
	printf("seed %llu\n", (unsigned long long)seed);
	return cmocka_run_group_tests_name("fwd_flow_key", tests, NULL, NULL);
}
