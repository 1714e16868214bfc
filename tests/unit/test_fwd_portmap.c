/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Port lists, masks and pairs, as people write them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "portmap.h"

static char why[200];

static void
ports_are(const char *text, unsigned int n, const uint16_t *ids)
{
	struct fwd_ports ports;

	assert_int_equal(fwd_ports_parse(text, &ports, why, sizeof(why)), 0);
	assert_int_equal(ports.nb, n);
	for (unsigned int i = 0; i < n; i++)
		assert_int_equal(ports.id[i], ids[i]);
}

static void
lists_keep_their_order(void **state)
{
	ports_are("0", 1, (uint16_t[]){0});
	ports_are("0,2-3", 3, (uint16_t[]){0, 2, 3});
	ports_are("5,1,3-4", 4, (uint16_t[]){5, 1, 3, 4});
	ports_are("31", 1, (uint16_t[]){31});
	ports_are("7-7", 1, (uint16_t[]){7});
}

static void
masks_of_any_length_name_ports_by_bit(void **state)
{
	ports_are("0x1", 1, (uint16_t[]){0});
	ports_are("0xd", 3, (uint16_t[]){0, 2, 3});
	ports_are("0X80000000", 1, (uint16_t[]){31});
	ports_are("0x0000000000000000000000000000000000002", 1, (uint16_t[]){1});
}

static void
all_ports_there_can_be_fit(void **state)
{
	struct fwd_ports ports;
	char text[32];

	snprintf(text, sizeof(text), "0-%d", RTE_MAX_ETHPORTS - 1);
	assert_int_equal(fwd_ports_parse(text, &ports, why, sizeof(why)), 0);
	assert_int_equal(ports.nb, RTE_MAX_ETHPORTS);
}

static void
wrong_lists_say_why_and_change_nothing(void **state)
{
	static const struct {
		const char *text, *why;
	} wrong[] = {
		{"", "not a port list"},
		{",", "not a port list"},
		{"0,", "not a port list"},
		{"0 1", "not a port list"},
		{"-1", "not a port list"},
		{"1-", "not a port list"},
		{"zero", "not a port list"},
		{"0,0", "port 0 is named twice"},
		{"0-3,2", "port 2 is named twice"},
		{"3-1", "runs backwards"},
		{"32", "too high"},
		{"65536", "too high"},
		{"99999999999999999999999", "too high"},
		{"0x", "hexadecimal"},
		{"0xg", "hexadecimal"},
		{"0x1 ", "hexadecimal"},
		{"0x0", "no bit set"},
		{"0x100000000", "bit 32 is too high"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct fwd_ports ports = {.nb = 77};

		assert_int_equal(fwd_ports_parse(wrong[i].text, &ports, why, sizeof(why)), -1);
		if (strstr(why, wrong[i].why) == NULL)
			fail_msg("'%s' gave '%s', not '%s'", wrong[i].text, why, wrong[i].why);
		assert_int_equal(ports.nb, 77);
	}
}

static void
pairs_are_read_with_or_without_blanks(void **state)
{
	static const char *const same[] = {"(0,1)(2,3)", "(0,1),(2,3)", " ( 0 , 1 ) ( 2 , 3 ) "};

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct fwd_portmap map;

		assert_int_equal(fwd_portmap_parse(same[i], &map, why, sizeof(why)), 0);
		assert_int_equal(map.nb, 2);
		assert_int_equal(map.pair[0].a, 0);
		assert_int_equal(map.pair[0].b, 1);
		assert_int_equal(map.pair[1].a, 2);
		assert_int_equal(map.pair[1].b, 3);
	}
}

