/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: reads port lists, masks and pairs. Knows nothing of devices. */

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "portmap.h"
#include "tide_topology.h"

static int
bad(char *reason, size_t len, const char *what)
{
	snprintf(reason, len, "%s", what);
	return -1;
}

static const char list_form[] = "not a port list; give a list like 0,2-3 or a mask like 0xd";
static const char pair_form[] = "not pairs of numbers; write them as (0,1)(2,3)";

/* One number below `limit` at *text; moves *text past it. */
static int
read_number(const char **text, const char *noun, unsigned int limit, const char *form,
	uint16_t *number, char *reason, size_t len)
{
	char *end;
	unsigned long value;

	if (!isdigit((unsigned char)**text))
		return bad(reason, len, form);
	value = strtoul(*text, &end, 10);
	if (value >= limit) {
		snprintf(reason, len, "%s %.*s is too high; there can be %ss 0 to %u", noun,
			(int)(end - *text), *text, noun, limit - 1);
		return -1;
	}
	*number = value;
	*text = end;
	return 0;
}

static int
read_port(const char **text, const char *form, uint16_t *id, char *reason, size_t len)
{
	return read_number(text, "port", RTE_MAX_ETHPORTS, form, id, reason, len);
}

static int
add_port(struct fwd_ports *ports, uint16_t id, char *reason, size_t len)
{
	for (unsigned int i = 0; i < ports->nb; i++) {
		if (ports->id[i] == id) {
			snprintf(reason, len, "port %u is named twice; name each port once", id);
			return -1;
		}
	}
	ports->id[ports->nb++] = id;
	return 0;
}

/* Digits are read from the right, four ports each, so a mask can be of any length. */
static int
parse_mask(const char *digits, struct fwd_ports *ports, char *reason, size_t len)
{
	size_t n = strlen(digits);

	if (n == 0 || strspn(digits, "0123456789abcdefABCDEF") != n)
		return bad(reason, len, "a mask is 0x and hexadecimal digits, for example 0x3");
	for (size_t i = 0; i < n; i++) {
		char digit[2] = {digits[n - 1 - i], '\0'};
		unsigned long bits = strtoul(digit, NULL, 16);

		for (unsigned int b = 0; b < 4; b++) {
			if ((bits >> b & 1) == 0)
				continue;
			if (i * 4 + b >= RTE_MAX_ETHPORTS) {
				snprintf(reason, len,
					"bit %zu is too high; there can be ports 0 to %d",
					i * 4 + b, RTE_MAX_ETHPORTS - 1);
				return -1;
			}
			ports->id[ports->nb++] = i * 4 + b;
		}
	}
	if (ports->nb == 0)
		return bad(
			reason, len, "the mask has no bit set; set one per port, for example 0x3");
	return 0;
}

static int
parse_list(const char *text, struct fwd_ports *ports, char *reason, size_t len)
{
	for (;;) {
		uint16_t first, last;

		if (read_port(&text, list_form, &first, reason, len) < 0)
			return -1;
		last = first;
		if (*text == '-') {
			text++;
			if (read_port(&text, list_form, &last, reason, len) < 0)
				return -1;
			if (last < first)
				return bad(reason, len,
					"a range runs backwards; write the lower port first");
		}
		for (unsigned int id = first; id <= last; id++) {
			if (add_port(ports, id, reason, len) < 0)
				return -1;
		}
		if (*text == '\0')
			return 0;
		if (*text++ != ',')
			return bad(reason, len, list_form);
	}
}

int
fwd_ports_parse(const char *text, struct fwd_ports *ports, char *reason, size_t len)
{
	struct fwd_ports found = {.nb = 0};
	int rc;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		rc = parse_mask(text + 2, &found, reason, len);
	else
		rc = parse_list(text, &found, reason, len);
	if (rc == 0)
		*ports = found;
	return rc;
}

static const char *
skip(const char *text, const char *set)
{
	return text + strspn(text, set);
}

