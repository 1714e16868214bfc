/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_PLAN_H
#define FWD_PLAN_H

/*
 * The plan: which lcore polls which queue, and which pool fills it. It is made before any port is touched.
 *
 * Planning is pure: machine, port facts, lcores and options go in, a plan comes out. So it is tested on
 * machines that are not at hand.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_ethdev.h>

#include "error.h"
#include "interface.h"
#include "options.h"
#include "tide_pool_size.h"
#include "tide_topology.h"

/* Frame bytes around the MTU: Ethernet header, two VLAN tags, check sum. */
#define FWD_FRAME_OVERHEAD (RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN + RTE_ETHER_CRC_LEN)

/* Descriptors per queue unless asked otherwise. */
#define FWD_DESC_DEFAULT 1024

/*
 * What net_af_packet needs of a place in its ring in addition to a frame: received, and to be sent
 * (TPACKET_V2 of Linux).
 */
#define FWD_AF_PACKET_RX_HEAD 66
#define FWD_AF_PACKET_TX_HEAD 32

/* Facts of a port before it is configured. */
struct fwd_port_facts {
	uint16_t id;
	char name[RTE_ETH_NAME_MAX_LEN];
	char driver[32];
	int node; /* By the fallback chain, without an lcore. */
	enum tide_node_source node_source;
	uint16_t rx_queues_max;
	uint16_t tx_queues_max;
	struct rte_eth_desc_lim rx_lim;
	struct rte_eth_desc_lim tx_lim;
	uint16_t mtu; /* As it is now. */
	uint16_t mtu_min;
	uint16_t mtu_max;
	uint32_t rx_bufsize_min;
	uint64_t rx_capa;
	uint64_t tx_capa;
	uint64_t rss; /* Hash types the port can spread by. */
	bool lsc; /* It reports link changes by interrupt. */
	struct fwd_interface interface; /* Of the kernel, below it. */
	uint32_t frame_max; /* Longest frame the driver takes whole from the interface; 0: any. */
	uint32_t
		framesz; /* Bytes of a place in the ring of net_af_packet, its argument; 0: another driver. */
};

/* An lcore that is to forward. */
struct fwd_lcore_facts {
	unsigned int id;
	int node;
};

/* The facts that a plan is made of. */
struct fwd_facts {
	const struct tide_topology *topo;
	const struct fwd_port_facts *ports; /* Every port there is, ascending. */
	unsigned int nb_ports;
	const struct fwd_lcore_facts *lcores; /* Those that forward, ascending. */
	unsigned int nb_lcores;
	int main_node; /* Node of the main lcore. */
};

struct fwd_plan_port {
	const struct fwd_port_facts *facts;
	unsigned int peer; /* Index of the port its packets leave by. */
	int node;
	enum tide_node_source node_source;
	bool node_stated; /* The user said so; node_source does not count. */
	unsigned int pool; /* Index of the pool its receive queues draw from. */
	int pool_requested; /* Node that pool was to be on: stated, else the port's. */
	bool pool_stated; /* The user said so. */
	const char *
		pool_refusal; /* Why that node cannot give memory; NULL: it can, or is not known. */
	uint16_t rx_desc;
	uint16_t tx_desc;
	uint16_t mtu;
	bool scatter; /* Frames may take several buffers. */
	uint64_t rss; /* Hash types to set; 0: no RSS. */
	bool foreign; /* Some queue is polled from another node. */
	char local_cpus[128]; /* Then: CPUs of its node this process may use, as a list. */
};

/* One receive queue, the lcore that polls it, and where its packets go. */
struct fwd_plan_queue {
	unsigned int port; /* Index. */
	uint16_t queue; /* Of port, and of the transmit side of its peer. */
	unsigned int lcore; /* Index. */
};

struct fwd_plan_lcore {
	unsigned int id;
	int node;
	unsigned int nb_queues;
};

struct fwd_plan_pool {
	int node;
	struct tide_pool_need need;
	struct tide_pool_size size; /* The result of need; with --buffers, the buffers requested. */
};

/* Lcores of one node, and memory they read. */
struct fwd_plan_pair {
	int from; /* Node of the lcores. */
	int to; /* Node of the buffers they poll into; or theirs, to compare with. */
	bool remote; /* For a port whose buffers are not on the node it is polled from. */
	uint32_t ns; /* Per miss; 0: not measured. */
};

