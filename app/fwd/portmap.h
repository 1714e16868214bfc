/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_PORTMAP_H
#define FWD_PORTMAP_H

/*
 * The ports that are used, and for each the port that its packets leave by.
 */

#include <stdint.h>

#include <rte_ethdev.h>

/* An ordered set of port ids. */
struct fwd_ports {
	unsigned int nb;
	uint16_t id[RTE_MAX_ETHPORTS];
};

/*
 * Pairs of numbers. As a port map: two ports, and one paired with itself reflects. As a node map: a
 * port and its node.
 */
struct fwd_portmap {
	unsigned int nb;
	struct {
		uint16_t a, b;
	} pair[RTE_MAX_ETHPORTS];
};

/*
 * Read "0,2-3" or "0x0d". On failure -1, with one clause about what is wrong and what is allowed in
 * reason[len].
 */
int fwd_ports_parse(const char *text, struct fwd_ports *ports, char *reason, size_t len);

/* Read "(0,1)(2,3)"; commas and blanks between pairs are fine. Fails as fwd_ports_parse(). */
int fwd_portmap_parse(const char *text, struct fwd_portmap *map, char *reason, size_t len);

/* Read "(PORT,NODE)(PORT,NODE)". Fails as fwd_ports_parse(). */
int fwd_nodemap_parse(const char *text, struct fwd_portmap *map, char *reason, size_t len);

/* List the ports that a map names, ascending. */
void fwd_portmap_ports(const struct fwd_portmap *map, struct fwd_ports *ports);

/*
 * Peers of each port: by the map, or without one (map->nb is 0) neighbours in the list, an odd last
 * one with itself. peer[i] is an index into ports. Returns -1 with the id of the first port the map
 * does not mention in *missing.
 */
int fwd_portmap_peers(const struct fwd_portmap *map, const struct fwd_ports *ports,
	unsigned int *peer, uint16_t *missing);

#endif /* FWD_PORTMAP_H */
