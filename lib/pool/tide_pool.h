/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_POOL_H
#define TIDE_POOL_H

/**
 * @file
 * A set of packet mempools, one on each node in use, and which of them serves which port.
 *
 * A pool set is made once, by a control thread of the primary process, after EAL is up and before
 * ports are configured; a secondary process opens it by name with tide_pool_attach(). Each member
 * is an ordinary rte_mempool of mbufs (any mbuf function works on it) whose buffers lie on a
 * tide_region of its node, measured page by page. Creating, freeing and DMA-mapping are not
 * MT-safe; all else may be called from any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "tide_mempool.h"
#include "tide_region.h"
#include "tide_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Mempool ops of a set that asks for none. */
#define TIDE_POOL_OPS TIDE_MEMPOOL_OPS

/** Longest name of a set, so that "NAME_nodeNNNN" fits RTE_MEMPOOL_NAMESIZE. */
#define TIDE_POOL_NAME_MAX 14

/** A port a set shall serve. */
struct tide_pool_port {
	uint16_t port_id;
	unsigned int lcore_id; /**< Lcore that polls it, for the ladder; LCORE_ID_ANY: not known. */
};

/**
 * What tide_pool_get() does when the member of its node has too few buffers. Falls are counted; a
 * mempool used without tide_pool_get(), as by a driver that fills a receive queue, never spills.
 */
enum tide_spill {
	TIDE_SPILL_NEVER, /**< Fail: buffers of another node are worse than none. */
	TIDE_SPILL_NEAREST, /**< Try the one other member nearest by distance. */
	TIDE_SPILL_ANY, /**< Try all other members, nearest first. */
};

/** What to make. Zero is a good default in every field but name, buffers and data_room. */
struct tide_pool_conf {
	const char *name; /**< Members are called NAME_node<id>. */
	const struct tide_topology *topo; /**< Machine; must outlive the set; NULL: read once. */
	const struct tide_pool_port *ports; /**< Ports to serve; their nodes get a member. */
	unsigned int nb_ports;
	const unsigned int *lcores; /**< Workers to serve; their nodes get a member. */
	unsigned int nb_lcores;
	const int *nodes; /**< Further nodes to make a member on, such as tide_topology_tiers(). */
	unsigned int nb_nodes;
	uint32_t buffers; /**< Buffers per member; see tide_pool_size(). */
	uint16_t data_room; /**< Bytes per buffer, RTE_PKTMBUF_HEADROOM included. */
	uint16_t priv_size; /**< Bytes of application data per mbuf, a multiple of 8. */
	/**
	 * Per-lcore mempool cache; 0: none. Prefer none with the tide ops: their threads have
	 * magazines of their own, and a cache delays or hides what the ops check, see enum tide_misuse_policy.
	 */
	uint32_t cache_size;
	const char *ops; /**< Mempool ops by name; NULL: TIDE_POOL_OPS. */
	/** What the tide ops record; 0: as TIDE_LEDGER_ENV says, else full. Other ops ignore it. */
	enum tide_ledger ledger;
	enum tide_page page;
	enum tide_backing backing;
	enum tide_enforce enforce;
	enum tide_spill spill;
	/**
	 * Where to store how far a member came whose memory could not be had; may be NULL. When it is
	 * not, the caller tells users from it, and the log has that line at level INFO only.
	 */
	struct tide_placement *failed;
};

/** Why a member was chosen. */
enum tide_pool_why {
	TIDE_POOL_WHY_LOCAL, /**< It lies on the node of the port or lcore. */
	TIDE_POOL_WHY_NEAREST, /**< No member on that node: the nearest by distance. */
	TIDE_POOL_WHY_UNKNOWN, /**< The node is not known: the member nearest the main lcore. */
};

/** An answer with its reason. */
struct tide_pool_choice {
	struct rte_mempool *mp; /**< The member. */
	int wanted; /**< Node of the port or lcore; may be TIDE_NODE_UNKNOWN. */
	int node; /**< Node of the member. */
	enum tide_rung
		rung; /**< Ports: how the node was found. Lcores: TIDE_RUNG_LCORE or UNKNOWN. */
	enum tide_pool_why why;
};

/** Counters of one member. Approximate while others work, not an atomic snapshot. */
struct tide_pool_stats {
	int node; /**< Node id of the member. */
	uint32_t size; /**< Buffers in the member. */
	uint32_t free; /**< Free, those in mempool caches included. */
	uint32_t in_use; /**< size - free. */
	uint32_t cached; /**< Free ones that sit in per-lcore mempool caches. */
	uint64_t failures; /**< Gets that found too few; counted by the tide ops, else 0. */
	/** Double frees, foreign and misaligned pointers refused; tide ops only, else 0. */
	uint64_t misuse;
	uint64_t spilled_out; /**< Gets of this node that another member served. */
	uint64_t spilled_in; /**< Gets of other nodes that this member served. */
};

