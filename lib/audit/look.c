/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Looks at received packets: for the mempool that fills each queue, and for the lcore that polls it.
 *
 * A look adds a receive callback to each queue and removes it. DPDK does not tell when a polling thread has left a
 * removed callback, so its memory is kept. It is freed by a later look of the same queue: as one thread at a time polls
 * a queue, the call of a newer callback shows that the thread has left those that were removed before.
 *
 * The callback of a port that is closed during a look cannot be removed, and DPDK hands it to the next port of that
 * number. The next look removes it.
 */

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>

/* As in facts_ports.c. */
#pragma weak rte_eth_add_first_rx_callback
#pragma weak rte_eth_dev_is_valid_port
#pragma weak rte_eth_remove_rx_callback

#include "audit_internal.h"
#include "locate_friend.h"
#include "topology_friend.h"

/*
 * So many callbacks of a queue that no thread polls are kept at once. Further ones need a pause of a second after the
 * newest, then of two, of four and so on, so that frequent looks do not use up memory.
 */
#define UNPOLLED_MAX 4

/* A callback of a queue. */
struct probe {
	struct probe *next; /* Older ones of all queues. */
	const struct rte_eth_rxtx_callback *callback;
	uint16_t port, queue;
	int64_t added_ms;
	bool current; /* Of the look that is under way. */
	bool removed;
	/* The polling thread writes these, and this part reads them. */
	_Atomic uint32_t lcore_id;
	_Atomic pid_t tid;
	_Atomic(const struct rte_mempool *) mp;
	_Atomic bool called, done;
};

/* Taken while a look is under way. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* All callbacks whose memory may still be in use. */
static struct probe *probes;