/* "(A,B)" at *text, and what may stand before the next; B is below b_limit. */
static int
parse_pair(const char **text, const char *b_noun, unsigned int b_limit, uint16_t *a, uint16_t *b,
	char *reason, size_t len)
{
	if (**text != '(')
		return bad(reason, len, pair_form);
	*text = skip(*text + 1, " ");
	if (read_port(text, pair_form, a, reason, len) < 0)
		return -1;
	*text = skip(*text, " ");
	if (**text != ',')
		return bad(reason, len, pair_form);
	*text = skip(*text + 1, " ");
	if (read_number(text, b_noun, b_limit, pair_form, b, reason, len) < 0)
		return -1;
	*text = skip(*text, " ");
	if (**text != ')')
		return bad(reason, len, pair_form);
	*text = skip(*text + 1, " ,");
	return 0;
}

int
fwd_portmap_parse(const char *text, struct fwd_portmap *map, char *reason, size_t len)
{
	struct fwd_portmap found = {.nb = 0};
	struct fwd_ports seen = {.nb = 0};

	text = skip(text, " ");
	do {
		uint16_t a, b;

		if (parse_pair(&text, "port", RTE_MAX_ETHPORTS, &a, &b, reason, len) < 0)
			return -1;
		if (add_port(&seen, a, reason, len) < 0)
			return -1;
		if (b != a && add_port(&seen, b, reason, len) < 0)
			return -1;
		found.pair[found.nb].a = a;
		found.pair[found.nb++].b = b;
	} while (*text != '\0');
	*map = found;
	return 0;
}

int
fwd_nodemap_parse(const char *text, struct fwd_portmap *map, char *reason, size_t len)
{
	struct fwd_portmap found = {.nb = 0};
	struct fwd_ports seen = {.nb = 0};

	text = skip(text, " ");
	do {
		uint16_t port, node;

		if (parse_pair(&text, "node", TIDE_NODE_MAX, &port, &node, reason, len) < 0)
			return -1;
		if (add_port(&seen, port, reason, len) < 0)
			return -1;
		found.pair[found.nb].a = port;
		found.pair[found.nb++].b = node;
	} while (*text != '\0');
	*map = found;
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

void
fwd_portmap_ports(const struct fwd_portmap *map, struct fwd_ports *ports)
{
	ports->nb = 0;
	for (unsigned int i = 0; i < map->nb; i++) {
		ports->id[ports->nb++] = map->pair[i].a;
		if (map->pair[i].b != map->pair[i].a)
			ports->id[ports->nb++] = map->pair[i].b;
	}
	qsort(ports->id, ports->nb, sizeof(ports->id[0]), by_id);
}

static bool
other_end(const struct fwd_portmap *map, uint16_t id, uint16_t *other)
{
	for (unsigned int i = 0; i < map->nb; i++) {
		if (map->pair[i].a == id || map->pair[i].b == id) {
			*other = map->pair[i].a == id ? map->pair[i].b : map->pair[i].a;
			return true;
		}
	}
	return false;
}

static unsigned int
index_of(const struct fwd_ports *ports, uint16_t id)
{
	unsigned int i = 0;

	while (i < ports->nb && ports->id[i] != id)
		i++;
	return i;
}

int
fwd_portmap_peers(const struct fwd_portmap *map, const struct fwd_ports *ports, unsigned int *peer,
	uint16_t *missing)
{
	for (unsigned int i = 0; i < ports->nb; i++) {
		uint16_t other;

		if (map->nb == 0) {
			peer[i] = (i ^ 1) < ports->nb ? (i ^ 1) : i;
			continue;
		}
		*missing = ports->id[i];
		if (!other_end(map, ports->id[i], &other))
			return -1;
		peer[i] = index_of(ports, other);
		*missing = other;
		if (peer[i] == ports->nb)
			return -1;
	}
	return 0;
}