struct fwd_plan {
	const struct tide_topology *topo; /* What it was made of. */
	struct fwd_plan_port port[RTE_MAX_ETHPORTS];
	unsigned int nb_ports;
	struct fwd_plan_lcore lcore[RTE_MAX_LCORE];
	unsigned int nb_lcores;
	struct fwd_plan_pool pool[RTE_MAX_ETHPORTS];
	unsigned int nb_pools;
	/* A port is polled from one node, and that node is a pair with itself and with the pool's. */
	struct fwd_plan_pair pair[2 * RTE_MAX_ETHPORTS];
	unsigned int nb_pairs;
	struct fwd_plan_queue *queue; /* By port, then queue. */
	unsigned int nb_queues; /* Of all ports. */
	uint16_t queues; /* Of each port. */
	uint16_t data_room; /* Bytes per buffer, headroom included. */
	uint32_t buffers; /* Per node: that of the pool that needs most. */
	uint32_t cache;
};

/* Make a plan. On failure -1 with the sentence in err and nothing to free. */
int fwd_plan_make(struct fwd_plan *plan, const struct fwd_options *opts,
	const struct fwd_facts *facts, struct app_error *err);

void fwd_plan_fini(struct fwd_plan *plan);

/* Return the node a map of stated nodes has for a port, or TIDE_NODE_UNKNOWN. */
int fwd_stated_node(const struct fwd_portmap *map, uint16_t port);

/* Choose and size the pools; ports and queues are planned. As fwd_plan_make(). */
int fwd_plan_pools(struct fwd_plan *plan, const struct fwd_options *opts,
	const struct fwd_facts *facts, struct app_error *err);

/* Name the reason why a port has its pool: "local", "stated", "nearest" or "unknown". */
const char *fwd_plan_pool_reason(const struct fwd_plan *plan, unsigned int port);

/* Count the ports whose buffers are on another node than they are. */
unsigned int fwd_plan_elsewhere(const struct fwd_plan *plan);

/* Memory of a node without CPUs. */
struct fwd_plan_tier {
	int node;
	uint64_t bytes;
	int near; /* The nearest node with CPUs, TIDE_NODE_UNKNOWN when there is none, */
	unsigned int distance; /* and how far that is. */
};

/* Find the i-th nearest to the first pool; -1 when there are no more. */
int fwd_plan_tier(const struct fwd_plan *plan, unsigned int i, struct fwd_plan_tier *tier);

/* Write the plan for people. */
void fwd_plan_print(const struct fwd_plan *plan, const struct fwd_options *opts, FILE *out);

/*
 * One of the lcores that poll a port, for all of them: they are on one node, except those whose node is
 * not known. NULL when no node is known.
 */
const struct fwd_plan_lcore *fwd_plan_poller(const struct fwd_plan *plan, unsigned int port);

/* Fill the pairs, figures aside; ports, queues and pools are planned. */
void fwd_plan_pairs(struct fwd_plan *plan);

/* Tell whether the user wants a pair measured. */
bool fwd_plan_measures(const struct fwd_options *opts, const struct fwd_plan_pair *pair);

/* Take the figures of the pairs from the topology: when planning, and when it has learnt more. */
void fwd_plan_latencies(struct fwd_plan *plan, const struct tide_topology *topo);

/* Nanoseconds per miss. */
struct fwd_penalty {
	uint32_t remote; /* What the lcores of a port wait for its buffers, */
	uint32_t local; /* for memory of their own node, */
	uint32_t more; /* and the first over the second; 0 when it is not more. */
};

/* What it costs that a port is polled from where it is; -1 when that was not measured. */
int fwd_plan_penalty(const struct fwd_plan *plan, unsigned int port, struct fwd_penalty *penalty);

/* Room for the text of a warning. */
#define FWD_WARNING_LEN 768

/*
 * Write the warning about a port polled from another node into text[len]; -1 when there is none.
 */
int fwd_plan_warning(const struct fwd_plan *plan, unsigned int port, char *text, size_t len);

/*
 * Write the warning about a port whose buffers are not on its node, or not where they were requested.
 */
int fwd_plan_pool_warning(const struct fwd_plan *plan, unsigned int port, char *text, size_t len);

/*
 * Write the warning about the interface of the kernel below a port: it loses checksums or cuts frames, and no
 * counter shows that. The commands that help are in it.
 */
int
fwd_plan_interface_warning(const struct fwd_plan *plan, unsigned int port, char *text, size_t len);

/*
 * What cannot be known of that interface and may need a command elsewhere: the other end of its pair. As
 * fwd_plan_interface_warning().
 */
int fwd_plan_interface_note(const struct fwd_plan *plan, unsigned int port, char *text, size_t len);

#endif /* FWD_PLAN_H */
