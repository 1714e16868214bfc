/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * To be preloaded: a driver and a thread that lose buffers, or hold them, on request, in programs without a change.
 *
 * A request is a line in the file "request" of the directory $TIDE_LEAKS: a kind and a number of buffers, 4,096 at most.
 * When they are lost or held, the file "lost" has their number, and the request disappears. Each buffer gets an Ethernet type that tells its kind, so that a
 * report about it can be compared with the truth. The library itself keeps no pointer to a buffer that it loses.
 *
 *   rx N        the driver loses N received buffers, or a few more
 *   tx N        the driver loses N buffers that it should free after it sent them, or a few more
 *   thread N    a thread gets N buffers and forgets them
 *   chain N     the same, in chains of three; N is a multiple of three
 *   ring N      a thread puts N buffers into an rte_ring "stuck" that no thread reads
 *   heap N      a thread puts N buffers into memory of malloc(3)
 *   variable N  a thread puts N buffers into the variable leaks_held
 *   memory N    a thread takes N MB of malloc(3) and writes numbers into them; it needs no buffer
 *   traffic N   a thread gives N packets a millisecond to the ring of net_ring0, for 5 seconds, and answers with the
 *               number of those for which the ring had no room
 *
 * If $TIDE_NIC is set, each port seems a NIC that checks checksums and tells the types of packets, as some programs
 * want it.
 */

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_net.h>
#include <rte_ring.h>

#define EXPORT __attribute__((visibility("default")))
#define MOST   4096

/* Milliseconds of traffic, bursts in one, nanoseconds from one to the next, and packets in a burst. */
#define TRAFFIC_MS     5000
#define TRAFFIC_BURSTS 10
#define TRAFFIC_MOST   1024
#define PERIOD_NS      (1000000 / TRAFFIC_BURSTS)

/* First of the Ethernet types of the kinds below; IEEE 802 gives it to experiments. */
#define MARK 0x88b5

enum kind {
	KIND_RX,
	KIND_TX,
	KIND_THREAD,
	KIND_CHAIN,
	KIND_RING,
	KIND_HEAP,
	KIND_VARIABLE,
	KIND_MEMORY,
	KIND_TRAFFIC,
	KINDS,
};

static const char *const names[KINDS] = {
	"rx", "tx", "thread", "chain", "ring", "heap", "variable", "memory", "traffic"};

/* The drivers' functions by port; ports can have different drivers. */
static eth_rx_burst_t receive[RTE_MAX_ETHPORTS];
static eth_tx_burst_t transmit[RTE_MAX_ETHPORTS];

/* A queue's structure alone is passed to a driver's function, so the functions below are made for each port. */
#define PORTS 4

/* Buffers that the driver has to lose, written by the thread; and those that it lost, written by lcores. */
static atomic_uint wanted[KINDS], lost[KINDS];

static _Atomic(struct rte_mempool *) pool;

/* $TIDE_NIC is set. */
static bool nic;

/* The program's memory of buffers that are held, to be found by its name. */
EXPORT struct rte_mbuf *leaks_held[MOST];
EXPORT struct rte_mbuf **leaks_heap;
EXPORT uint64_t *leaks_memory;

/*
 * Give each buffer of a packet the Ethernet type of a kind, and the same length and port: buffers of a kind are to be in
 * few clusters. Returns their number.
 */
static unsigned int
mark(struct rte_mbuf *m, enum kind kind)
{
	unsigned int n = 0;

	for (; m != NULL; m = m->next, n++) {
		uint8_t *type = rte_pktmbuf_mtod_offset(m, uint8_t *, 12);

		type[0] = MARK >> 8;
		type[1] = (uint8_t)(MARK + kind);
		m->data_len = 64;
		m->pkt_len = 64;
		m->port = 0;
	}
	return n;
}

/* Lose the last of n packets, until as many buffers are lost as are requested. Returns the number of the others. */
static uint16_t
lose(struct rte_mbuf **pkts, uint16_t n, enum kind kind)
{
	/* Another lcore can lose some at the same time: then more are lost than were requested. */
	while (n > 0 && atomic_load_explicit(&wanted[kind], memory_order_relaxed) >
				atomic_load_explicit(&lost[kind], memory_order_relaxed)) {
		atomic_fetch_add(&lost[kind], mark(pkts[n - 1], kind));
		pkts[--n] = NULL;
	}
	return n;
}

static uint16_t
sick_receive(uint16_t port, void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t got = receive[port](queue, pkts, n);

	for (uint16_t i = 0; nic && i < got; i++)
		pkts[i]->packet_type = rte_net_get_ptype(pkts[i], NULL, RTE_PTYPE_ALL_MASK);
	return lose(pkts, got, KIND_RX);
}

