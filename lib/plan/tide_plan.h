/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_PLAN_H
#define TIDE_PLAN_H

/**
 * @file
 * A plan: which lcore polls each receive queue, which node's pool fills it, and how large the pools are.
 *
 * A program makes the plan after rte_eal_init() and before it configures a port. Planning has two
 * steps. tide_plan_read() reads the facts: ports, lcores, nodes. tide_plan_init() turns facts and a
 * request into a plan; it touches no device and needs no EAL. So facts can also be made by hand, for
 * another machine.
 *
 * **Queues.** Each port has the same number of receive and transmit queues. A queue is polled by the
 * least loaded lcore on the node of its port. If no lcore is there, it is polled by the least loaded
 * one of the nearest node that has any. Ports whose node is known choose first. A port whose node is
 * not known belongs to the node of the lcore that polls its first queue.
 *
 * **Placement.** The buffers of a port are planned on its node, or on the node that the caller
 * states. If that node cannot give memory to this process, they are planned on the nearest that can,
 * and the plan says why. Nothing is allocated here: tide_pool_create() makes the pools.
 *
 * **Drivers.** The need of a pool includes what some drivers take beyond the requested descriptors:
 *   - net_vmxnet3 fills two rings per receive queue.
 *   - net_af_xdp takes 2,048 buffers per queue, for any number of descriptors.
 *   - net_af_packet requires buffers of its argument framesz, less TIDE_PLAN_AF_PACKET_TX_HEAD.
 *
 * **Threads.** Any thread may call any function on facts and plans that no other thread uses. No
 * function is for the data path.
 *
 * An example:
 * @include plan.c
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>

#include "tide_pool.h"
#include "tide_pool_size.h"
#include "tide_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Descriptors per queue if the request names none. */
#define TIDE_PLAN_DESC 1024

/** Buffers that an lcore works on at a time if the request names none. */
#define TIDE_PLAN_BURST 32

/** Bytes of a frame around the MTU: Ethernet header, two VLAN tags, checksum. */
#define TIDE_PLAN_FRAME_OVERHEAD (RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN + RTE_ETHER_CRC_LEN)

/** Bytes of a place in the ring of net_af_packet beside a received frame (TPACKET_V2 of Linux). */
#define TIDE_PLAN_AF_PACKET_RX_HEAD 66

/** Bytes of a place in the ring of net_af_packet beside a frame to be sent (TPACKET_V2 of Linux). */
#define TIDE_PLAN_AF_PACKET_TX_HEAD 32

/**
 * Facts about a port, before it is configured. For a port made by hand, id, node, rx_queues_max and
 * tx_queues_max suffice.
 */
struct tide_port_facts {
	uint16_t id; /**< Port id of ethdev. */
	char name[RTE_ETH_NAME_MAX_LEN]; /**< Name of the device. */
	char driver[32]; /**< Name of its driver, which decides how many buffers a queue takes. */
	int node; /**< Node by the fallback chain without an lcore, or TIDE_NODE_UNKNOWN. */
	enum tide_node_source node_source; /**< The step of the chain that named it. */
	uint16_t rx_queues_max; /**< Most receive queues. */
	uint16_t tx_queues_max; /**< Most transmit queues. */
	struct rte_eth_desc_lim rx_lim; /**< Limits of descriptors per receive queue; 0: none. */
	struct rte_eth_desc_lim tx_lim; /**< Limits of descriptors per transmit queue; 0: none. */
	uint16_t mtu; /**< MTU now; 0: RTE_ETHER_MTU. */
	uint16_t mtu_min; /**< Smallest MTU. */
	uint16_t mtu_max; /**< Largest MTU; 0: any. */
	uint32_t rx_bufsize_min; /**< Smallest receive buffer, headroom excluded, bytes. */
	uint32_t frame_max; /**< Longest frame that the driver does not cut, bytes; 0: any. */
	uint32_t framesz; /**< Argument framesz of net_af_packet, bytes; 0: another driver. */
	uint64_t rss; /**< RTE_ETH_RSS_*: IP, UDP and TCP types that it can hash. */
	unsigned int if_index; /**< Interface of the kernel below a virtual port; 0: none. */
};