struct tide_pool;

/**
 * Make a mempool on each node that has a port, a worker, or is named.
 *
 * @param conf  What to make; not NULL.
 * @return
 *   The set; NULL with rte_errno set and nothing left behind:
 *   - EINVAL: no name, a name too long, no buffers, data_room below RTE_PKTMBUF_HEADROOM, priv_size
 *     not a multiple of RTE_MBUF_PRIV_ALIGN, cache_size that rte_mempool refuses, an unknown ops
 *     name, spill policy or ledger mode, a port or node that does not exist, or no node at all.
 *   - EEXIST: a mempool of that name exists.
 *   - E_RTE_SECONDARY: not the primary process.
 *   - ENOTSUP: EAL is not initialised.
 *   - ENOMEM, EPERM, EXDEV: as tide_region_create(); wanted, reason and mend of *conf->failed say
 *     which node and what to do, or the log where that is NULL.
 *   - ENOSPC: EAL has no memzone left; the log says what to do. Fewer buffers do not help.
 *   - another errno: the mempool ops refused the memory.
 */
struct tide_pool *tide_pool_create(const struct tide_pool_conf *conf);

/**
 * Open, in a secondary process, a set that the primary process made. Not MT-safe with itself.
 *
 * The primary creates the set with the tide ops and TIDE_BACKING_EAL, and tide_pool_create() has
 * returned there. The answer serves as one of tide_pool_create(), with the members and placements
 * measured anew in this process; it never spills (TIDE_SPILL_NEVER). The mempools remain the
 * primary's: tide_pool_free() lets go of this view, in any order among processes, and nothing else
 * of it may be used once the primary freed the set.
 *
 * A mempool names its ops by a number, and each process has its own table of numbers. Two processes
 * that load other mempool drivers, or the same in another order, disagree, and a get or put of a
 * mempool found by rte_mempool_lookup() runs other code on its memory. This call compares the name
 * first.
 *
 * @param name  tide_pool_conf.name; not NULL.
 * @return
 *   The set; NULL with rte_errno set, nothing left behind, and a line in the log that says what to do:
 *   - EINVAL: no name, or a name too long.
 *   - ENOTSUP: EAL is not initialised.
 *   - EPERM: this is the primary process.
 *   - ENOENT: the primary has no set of that name, or has another --file-prefix.
 *   - EAGAIN: the primary is still making it.
 *   - ENOSYS: the number of its ops does not mean the tide ops in this process: the two processes loaded
 *     different mempool drivers, or the set has other ops.
 *   - EPROTO: its memory is not that of the tide ops of this build of tidepool.
 *   - EFAULT: its buffers are in own memory of the primary (TIDE_BACKING_OWN).
 *   - ENOMEM: no memory. EIO: the machine, or where the pages are, could not be read.
 */
struct tide_pool *tide_pool_attach(const char *name);

/**
 * Free the set and its memory. NULL does nothing and is 0.
 *
 * Stop the ports and empty the queues first. A set of tide_pool_attach() is only closed: its mempools
 * and the buffers that are out stay.
 *
 * @return
 *   - 0: gone.
 *   - -EBUSY: buffers are still out; nothing was freed; the log says how many of which member.
 */
int tide_pool_free(struct tide_pool *pool);

/**
 * The member that serves a port, and why.
 *
 * @param port_id   Port.
 * @param lcore_id  Lcore that polls it, or LCORE_ID_ANY; for ports without a node of their own.
 * @param choice    Where to store the reason; may be NULL.
 * @return  A mempool; never NULL.
 */
struct rte_mempool *tide_pool_for_port(const struct tide_pool *pool, uint16_t port_id,
	unsigned int lcore_id, struct tide_pool_choice *choice);

/**
 * The member local to an lcore, and why. As tide_pool_for_port().
 */
struct rte_mempool *tide_pool_for_lcore(
	const struct tide_pool *pool, unsigned int lcore_id, struct tide_pool_choice *choice);

/**
 * The member on a node.
 *
 * @return  A mempool; NULL when the set has none there.
 */
struct rte_mempool *tide_pool_for_node(const struct tide_pool *pool, int node);