static void
wrong_pairs_say_why(void **state)
{
	static const struct {
		const char *text, *why;
	} wrong[] = {
		{"", "not pairs"},
		{"0,1", "not pairs"},
		{"(0,1", "not pairs"},
		{"(0)", "not pairs"},
		{"(0,)", "not pairs"},
		{"(0,1)x", "not pairs"},
		{"(0,1)(1,2)", "port 1 is named twice"},
		{"(0,1)(0,0)", "port 0 is named twice"},
		{"(2,2)(2,2)", "port 2 is named twice"},
		{"(0,32)", "too high"},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct fwd_portmap map = {.nb = 77};

		assert_int_equal(fwd_portmap_parse(wrong[i].text, &map, why, sizeof(why)), -1);
		if (strstr(why, wrong[i].why) == NULL)
			fail_msg("'%s' gave '%s', not '%s'", wrong[i].text, why, wrong[i].why);
		assert_int_equal(map.nb, 77);
	}
}

static void
node_pairs_may_share_a_node_but_no_port(void **state)
{
	struct fwd_portmap map;

	assert_int_equal(fwd_nodemap_parse("(0,1)(1,1)(2,1023)", &map, why, sizeof(why)), 0);
	assert_int_equal(map.nb, 3);
	assert_int_equal(map.pair[2].b, 1023);
	assert_int_equal(fwd_nodemap_parse("(0,1)(0,2)", &map, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "port 0 is named twice"));
	assert_int_equal(fwd_nodemap_parse("(0,1024)", &map, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "node 1024 is too high"));
}

static void
neighbours_are_peers_and_an_odd_port_reflects(void **state)
{
	struct fwd_portmap none = {.nb = 0};
	struct fwd_ports ports = {.nb = 5, .id = {4, 9, 1, 0, 7}};
	unsigned int peer[5];
	uint16_t missing;

	assert_int_equal(fwd_portmap_peers(&none, &ports, peer, &missing), 0);
	assert_int_equal(peer[0], 1);
	assert_int_equal(peer[1], 0);
	assert_int_equal(peer[2], 3);
	assert_int_equal(peer[3], 2);
	assert_int_equal(peer[4], 4);
}

static void
a_map_makes_peers_and_must_cover_the_ports(void **state)
{
	struct fwd_portmap map;
	struct fwd_ports ports;
	unsigned int peer[3];
	uint16_t missing;

	assert_int_equal(fwd_portmap_parse("(3,0)(2,2)", &map, why, sizeof(why)), 0);
	fwd_portmap_ports(&map, &ports);
	assert_int_equal(ports.nb, 3);
	assert_int_equal(ports.id[0], 0);
	assert_int_equal(ports.id[1], 2);
	assert_int_equal(ports.id[2], 3);
	assert_int_equal(fwd_portmap_peers(&map, &ports, peer, &missing), 0);
	assert_int_equal(peer[0], 2);
	assert_int_equal(peer[1], 1);
	assert_int_equal(peer[2], 0);

	ports = (struct fwd_ports){.nb = 2, .id = {2, 5}};
	assert_int_equal(fwd_portmap_peers(&map, &ports, peer, &missing), -1);
	assert_int_equal(missing, 5);
	ports = (struct fwd_ports){.nb = 2, .id = {2, 3}};
	assert_int_equal(fwd_portmap_peers(&map, &ports, peer, &missing), -1);
	assert_int_equal(missing, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_keep_their_order),
		cmocka_unit_test(masks_of_any_length_name_ports_by_bit),
		cmocka_unit_test(all_ports_there_can_be_fit),
		cmocka_unit_test(wrong_lists_say_why_and_change_nothing),
		cmocka_unit_test(pairs_are_read_with_or_without_blanks),
		cmocka_unit_test(wrong_pairs_say_why),
		cmocka_unit_test(node_pairs_may_share_a_node_but_no_port),
		cmocka_unit_test(neighbours_are_peers_and_an_odd_port_reflects),
		cmocka_unit_test(a_map_makes_peers_and_must_cover_the_ports),
	};

	return cmocka_run_group_tests_name("fwd_portmap", tests, NULL, NULL);
}