/** Facts about an lcore that is to poll queues. */
struct tide_lcore_facts {
	unsigned int id; /**< Lcore id of EAL. */
	int node; /**< Its node, or TIDE_NODE_UNKNOWN. */
};

/** The facts that a plan is made of. */
struct tide_plan_facts {
	const struct tide_topology *topo; /**< Machine; it must outlive the plan. */
	struct tide_port_facts port[RTE_MAX_ETHPORTS]; /**< Every port. */
	unsigned int nb_ports; /**< Entries used in port[]. */
	struct tide_lcore_facts lcore[RTE_MAX_LCORE]; /**< Every lcore that is to poll. */
	unsigned int nb_lcores; /**< Entries used in lcore[]. */
	int main_node; /**< Node of the main lcore, or TIDE_NODE_UNKNOWN. */
};

/** The limit that a request breaks. */
enum tide_plan_limit {
	TIDE_PLAN_LIMIT_NONE, /**< None: an argument is wrong. */
	TIDE_PLAN_LIMIT_PORTS, /**< Number of ports. */
	TIDE_PLAN_LIMIT_PORT_ID, /**< A port that the facts do not have, or that is named twice. */
	TIDE_PLAN_LIMIT_PEER, /**< Index of the port that transmits for another. */
	TIDE_PLAN_LIMIT_NODE, /**< A node that the topology does not have. */
	TIDE_PLAN_LIMIT_QUEUES, /**< Queues per port. */
	TIDE_PLAN_LIMIT_MTU, /**< MTU. */
	TIDE_PLAN_LIMIT_RX_DESC, /**< Descriptors per receive queue. */
	TIDE_PLAN_LIMIT_TX_DESC, /**< Descriptors per transmit queue. */
	TIDE_PLAN_LIMIT_BUFFER_SIZE, /**< Packet bytes per buffer. */
	TIDE_PLAN_LIMIT_LCORES, /**< Number of lcores. */
	TIDE_PLAN_LIMIT_MEMORY, /**< Memory for the queues of the plan. */
	TIDE_PLAN_LIMIT_POOL_NODE, /**< A strict request and a node that cannot give memory. */
	TIDE_PLAN_LIMIT_BUFFERS, /**< Requested buffers per node. */
	TIDE_PLAN_LIMIT_NEED, /**< Buffers that the queues of a node need. */
};

/** The reason why there is no plan. */
struct tide_plan_failure {
	enum tide_plan_limit limit; /**< The limit that the request breaks. */
	const struct tide_port_facts *port; /**< The port whose limit it is; NULL: of no port. */
	int node; /**< The node whose limit it is; TIDE_NODE_UNKNOWN: of no node. */
	uint32_t requested; /**< The requested value. */
	uint32_t min; /**< The least that is possible. */
	uint32_t max; /**< The most that is possible; less than min: nothing is. */
	struct tide_pool_need need; /**< For TIDE_PLAN_LIMIT_BUFFERS: what needs min buffers. */
	char reason[256]; /**< A sentence for people, without a full stop. */
};

/** The request. Zero is a good default in every field. */
struct tide_plan_conf {
	const uint16_t *ports; /**< Port ids to use, in this order; NULL: all of the facts. */
	unsigned int nb_ports; /**< Entries in ports. */
	/**
	 * For each used port, the index in the plan of the port that sends the packets which it
	 * receives; NULL: each port sends what it receives.
	 */
	const unsigned int *peers;
	/** For each used port, its node, or TIDE_NODE_UNKNOWN: that of the facts; NULL: all so. */
	const int *port_nodes;
	/** For each used port, the node of its buffers, or TIDE_NODE_UNKNOWN; NULL: that of the port. */
	const int *pool_nodes;
	uint32_t queues; /**< Receive queues per port, and as many transmit queues; 0: 1. */
	uint32_t
		rx_desc; /**< Descriptors per receive queue; 0: TIDE_PLAN_DESC within the limits. */
	uint32_t
		tx_desc; /**< Descriptors per transmit queue; 0: TIDE_PLAN_DESC within the limits. */
	uint32_t mtu; /**< MTU of all ports; 0: each keeps its own. */
	/**
	 * Packet bytes per buffer; 0: at least 2,048, and so many that a frame fits into one buffer
	 * on every port.
	 */
	uint32_t buffer_size;
	uint16_t priv_size; /**< As in tide_pool_conf. */
	uint32_t cache_size; /**< As in tide_pool_conf. */
	uint32_t burst; /**< Buffers that an lcore works on at a time; 0: TIDE_PLAN_BURST. */
	uint32_t depth; /**< Buffers in rings between stages, for each port. */
	uint32_t hold_us; /**< As in tide_pool_need. */
	uint64_t hold_pps; /**< Packets per second of each port that stay so long. */
	uint32_t buffers; /**< Buffers per node; 0: as many as the node with most needs. */
	enum tide_page page; /**< Page size that the sizes of pools are computed for. */
	bool strict; /**< Fail if a node on which buffers belong cannot give memory. */
	/**
	 * Where to store the reason of a failure; may be NULL. If it is not NULL, the caller reports
	 * the failure to users, and the log has it at level INFO only.
	 */
	struct tide_plan_failure *failed;
};