/**
 * Let a device reach the buffers of a member: DMA-map own memory for it. See tide_region_dma_map().
 *
 * To be called for each port with DMA before its queues are set up; for EAL memory it does nothing.
 *
 * @return  0; -EINVAL: mp is not of this set or there is no such port; else a negative errno.
 */
int tide_pool_dma_map(struct tide_pool *pool, struct rte_mempool *mp, uint16_t port_id);

/**
 * Take n buffers from the member of one node. MT-safe; lock-free with the tide ops.
 *
 * All or nothing. Never allocates. Makes no system call, save for gettid(2) the first time on a
 * thread without an lcore id.
 *
 * With tide_pool_conf.spill, a member that has fewer than n lets others of the set be tried, in order
 * of their distance: one of them serves all n, or the next is tried. Members that are tried and have
 * too few count a failure each. The source pool of a buffer is mbuf->pool. So that
 * any port may send them, each member must be mapped for each port (tide_pool_dma_map()), and no
 * port may be set up with RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, which takes one pool for granted.
 *
 * Give them back with rte_pktmbuf_free() or rte_pktmbuf_free_bulk().
 *
 * @param node  Node id as the kernel numbers it.
 * @param bufs  Table of at least n places; defined only on success.
 * @param n     Buffers wanted.
 * @return
 *   - 0: bufs holds n buffers, each reset and with a reference count of one.
 *   - -ENOBUFS: fewer than n were free, in every member tried; nothing was taken.
 *   - -EINVAL: the set has no member on this node.
 */
int tide_pool_get(const struct tide_pool *pool, int node, struct rte_mbuf **bufs, unsigned int n);

/** Number of members. */
unsigned int tide_pool_nb_members(const struct tide_pool *pool);

/** The i-th member in ascending order of node; NULL when i is out of range. */
struct rte_mempool *tide_pool_member(const struct tide_pool *pool, unsigned int i);

/**
 * Where the buffers of the i-th member are, as measured when it was made.
 *
 * @return  Valid as long as the set; NULL when i is out of range.
 */
const struct tide_placement *tide_pool_placement(const struct tide_pool *pool, unsigned int i);

/**
 * Where the buffers of the i-th member are now: ask the kernel again, as tide_region_measure().
 *
 * Any thread may call it while packets flow, but none that forwards: it costs some 200 ns for each
 * page. A pool on 2 MB pages has few; one of 1 GB on base pages takes 50 ms, see
 * tide_pool_survey(). tide_placement_compare() tells what moved since the set was made.
 *
 * @param now  Where to store the answer; written only on success.
 * @return  0; -EINVAL: i is out of range; -EIO: the kernel refused; the log has its reason.
 */
int tide_pool_measure(const struct tide_pool *pool, unsigned int i, struct tide_placement *now);

/**
 * Begin to ask the same some pages at a time, by tide_survey_step(), for a thread with other work.
 *
 * @return  To be freed before the set is, by tide_survey_free(); NULL with rte_errno EINVAL (i is
 *          out of range) or ENOMEM.
 */
struct tide_survey *tide_pool_survey(const struct tide_pool *pool, unsigned int i);

/**
 * The address range of the i-th member's memory, in this process: so that another program can ask
 * the kernel about it (move_pages(2), /proc/PID/numa_maps).
 *
 * All buffers lie in it. It starts and ends within a page where EAL's memory does, see
 * tide_region_addr(); tide_placement counts those pages too.
 *
 * @param addr  First byte; written only on success.
 * @param len   Bytes; written only on success.
 * @return  0; -EINVAL: i is out of range.
 */
int tide_pool_memory(const struct tide_pool *pool, unsigned int i, void **addr, size_t *len);

/**
 * Count the i-th member. Takes no buffer and no lock; walks the pool's magazines and caches, so not
 * for the data path.
 *
 * @return  0; -EINVAL with *stats untouched when i is out of range.
 */
int tide_pool_stats(const struct tide_pool *pool, unsigned int i, struct tide_pool_stats *stats);

/** Holders one answer can list; those with fewest buffers are added up in the last. */
#define TIDE_POOL_HOLDERS_MAX 16

/** One lcore or thread that took buffers which are not back, by the ledger of the tide ops. */
struct tide_pool_holder {
	unsigned int
		lcore_id; /**< Lcore; LCORE_ID_ANY: a thread without one, several, or unknown. */
	uint32_t tid; /**< Kernel thread id of that thread; 0: an lcore, several, or unknown. */
	uint32_t buffers; /**< Buffers out, those in mempool caches left out. */
	/** The one longest out is out at least so long, milliseconds; see struct tide_mempool_holding. */
	uint32_t age_min_ms;
	uint32_t age_max_ms; /**< And at most so long; 0: no age is known. */
};

