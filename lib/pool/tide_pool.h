/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_POOL_H
#define TIDE_POOL_H

/**
 * @file
 * A set of packet mempools, one on each node in use, and the choice of the one that serves a port.
 *
 * A control thread of the primary process creates a pool set, after EAL is initialised and before
 * the ports are configured. A secondary process opens it by name with tide_pool_attach(). Each
 * member is an ordinary rte_mempool of mbufs, so every mbuf function works on it.
 *
 * **Placement.** The buffers of a member are on a tide_region of its node, measured page by page.
 *
 * **Threads.** Creating, freeing and DMA-mapping are not MT-safe. Any thread may call the rest.
 *
 * Two more headers belong to it: tide_pool_query.h has placement, statistics and owners of a set,
 * tide_pool_size.h computes how many buffers and pages a node needs.
 *
 * An example:
 * @include pool.c
 */

#include <stdint.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "tide_mempool.h"
#include "tide_region.h"
#include "tide_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Mempool ops of a set whose configuration names none. */
#define TIDE_POOL_OPS TIDE_MEMPOOL_OPS

/** Longest name of a set, so that "NAME_nodeNNNN" fits RTE_MEMPOOL_NAMESIZE. */
#define TIDE_POOL_NAME_MAX 14

/** A port that a set serves. */
struct tide_pool_port {
	uint16_t port_id; /**< Port id of ethdev. */
	unsigned int lcore_id; /**< Lcore that polls it; LCORE_ID_ANY: not known. */
};

/**
 * Spill policy: what tide_pool_get() does if the member of its node has too few buffers.
 *
 * Each spill is counted. A mempool that is used without tide_pool_get() never spills: a driver that
 * fills a receive queue is an example.
 */
enum tide_spill {
	TIDE_SPILL_NEVER, /**< Fail: buffers of another node are worse than none. */
	TIDE_SPILL_NEAREST, /**< Try the one other member nearest by distance. */
	TIDE_SPILL_ANY, /**< Try all other members, nearest first. */
};

/** The requested set. Zero is a good default in every field except name, buffers and data_room. */
struct tide_pool_conf {
	const char *name; /**< Name; the members are called NAME_node<id>. */
	const struct tide_topology *topo; /**< Machine; it must outlive the set; NULL: read once. */
	const struct tide_pool_port *ports; /**< Ports to serve; their nodes get a member. */
	unsigned int nb_ports; /**< Entries in ports. */
	const unsigned int *lcores; /**< Workers to serve; their nodes get a member. */
	unsigned int nb_lcores; /**< Entries in lcores. */
	const int *nodes; /**< Further nodes that get a member, such as tide_topology_tiers(). */
	unsigned int nb_nodes; /**< Entries in nodes. */
	uint32_t buffers; /**< Buffers per member; see tide_pool_size(). */
	uint16_t data_room; /**< Bytes per buffer, RTE_PKTMBUF_HEADROOM included. */
	uint16_t priv_size; /**< Bytes of application data per mbuf, a multiple of 8. */
	/**
	 * Buffers of the per-lcore mempool cache; 0: none. None is best with the tide ops: each
	 * thread has magazines of its own, and a cache delays or hides the checks of enum
	 * tide_misuse_policy.
	 */
	uint32_t cache_size;
	const char *ops; /**< Mempool ops by name; NULL: TIDE_POOL_OPS. */
	/**
	 * Ledger mode of the tide ops; 0: as TIDE_LEDGER_ENV says, else full. Other ops ignore it.
	 */
	enum tide_ledger ledger;
	enum tide_page page; /**< As in tide_region_conf. */
	enum tide_backing backing; /**< As in tide_region_conf. */
	enum tide_enforce enforce; /**< As in tide_region_conf. */
	enum tide_spill spill; /**< Spill policy of tide_pool_get(). */
	/**
	 * Where to store the placement of a member whose memory was not available, as far as it
	 * got; may be NULL. If it is not NULL, the caller reports the failure to users, and the log
	 * has it at level INFO only.
	 */
	struct tide_placement *failed;
};