/* The lost ones count as sent. */
static uint16_t
sick_transmit(uint16_t port, void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t left = lose(pkts, n, KIND_TX);

	return (uint16_t)(transmit[port](queue, pkts, left) + (n - left));
}

#define FUNCTIONS(port)                                                                  \
	static uint16_t receive_##port(void *queue, struct rte_mbuf **pkts, uint16_t n)  \
	{                                                                                \
		return sick_receive(port, queue, pkts, n);                               \
	}                                                                                \
	static uint16_t transmit_##port(void *queue, struct rte_mbuf **pkts, uint16_t n) \
	{                                                                                \
		return sick_transmit(port, queue, pkts, n);                              \
	}

FUNCTIONS(0)
FUNCTIONS(1)
FUNCTIONS(2)
FUNCTIONS(3)

static const eth_rx_burst_t receivers[PORTS] = {receive_0, receive_1, receive_2, receive_3};
static const eth_tx_burst_t transmitters[PORTS] = {transmit_0, transmit_1, transmit_2, transmit_3};

/* Get a packet of 64 bytes with the Ethernet type of a kind; waits until there is one. */
static struct rte_mbuf *
take(enum kind kind)
{
	struct rte_mempool *mp;
	struct rte_mbuf *m;

	while ((mp = atomic_load(&pool)) == NULL || (m = rte_pktmbuf_alloc(mp)) == NULL)
		usleep(1000);
	memset(rte_pktmbuf_append(m, 64), 0, 64);
	mark(m, kind);
	return m;
}

static void
hold(struct rte_mbuf **table, unsigned int n, enum kind kind)
{
	for (unsigned int i = 0; i < n; i++)
		table[i] = take(kind);
}

static void
hold_in_ring(unsigned int n)
{
	struct rte_ring *ring = rte_ring_create("stuck", MOST, SOCKET_ID_ANY, 0);

	for (unsigned int i = 0; ring != NULL && i < n; i++)
		rte_ring_enqueue(ring, take(KIND_RING));
}

static void
forget_chains(unsigned int n)
{
	for (unsigned int i = 0; i < n / 3; i++) {
		struct rte_mbuf *m = take(KIND_CHAIN);

		rte_pktmbuf_chain(m, take(KIND_CHAIN));
		rte_pktmbuf_chain(m, take(KIND_CHAIN));
	}
}

static void
take_memory(unsigned int mb)
{
	size_t words = ((size_t)mb << 20) / sizeof(*leaks_memory);

	leaks_memory = malloc(words * sizeof(*leaks_memory));
	for (size_t i = 0; leaks_memory != NULL && i < words; i++)
		leaks_memory[i] = i;
}

/* Give n packets to a ring. Returns the number of those that it did not take. */
static unsigned int
send_packets(struct rte_ring *ring, unsigned int n)
{
	struct rte_mbuf *pkts[TRAFFIC_MOST];
	struct rte_mempool *mp = atomic_load(&pool);
	unsigned int took;

	if (rte_pktmbuf_alloc_bulk(mp, pkts, n) != 0)
		return n;
	for (unsigned int i = 0; i < n; i++)
		rte_pktmbuf_append(pkts[i], 64);
	took = rte_ring_enqueue_burst(ring, (void **)pkts, n, NULL);
	rte_pktmbuf_free_bulk(&pkts[took], n - took);
	return n - took;
}

/* Wait until the next burst is due. A wire has no faster traffic after a pause, so a late burst delays all that follow. */
static void
wait_for_burst(struct timespec *at)
{
	struct timespec now;

	at->tv_nsec += PERIOD_NS;
	if (at->tv_nsec >= 1000000000) {
		at->tv_nsec -= 1000000000;
		at->tv_sec++;
	}
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, at, NULL);
	clock_gettime(CLOCK_MONOTONIC, &now);
	if ((now.tv_sec - at->tv_sec) * 1000000000 + now.tv_nsec - at->tv_nsec > PERIOD_NS)
		*at = now;
}

/* Real-time priority keeps the rate steady, with a scan on the same CPU. */
static unsigned int
send_traffic(unsigned int rate)
{
	struct rte_ring *ring = rte_ring_lookup("ETH_RXTX0_net_ring0");
	struct sched_param priority = {.sched_priority = 1}, normal = {.sched_priority = 0};
	unsigned int n = rate / TRAFFIC_BURSTS, unsent = 0;
	struct timespec at;

	if (ring == NULL || n > TRAFFIC_MOST)
		return UINT32_MAX;
	pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority);
	clock_gettime(CLOCK_MONOTONIC, &at);
	for (unsigned int i = 0; i < TRAFFIC_MS * TRAFFIC_BURSTS; i++) {
		unsent += send_packets(ring, n);
		wait_for_burst(&at);
	}
	pthread_setschedparam(pthread_self(), SCHED_OTHER, &normal);
	return unsent;
}