/** Reason for the node of a port's buffers. */
enum tide_plan_reason {
	TIDE_PLAN_REASON_LOCAL, /**< It is the node of the port. */
	TIDE_PLAN_REASON_STATED, /**< The caller states it. */
	TIDE_PLAN_REASON_NEAREST, /**< The node of either cannot give memory: it is the nearest. */
	TIDE_PLAN_REASON_UNKNOWN, /**< The node of the port is not known: it is near the main lcore. */
};

/** The plan of one port. */
struct tide_plan_port {
	const struct tide_port_facts *facts; /**< Its facts. */
	unsigned int peer; /**< Index of the port that sends the packets which it receives. */
	int node; /**< Its node, or TIDE_NODE_UNKNOWN. */
	enum tide_node_source node_source; /**< How it is known, unless it is stated. */
	bool node_stated; /**< The caller states the node. */
	bool remote; /**< Some of its queues are polled by an lcore of another node. */
	unsigned int pool; /**< Index of the pool that fills its receive queues. */
	int pool_requested; /**< Node where its buffers belong, or TIDE_NODE_UNKNOWN. */
	enum tide_plan_reason pool_reason; /**< Reason for the node of the pool. */
	const char
		*pool_refusal; /**< tide_node_refusal() of pool_requested; NULL: it gives memory. */
	uint16_t rx_desc; /**< Descriptors per receive queue. */
	uint16_t tx_desc; /**< Descriptors per transmit queue. */
	uint16_t mtu; /**< MTU. */
	bool scatter; /**< A frame can be longer than a buffer. */
	uint64_t
		rss; /**< Hash types to set; 0: no RSS, as the port has one queue or cannot hash. */
};

/** One receive queue. */
struct tide_plan_queue {
	unsigned int port; /**< Index of the port. */
	uint16_t queue; /**< Queue of the port, and transmit queue of its peer. */
	unsigned int lcore; /**< Index of the lcore that polls it. */
};

/** The plan of one lcore. */
struct tide_plan_lcore {
	unsigned int id; /**< Lcore id of EAL. */
	int node; /**< Its node, or TIDE_NODE_UNKNOWN. */
	unsigned int nb_queues; /**< Queues that it polls. */
};

/** The plan of one pool. */
struct tide_plan_pool {
	int node; /**< Node of the pool. */
	struct tide_pool_need need; /**< What its ports, their peers and the lcores need. */
	struct tide_pool_size size; /**< The size of a pool of tide_plan.buffers buffers. */
};

/** A plan. Its size depends on RTE_MAX_ETHPORTS and RTE_MAX_LCORE of the DPDK that it is built with. */
struct tide_plan {
	const struct tide_topology *topo; /**< As in the facts. */
	struct tide_plan_port port[RTE_MAX_ETHPORTS]; /**< In the order of the request. */
	unsigned int nb_ports; /**< Entries used in port[]. */
	struct tide_plan_lcore lcore[RTE_MAX_LCORE]; /**< As in the facts. */
	unsigned int nb_lcores; /**< Entries used in lcore[]. */
	struct tide_plan_pool pool[RTE_MAX_ETHPORTS]; /**< One per node. */
	unsigned int nb_pools; /**< Entries used in pool[]. */
	struct tide_plan_queue *queue; /**< Queues of all ports, by port, then by queue. */
	unsigned int nb_queues; /**< Entries in queue. */
	uint16_t queues; /**< Receive queues per port. */
	uint32_t buffers; /**< Buffers per pool, as tide_pool_conf takes them. */
	uint16_t data_room; /**< Bytes per buffer, as tide_pool_conf takes them. */
	int pool_nodes[RTE_MAX_ETHPORTS]; /**< Nodes of pool[], as tide_pool_conf takes them. */
	struct tide_plan_conf conf; /**< The request, with its defaults and without its pointers. */
};