/** Reason for the choice of a member. */
enum tide_pool_reason {
	TIDE_POOL_REASON_LOCAL, /**< It is on the node of the port or lcore. */
	TIDE_POOL_REASON_NEAREST, /**< No member is on that node: it is the nearest by distance. */
	TIDE_POOL_REASON_UNKNOWN, /**< The node is not known: it is nearest to the main lcore. */
};

/** A choice with its reason. */
struct tide_pool_choice {
	struct rte_mempool *mp; /**< The chosen member. */
	int requested; /**< Node of the port or lcore; may be TIDE_NODE_UNKNOWN. */
	int node; /**< Node of the member. */
	enum tide_node_source
		source; /**< Ports: the node source. Lcores: TIDE_NODE_SOURCE_LCORE or UNKNOWN. */
	enum tide_pool_reason reason; /**< The reason. */
};

/** A pool set; opaque. */
struct tide_pool;

/**
 * Create a mempool on each node that has a port or a worker or that is named.
 *
 * For a control thread of the primary process, after rte_eal_init(). Each member is on memory of
 * its node; under best effort tide_pool_placement() tells where it is instead.
 *
 * @param conf  Request; not NULL.
 * @return
 *   The set, which the caller frees with tide_pool_free(); NULL with rte_errno set and nothing left
 *   behind:
 *   - EINVAL: no name, a name that is too long, no buffers, data_room below RTE_PKTMBUF_HEADROOM,
 *     priv_size that is not a multiple of RTE_MBUF_PRIV_ALIGN, cache_size that rte_mempool refuses,
 *     an unknown ops name, spill policy or ledger mode, a port or node that does not exist, or no
 *     node at all.
 *   - EEXIST: a mempool of that name exists.
 *   - E_RTE_SECONDARY: this is not the primary process.
 *   - ENOTSUP: EAL is not initialised.
 *   - ENOMEM, EPERM, EXDEV: as tide_region_create(); *conf->failed, or the log if that is NULL,
 *     says which node lacks what and what to do.
 *   - ENOSPC: EAL has no memzone left; the log says what to do. Fewer buffers do not help.
 *   - EIO: conf->topo is NULL and the machine could not be read.
 *   - Other errno: the mempool ops refused the memory.
 */
struct tide_pool *tide_pool_create(const struct tide_pool_conf *conf);

/**
 * Open, in a secondary process, a set of the primary process. Not MT-safe.
 *
 * The primary must have created the set with the tide ops and TIDE_BACKING_EAL, and its
 * tide_pool_create() must have returned. This process measures the placements again. An attached
 * set never spills (TIDE_SPILL_NEVER).
 *
 * The mempools belong to the primary. tide_pool_free() only closes this view; processes may close
 * in any order. After the primary has freed the set, no other call may use the view.
 *
 * A mempool names its ops by a number, and each process has its own table of numbers. The tables
 * differ between processes that load different mempool drivers, or the same in another order. Then
 * a get or put on a mempool from rte_mempool_lookup() runs the wrong code on its memory. This call
 * compares the name of the ops first.
 *
 * @param name  tide_pool_conf.name; not NULL.
 * @return
 *   The set, which the caller closes with tide_pool_free(); NULL with rte_errno set, nothing left
 *   behind and a line in the log that says what to do:
 *   - EINVAL: no name, or a name that is too long.
 *   - ENOTSUP: EAL is not initialised.
 *   - EPERM: this is the primary process.
 *   - ENOENT: the primary has no set of that name, or has another --file-prefix.
 *   - EAGAIN: the primary is still creating it.
 *   - ENOSYS: the number of its ops does not mean the tide ops in this process: the two processes
 *     loaded different mempool drivers, or the set has other ops.
 *   - EPROTO: its memory is not that of the tide ops of this build of tidepool.
 *   - EFAULT: its buffers are in own memory of the primary (TIDE_BACKING_OWN).
 *   - ENOMEM: out of memory.
 *   - EIO: the machine or the placement could not be read.
 */
struct tide_pool *tide_pool_attach(const char *name);

/**
 * Free a set and its memory. Not MT-safe.
 *
 * The caller stops the ports and empties the queues first. For an attached set the call closes the
 * view only: the mempools and the buffers that are out stay.
 *
 * @param pool  Set; NULL does nothing and returns 0.
 * @return
 *   - 0: freed.
 *   - -EBUSY: buffers are still out; nothing was freed. The log says how many of which member are
 *     out and who their owners are.
 */