/**
 * List the holders of the i-th member's buffers, with how long they have them; most buffers first.
 *
 * The answer comes from the ledger of the tide ops, see tide_mempool_walk(). Buffers without a
 * ledger word (15 in 16 with TIDE_LEDGER_SAMPLED, all with TIDE_LEDGER_OFF) are added up in one
 * place, with LCORE_ID_ANY, tid 0 and both ages 0. Takes no buffer and no lock; walks the pool's
 * buffers, so not for the data path.
 *
 * @param holders  Table of `max` places.
 * @param max      Places, 1 to TIDE_POOL_HOLDERS_MAX.
 * @return
 *   - 0 or more: places written.
 *   - -EINVAL: i or max is out of range; nothing was written.
 *   - -ENOTSUP: the member has other ops than tide.
 *   - -ENOMEM: no memory to add them up.
 */
int tide_pool_holders(const struct tide_pool *pool, unsigned int i,
	struct tide_pool_holder *holders, unsigned int max);

/**
 * Write a holder for people, without a newline: "lcore 3 has 32, the oldest for 5.0 to 12.0 s", or
 * "others have 32, age unknown" where the ledger has no word for any of them.
 */
void tide_pool_holder_dump(const struct tide_pool_holder *holder, FILE *out);

/** What the users of one node's pool hold at most. */
struct tide_pool_need {
	unsigned int rx_queues; /**< Receive queues filled from this node's pool. */
	unsigned int rx_desc; /**< Descriptors per receive queue. */
	unsigned int tx_queues; /**< Transmit queues that buffers of this pool can sit in. */
	unsigned int tx_desc; /**< Descriptors per transmit queue. */
	unsigned int lcores; /**< Lcores that take or give buffers of this pool. */
	unsigned int burst; /**< Buffers an lcore works on at once. */
	unsigned int cache_size; /**< Per-lcore mempool cache. */
	unsigned int depth; /**< Buffers in rings between stages, all together. */
	unsigned int hold_us; /**< Longest an application holds a buffer otherwise, microseconds. */
	uint64_t hold_pps; /**< Packets per second that are held so. */
	uint16_t data_room; /**< As tide_pool_conf. */
	uint16_t priv_size; /**< As tide_pool_conf. */
};

/** What that need comes to, for one node. */
struct tide_pool_size {
	uint32_t buffers; /**< Buffers, rounded up to a multiple of 64. */
	uint32_t
		object; /**< Bytes one buffer takes: mempool header, mbuf, private, data, padding. */
	uint32_t padding; /**< Bytes of that which only align or spread over channels. */
	uint64_t bytes; /**< buffers * object. */
	uint64_t page_size; /**< Page size that pages and command assume. */
	uint64_t pages; /**< Pages needed. */
	/**
	 * Shell command that reserves them on `node`, with one for EAL where EAL runs on huge pages
	 * and has none yet. Empty where nothing is to be reserved: for base pages, and while so many
	 * are free. Empty too where the node has less memory than that.
	 */
	char command[160];
};

/**
 * Compute how many buffers and bytes one node needs.
 *
 *     buffers = rx_queues * rx_desc + tx_queues * tx_desc
 *             + lcores * (burst + cached) + depth + hold_pps * hold_us / 10^6
 *
 * A queue can be full at both ends. A mempool cache holds up to 1.5 times cache_size before it
 * flushes (CACHE_FLUSHTHRESH_MULTIPLIER in rte_mempool.c), and from DPDK 26.07 on cache_size; cached
 * is what it holds with the DPDK that the library was built with.
 *
 * @param need  What is held; not NULL.
 * @param node  Node the command is for; TIDE_NODE_UNKNOWN: the machine as a whole.
 * @param page  TIDE_PAGE_AUTO, HUGE and 2M mean 2 MB pages; THP and 4K base pages.
 * @param size  The answer; written only on success.
 * @return
 *   - 0: size is filled.
 *   - -EINVAL: data_room below RTE_PKTMBUF_HEADROOM, bad priv_size, or an unknown page kind.
 *   - -EOVERFLOW: more than 2^27 buffers, the most a mempool of the tide ops holds.
 */
int tide_pool_size(const struct tide_pool_need *need, int node, enum tide_page page,
	struct tide_pool_size *size);

/** Write the set for people: a line per member with its placement and counters. */
void tide_pool_dump(const struct tide_pool *pool, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_POOL_H */