/**
 * Read the facts about one port.
 *
 * Needs EAL; reads sysfs, changes nothing.
 *
 * @param topo     Topology of this machine; not NULL.
 * @param port_id  Port; it need not be configured.
 * @param facts    Where to store the facts; written only on success.
 * @return
 *   - 0: stored.
 *   - Negative errno of rte_eth_dev_info_get(): -ENODEV: the port does not exist; -ENOTSUP and
 *     others: its driver does not answer.
 */
int tide_plan_read_port(
	const struct tide_topology *topo, uint16_t port_id, struct tide_port_facts *facts);

/**
 * Read the facts about all ports and lcores of this process.
 *
 * Needs EAL; reads sysfs, changes nothing. The lcores are the workers. The main lcore is one of them
 * only if it is the only lcore. Ports that another owner has (rte_eth_dev_owner_set()) are left out.
 *
 * @param topo   Topology of this machine. The facts refer to it.
 * @param facts  Where to store the facts; not NULL.
 * @return
 *   - 0: stored.
 *   - -EINVAL: topo is NULL, as tide_topology_create() returns it if the machine cannot be read.
 *   - Negative errno of tide_plan_read_port(): facts->port[facts->nb_ports].id is the id of the
 *     port that failed; nothing behind it was read.
 */
int tide_plan_read(const struct tide_topology *topo, struct tide_plan_facts *facts);

/**
 * Make a plan.
 *
 * Each use of a port keeps to the limits in its facts. A default that is outside of them is moved
 * into them; a requested value that is outside is an error.
 *
 * @param plan   Where to store the plan, which the caller frees with tide_plan_fini(); not NULL.
 * @param facts  Facts; not NULL. They must outlive the plan, which refers to them.
 * @param conf   Request; NULL: all defaults.
 * @return
 *   0: made; or a negative errno, with an empty plan that need not be freed, and the reason in
 *   *conf->failed:
 *   - -EINVAL: facts->topo is NULL, priv_size is not a multiple of RTE_MBUF_PRIV_ALIGN, or the page
 *     size is unknown.
 *   - -ENOENT: a port that the facts do not have, or a node that the topology does not have.
 *   - -EEXIST: a port is named twice.
 *   - -ERANGE: the number of ports, lcores, queues, descriptors or buffers, the MTU, the bytes per
 *     buffer or the index of a peer are out of their limits.
 *   - -ENODEV: strict, and a node on which buffers belong cannot give memory to this process.
 *   - -EOVERFLOW: the queues of a node need more buffers than a pool can have.
 *   - -ENOMEM: out of memory.
 */
int tide_plan_init(struct tide_plan *plan, const struct tide_plan_facts *facts,
	const struct tide_plan_conf *conf);

/**
 * Free what a plan holds.
 *
 * @param plan  Plan of tide_plan_init(), or zeroed memory; NULL does nothing.
 */
void tide_plan_fini(struct tide_plan *plan);

/**
 * Make the configuration of the pool set of a plan.
 *
 * @param plan  Plan; not NULL. It must not change until tide_pool_create() has returned.
 * @param name  tide_pool_conf.name.
 * @return  The configuration: topo, nodes, nb_nodes, buffers, data_room, priv_size, cache_size and
 *          page of the plan, and the default in every other field.
 */
struct tide_pool_conf tide_plan_pool_conf(const struct tide_plan *plan, const char *name);

/**
 * Name a reason in one word ("local", "stated", "nearest", "unknown").
 *
 * @param reason  Reason.
 * @return  A static string; never NULL, also for a value that is no reason.
 */
const char *tide_plan_reason_name(enum tide_plan_reason reason);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_PLAN_H */