/* Returns the number of buffers that were lost or are held. */
static unsigned int
serve(enum kind kind, unsigned int n)
{
	switch (kind) {
	case KIND_THREAD:
		for (unsigned int i = 0; i < n; i++)
			take(kind);
		return n;
	case KIND_CHAIN:
		forget_chains(n);
		return n;
	case KIND_RING:
		hold_in_ring(n);
		return n;
	case KIND_HEAP:
		leaks_heap = calloc(n, sizeof(*leaks_heap));
		hold(leaks_heap, n, kind);
		return n;
	case KIND_VARIABLE:
		hold(leaks_held, n, kind);
		return n;
	case KIND_MEMORY:
		take_memory(n);
		return 0;
	case KIND_TRAFFIC:
		return send_traffic(n);
	default:
		atomic_store(&wanted[kind], n);
		while (atomic_load(&lost[kind]) < n)
			usleep(1000);
		atomic_store(&wanted[kind], 0);
		/* The lcores end what they began. */
		usleep(10000);
		return atomic_load(&lost[kind]);
	}
}

static bool
read_request(const char *path, enum kind *kind, unsigned int *n)
{
	FILE *f = fopen(path, "r");
	char name[16];
	bool whole;

	if (f == NULL)
		return false;
	whole = fscanf(f, "%15s %u\n", name, n) == 2 && *n <= MOST;
	fclose(f);
	for (int i = 0; whole && i < KINDS; i++) {
		if (strcmp(name, names[i]) == 0) {
			*kind = (enum kind)i;
			return true;
		}
	}
	return false;
}

static void
answer(const char *path, unsigned int n)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return;
	fprintf(f, "%u\n", n);
	fclose(f);
}

static void *
serve_all(void *dir)
{
	char request[1024], done[1024];
	enum kind kind;
	unsigned int n;

	pthread_setname_np(pthread_self(), "leaks");
	snprintf(request, sizeof(request), "%s/request", (const char *)dir);
	snprintf(done, sizeof(done), "%s/lost", (const char *)dir);
	for (;;) {
		if (read_request(request, &kind, &n)) {
			answer(done, serve(kind, n));
			unlink(request);
		}
		usleep(5000);
	}
	return NULL;
}

/* The program and the library of Ethernet devices ask this. */
EXPORT int
rte_eth_dev_info_get(uint16_t id, struct rte_eth_dev_info *info)
{
	int (*get)(uint16_t, struct rte_eth_dev_info *) = dlsym(RTLD_NEXT, "rte_eth_dev_info_get");
	int rc = get(id, info);

	nic = getenv("TIDE_NIC") != NULL;
	if (rc == 0 && nic) {
		info->rx_offload_capa |= RTE_ETH_RX_OFFLOAD_CHECKSUM;
		info->tx_offload_capa |=
			RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
		info->max_mtu = RTE_ETHER_MTU;
	}
	return rc;
}

EXPORT int
rte_eth_dev_start(uint16_t id)
{
	int (*start)(uint16_t) = dlsym(RTLD_NEXT, "rte_eth_dev_start");
	static atomic_flag begun = ATOMIC_FLAG_INIT;
	char *dir = getenv("TIDE_LEAKS");
	int rc = start(id);
	pthread_t thread;

	if (rc != 0 || dir == NULL || id >= PORTS)
		return rc;
	receive[id] = rte_eth_fp_ops[id].rx_pkt_burst;
	transmit[id] = rte_eth_fp_ops[id].tx_pkt_burst;
	rte_eth_fp_ops[id].rx_pkt_burst = receivers[id];
	rte_eth_fp_ops[id].tx_pkt_burst = transmitters[id];
	if (!atomic_flag_test_and_set(&begun) && pthread_create(&thread, NULL, serve_all, dir) == 0)
		pthread_detach(thread);
	return rc;
}

EXPORT int
rte_eth_rx_queue_setup(uint16_t id, uint16_t queue, uint16_t nb, unsigned int socket,
	const struct rte_eth_rxconf *conf, struct rte_mempool *mp)
{
	int (*set_up)(uint16_t, uint16_t, uint16_t, unsigned int, const struct rte_eth_rxconf *,
		struct rte_mempool *) = dlsym(RTLD_NEXT, "rte_eth_rx_queue_setup");

	atomic_store(&pool, mp);
	return set_up(id, queue, nb, socket, conf, mp);
}