/* The data path calls it for each burst, until the control thread removes it. */
static uint16_t
look(uint16_t port, uint16_t queue, struct rte_mbuf *pkts[], uint16_t nb_pkts, uint16_t max_pkts,
	void *arg)
{
	struct probe *probe = arg;

	/* Relaxed: only this thread writes it. */
	if (atomic_load_explicit(&probe->done, memory_order_relaxed))
		return nb_pkts;
	if (!atomic_load_explicit(&probe->called, memory_order_relaxed)) {
		atomic_store_explicit(&probe->lcore_id, rte_lcore_id(), memory_order_relaxed);
		atomic_store_explicit(&probe->tid, rte_gettid(), memory_order_relaxed);
		/* Release, with the acquire in take(): what this thread did with older callbacks is over. */
		atomic_store_explicit(&probe->called, true, memory_order_release);
	}
	if (nb_pkts == 0)
		return nb_pkts;
	atomic_store_explicit(&probe->mp, pkts[0]->pool, memory_order_relaxed);
	/* Release, with the acquire in all_done(): the mempool is there. */
	atomic_store_explicit(&probe->done, true, memory_order_release);
	return nb_pkts;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Tell whether a queue has too many callbacks that no thread called. */
static bool
is_unpolled(uint16_t port, uint16_t queue)
{
	unsigned int count = 0;
	int64_t newest = 0;

	for (const struct probe *p = probes; p != NULL; p = p->next) {
		if (p->port != port || p->queue != queue ||
			atomic_load_explicit(&p->called, memory_order_relaxed))
			continue;
		newest = RTE_MAX(newest, p->added_ms);
		count++;
	}
	return count >= UNPOLLED_MAX &&
	       now_ms() - newest <= INT64_C(1000) << RTE_MIN(count - UNPOLLED_MAX, 30U);
}

/*
 * Add the callback of a probe before those of the program, which can drop packets. If the program closes the port, this
 * can fault, but not after the callback was added.
 */
static int
add_callback(void *arg)
{
	struct probe *probe = arg;

	probe->callback = rte_eth_add_first_rx_callback(probe->port, probe->queue, look, probe);
	return 0;
}

static int
remove_callback(void *arg)
{
	const struct probe *probe = arg;

	if (!rte_eth_dev_is_valid_port(probe->port))
		return -ENODEV;
	return rte_eth_remove_rx_callback(probe->port, probe->queue, probe->callback);
}

/* Add a probe to a queue. Returns 0, also if the port takes no callback; -ENOMEM. */
static int
add_probe(const struct tidei_audit_queue *queue)
{
	struct probe *probe;

	if (is_unpolled(queue->port, queue->queue))
		return 0;
	probe = calloc(1, sizeof(*probe));
	if (probe == NULL)
		return -ENOMEM;
	probe->port = queue->port;
	probe->queue = queue->queue;
	probe->added_ms = now_ms();
	if (tidei_eal_attempt(add_callback, probe) != 0 || probe->callback == NULL) {
		free(probe);
		return 0;
	}
	probe->current = true;
	probe->next = probes;
	probes = probe;
	return 0;
}

static bool
all_done(void)
{
	for (const struct probe *p = probes; p != NULL; p = p->next)
		if (p->current && !atomic_load_explicit(&p->done, memory_order_acquire))
			return false;
	return true;
}

static void
wait_for_packets(unsigned int ms)
{
	int64_t end = now_ms() + ms;

	while (!all_done() && now_ms() < end)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Remove the callbacks of this look, or those that earlier ones could not remove. */
static void
remove_probes(bool current)
{
	for (struct probe *p = probes; p != NULL; p = p->next)
		if (p->current == current && !p->removed)
			p->removed = tidei_eal_attempt(remove_callback, p) == 0;
}

/* Free the callbacks of a queue that are older than a probe. */
static void
free_older(struct probe *probe)
{
	struct probe **at = &probe->next;

	while (*at != NULL) {
		struct probe *older = *at;

		if (older->port != probe->port || older->queue != probe->queue || !older->removed) {
			at = &older->next;
			continue;
		}
		*at = older->next;
		rte_free((void *)(uintptr_t)older->callback);
		free(older);
	}
}

/* Note what a probe saw, for the queue it was added to. */
static void
take(struct tidei_audit_facts *facts, struct probe *probe)
{
	bool called = atomic_load_explicit(&probe->called, memory_order_acquire);

	if (called)
		free_older(probe);
	TIDEI_LIST_EACH (facts->queues, struct tidei_audit_queue, queue) {
		if (queue->port != probe->port || queue->queue != probe->queue || !called)
			continue;
		queue->polled = true;
		queue->lcore_id = atomic_load_explicit(&probe->lcore_id, memory_order_relaxed);
		queue->poller = tidei_topology_thread_node(
			facts->topo, atomic_load_explicit(&probe->tid, memory_order_relaxed));
		if (queue->mp == NULL)
			queue->mp = atomic_load_explicit(&probe->mp, memory_order_relaxed);
	}
}

int
tidei_audit_look(struct tidei_audit_facts *facts, unsigned int ms)
{
	int ret = 0;

	if (rte_eth_add_first_rx_callback == NULL)
		return 0;
	/* Before the new ones are added, whose calls then show that the old ones are not in use. */
	remove_probes(false);
	TIDEI_LIST_EACH (facts->queues, const struct tidei_audit_queue, queue)
		ret = ret < 0 ? ret : add_probe(queue);
	if (ret == 0)
		wait_for_packets(ms);
	remove_probes(true);
	/* take() frees only probes behind p. */
	for (struct probe *p = probes; p != NULL; p = p->next) {
		if (p->current)
			take(facts, p);
		p->current = false;
	}
	facts->looked = true;
	return ret;
}

int
tidei_audit_look_begin(unsigned int ms)
{
	return ms != 0 && pthread_mutex_trylock(&one_at_a_time) != 0 ? -EBUSY : 0;
}

void
tidei_audit_look_end(unsigned int ms)
{
	if (ms != 0)
		pthread_mutex_unlock(&one_at_a_time);
}
