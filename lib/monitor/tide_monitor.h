/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_MONITOR_H
#define TIDE_MONITOR_H

/**
 * @file
 * Changes of placement while packets flow: pages of a pool set that move to another node, and
 * lcores that leave their CPUs.
 *
 * migratepages(8), numad(8) and changes of a cpuset move pages. taskset(1), changes of a cpuset and
 * CPUs that go offline move threads. No DPDK call fails then; packets only become slower. A monitor
 * finds these changes and reports each one once, with the nodes before and after. It prints nothing
 * and moves nothing.
 *
 * A control thread calls the two checks at a period of its own, for example every second:
 *
 *     tide_monitor_check_lcores(monitor);
 *     tide_monitor_check_pages(monitor);
 *
 * A thread with other work to do calls tide_monitor_step_pages() instead of the second.
 *
 * **Placement.** The monitor asks the kernel and infers nothing. A check describes one moment: a
 * page or thread that left and returned between two checks is not noticed.
 *
 * **Threads.** One thread at a time may use a monitor. Only tide_monitor_set_thread() is MT-safe. No
 * function is for the data path.
 *
 * An example:
 * @include monitor.c
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tide_pool.h"
#include "tide_region.h"
#include "tide_topology.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Where the pages of one member of the pool set are. */
struct tide_monitor_pool {
	int node; /**< Node of the member. */
	const struct tide_placement *made; /**< Where they were when the set was created. */
	struct tide_placement now; /**< Where the last check found them; before it, as made. */
	struct tide_placement_change change; /**< From made to now. */
	bool changed; /**< The last check found pages elsewhere than the check before it. */
	uint64_t worst; /**< Most pages that a check found moved since the set was created. */
	uint64_t checks; /**< Complete checks of the member. */
};

/** Where one lcore is. */
struct tide_monitor_lcore {
	unsigned int lcore_id; /**< EAL lcore id. */
	pid_t tid; /**< Thread that the last check asked about; 0: none was checked. */
	int home; /**< Node of the CPUs that EAL runs it on, as tide_topology_lcore_node(). */
	int cpu; /**< CPU where the last check found it; -1: no check found it yet. */
	int node; /**< Node of that CPU, or TIDE_NODE_UNKNOWN; as home if cpu is -1. */
	bool away; /**< EAL does not run it on that CPU. */
	bool changed; /**< The last check found that it left its CPUs, moved on, or returned. */
	uint64_t moves; /**< Checks that found that it left its CPUs or moved on. */
};

/** One change of placement: of pages or of an lcore. */
struct tide_monitor_event {
	/** Member whose pages moved; NULL: an lcore moved. */
	const struct tide_monitor_pool *pool;
	/** Lcore that left its CPUs, moved on (`away` is true), or returned; NULL: pages moved. */
	const struct tide_monitor_lcore *lcore;
	/** Node by the check before; for pages also a negative errno, as in tide_pages_on_node. */
	int from;
	int to; /**< The same now. It equals from if an lcore is on another CPU of its node. */
	uint64_t pages; /**< Pages that moved from `from` to `to`; 0 for an lcore. */
};

/**
 * Receive an event, in the thread that checks.
 *
 * The function may read states of the monitor, which are those after the change. It must not check,
 * restart or free the monitor.
 *
 * @param event  Event, valid during the call.
 * @param arg    tide_monitor_conf.arg.
 */
typedef void (*tide_monitor_cb)(const struct tide_monitor_event *event, void *arg);

/** What to watch. Zero is a good default in every field. */
struct tide_monitor_conf {
	const struct tide_pool *pool; /**< Pool set to watch; NULL: none, only lcores. */
	const struct tide_topology *topo; /**< Names the nodes of CPUs; NULL: this call reads it. */
	tide_monitor_cb event; /**< Called with each event; NULL: the caller reads the states. */
	void *arg; /**< Passed to event. */
};

/** A monitor; opaque. */
struct tide_monitor;

/**
 * Create a monitor. Any thread may call it, after rte_eal_init().
 *
 * The first check compares with the placement at creation of the set, and with the CPUs that EAL
 * runs each lcore on. An lcore is checked once its thread is set, see tide_monitor_set_thread().
 *
 * @param conf  What to watch; not NULL. The pool set and the topology must outlive the monitor.
 * @return
 *   The monitor, which the caller frees with tide_monitor_free(); NULL with rte_errno set:
 *   - ENOMEM: out of memory.
 *   - EIO: conf->topo is NULL and the machine could not be read.
 */