int tide_pool_free(struct tide_pool *pool);

/**
 * Choose the member that serves a port. MT-safe; not for the data path, since it can read sysfs.
 *
 * @param pool      Set; not NULL.
 * @param port_id   Port.
 * @param lcore_id  Lcore that polls it, for ports without a node of their own; LCORE_ID_ANY: not
 *                  known.
 * @param choice    Where to store the choice with its reason; may be NULL.
 * @return  A mempool; never NULL.
 */
struct rte_mempool *tide_pool_for_port(const struct tide_pool *pool, uint16_t port_id,
	unsigned int lcore_id, struct tide_pool_choice *choice);

/**
 * Choose the member that serves an lcore. MT-safe.
 *
 * @param pool      Set; not NULL.
 * @param lcore_id  EAL lcore id.
 * @param choice    Where to store the choice with its reason; may be NULL.
 * @return  A mempool; never NULL.
 */
struct rte_mempool *tide_pool_for_lcore(
	const struct tide_pool *pool, unsigned int lcore_id, struct tide_pool_choice *choice);

/**
 * Find the member on a node. MT-safe.
 *
 * @param pool  Set; not NULL.
 * @param node  Node id as the kernel numbers it.
 * @return  A mempool; NULL if the set has no member on this node.
 */
struct rte_mempool *tide_pool_on(const struct tide_pool *pool, int node);

/**
 * Let a device reach the buffers of a member: DMA-map own memory for it. Not MT-safe.
 *
 * Call it for each port with DMA, before its queues are set up. For EAL memory it does nothing. See
 * tide_region_dma_map().
 *
 * @param pool     Set; not NULL.
 * @param mp       Member of the set.
 * @param port_id  Port of the device.
 * @return
 *   - 0: done, or nothing to do.
 *   - -EINVAL: mp is no member of this set, or the port does not exist.
 *   - Other negative errno: as tide_region_dma_map().
 */
int tide_pool_dma_map(struct tide_pool *pool, struct rte_mempool *mp, uint16_t port_id);

/**
 * Take n buffers from the member of one node. MT-safe; lock-free with the tide ops.
 *
 * All or nothing. The call never allocates memory. It makes no system call, except gettid(2) at its
 * first use by a thread without an lcore id. Free the buffers with rte_pktmbuf_free() or
 * rte_pktmbuf_free_bulk().
 *
 * With a spill policy, a member that has fewer than n buffers makes the call try others, nearest
 * first. One member serves all n. Each member that has too few counts a failure. mbuf->pool names
 * the member that a buffer came from. So that any port can send the buffers:
 *   - map each member for each port (tide_pool_dma_map());
 *   - do not set RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, which assumes that all buffers have one pool.
 *
 * @param pool  Set; not NULL.
 * @param node  Node id as the kernel numbers it.
 * @param bufs  Table of at least n entries; defined only on success.
 * @param n     Requested buffers.
 * @return
 *   - 0: bufs holds n buffers, each reset and with a reference count of one.
 *   - -ENOBUFS: no member that was tried had n free buffers; nothing was taken.
 *   - -ENOENT: the set has no member on this node.
 */
int tide_pool_get(const struct tide_pool *pool, int node, struct rte_mbuf **bufs, unsigned int n);

/**
 * Count the nodes of a set: each has one member. MT-safe.
 *
 * @param pool  Set; not NULL.
 * @return  Number of nodes, at least 1.
 */
unsigned int tide_pool_nb_nodes(const struct tide_pool *pool);

/**
 * Read the id of the i-th node of a set, in ascending order. MT-safe.
 *
 *     for (unsigned int i = 0; i < tide_pool_nb_nodes(pool); i++)
 *         print_pool(tide_pool_on(pool, tide_pool_node_id(pool, i)));
 *
 * @param pool  Set; not NULL.
 * @param i     Index, 0 to tide_pool_nb_nodes() - 1.
 * @return  Node id as the kernel numbers it; TIDE_NODE_UNKNOWN if i is out of range.
 */
int tide_pool_node_id(const struct tide_pool *pool, unsigned int i);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_POOL_H */