struct tide_monitor *tide_monitor_create(const struct tide_monitor_conf *conf);

/**
 * Free a monitor. Not MT-safe.
 *
 * @param monitor  Monitor that no thread uses any more; NULL does nothing.
 */
void tide_monitor_free(struct tide_monitor *monitor);

/**
 * Set the thread that runs an lcore. MT-safe; lock-free.
 *
 * EAL does not tell thread ids, so each lcore makes this call when it begins its work:
 *
 *     tide_monitor_set_thread(monitor, rte_lcore_id(), rte_gettid());
 *
 * With another thread than before, the state of the lcore begins again at the next check.
 *
 * @param monitor   Monitor; not NULL.
 * @param lcore_id  EAL lcore id, also of a thread registered with rte_thread_register().
 * @param tid       Thread of this process, as gettid(2) returns it; 0: check the lcore no more.
 * @return
 *   - 0: set.
 *   - -ENOENT: EAL has no lcore of this id.
 *   - -EINVAL: tid is negative.
 */
int tide_monitor_set_thread(struct tide_monitor *monitor, unsigned int lcore_id, pid_t tid);

/**
 * Check on which CPU each lcore is. Not MT-safe.
 *
 * It reads one small file for each lcore whose thread is set. A thread that sleeps counts as on the
 * CPU where it ran last. An lcore whose thread has ended keeps its state. An lcore that EAL runs on
 * several CPUs may change between them without an event.
 *
 * @param monitor  Monitor; not NULL.
 * @return  Number of lcores that left their CPUs, moved on, or returned; one event was reported for
 *          each.
 */
unsigned int tide_monitor_check_lcores(struct tide_monitor *monitor);

/**
 * Check on which node each page of the pool set is, transparent huge pages included. Not MT-safe.
 *
 * It costs about 200 ns per page, see tide_region_measure(). One event is reported for each member
 * and pair of nodes between which pages moved. Counts do not identify pages, see
 * tide_placement_compare(). A split of transparent huge pages is no event; change.thp_lost has it.
 * The call discards a stepwise check that is under way.
 *
 * @param monitor  Monitor; not NULL.
 * @return
 *   - 0: each member is checked; also if there is no pool set.
 *   - -EIO: the kernel refused for at least one member, which keeps its state. The log has the
 *     reason.
 */
int tide_monitor_check_pages(struct tide_monitor *monitor);

/**
 * Check the next pages of the pool set. Not MT-safe.
 *
 * Members are checked in ascending order of node. Once all pages of a member are checked, its state
 * changes and its events are reported, as by tide_monitor_check_pages(). Only that call measures
 * transparent huge pages.
 *
 * @param monitor  Monitor; not NULL.
 * @param pages    Most pages to check in this step; at least 1.
 * @return
 *   - 1: each member is checked; the next step begins a new check. Also if there is no pool set.
 *   - 0: pages are left.
 *   - -EIO: the kernel refused, and several nodes are possible; the log has the reason.
 *   - -ENOMEM: out of memory.
 *
 *   After an error the next step begins a new check; members that are not complete keep their state.
 */
int tide_monitor_step_pages(struct tide_monitor *monitor, uint64_t pages);

/**
 * Discard the stepwise check that is under way. Not MT-safe.
 *
 * The next step begins a new check, so that no answer in it is older than this call.
 *
 * @param monitor  Monitor; not NULL.
 */
void tide_monitor_restart(struct tide_monitor *monitor);

/**
 * Read the state of the member of the pool set on a node. Not MT-safe.
 *
 * @param monitor  Monitor; not NULL.
 * @param node     Node id as the kernel numbers it.
 * @return  The state, valid as long as the monitor and changed by checks; NULL if the set has no
 *          member on this node.
 */
const struct tide_monitor_pool *tide_monitor_pool_on(const struct tide_monitor *monitor, int node);

/**
 * Read the state of an lcore. Not MT-safe.
 *
 * @param monitor   Monitor; not NULL.
 * @param lcore_id  EAL lcore id.
 * @return  The state, valid as long as the monitor and changed by checks; NULL if lcore_id is
 *          RTE_MAX_LCORE or more.
 */
const struct tide_monitor_lcore *
tide_monitor_lcore_state(const struct tide_monitor *monitor, unsigned int lcore_id);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_MONITOR_H */
