/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The data path on net_ring ports: what is sent into a port of that kind comes out of it again. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_ethdev.h>

#include "eal.h"
#include "fwd.h"
#include "loop.h"
#include "modes.h"
#include "tide_monitor.h"
#include "tide_pool.h"
#include "tide_pool_query.h"

#define BUFFERS 8192
/* Packets a net_ring port holds at most. */
#define RING    1023

static struct tide_topology *topo;
static struct tide_pool *pool;
static struct rte_mempool *mp;
static struct fwd_options opts;
static struct tide_plan_facts facts;
static struct tide_plan plan;
static struct fwd_port port[2];
static struct fwd_queue queue[2];
static struct fwd_lcore lcore;
static atomic_bool stop;

static uint32_t
in_use(void)
{
	struct tide_pool_stats stats;

	assert_int_equal(tide_pool_stats(pool, 0, &stats), 0);
	return stats.in_use;
}

static struct rte_mbuf *
packet(uint8_t mark, uint16_t len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp);
	uint8_t *data;

	assert_non_null(m);
	data = (uint8_t *)rte_pktmbuf_append(m, len);
	assert_non_null(data);
	for (uint16_t i = 0; i < len; i++)
		data[i] = mark + i;
	return m;
}

static void
inject(uint16_t id, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct rte_mbuf *m = packet(i, 64);

		assert_int_equal(rte_eth_tx_burst(id, 0, &m, 1), 1);
	}
}

static void
mode(enum fwd_mode how, uint16_t burst)
{
	lcore.mode = how;
	lcore.burst = burst;
}

/* Two ports, one lcore, port 0 -> 1 only: queue 1 is left out unless a test asks for it. */
static int
set_up(void **state)
{
	static const int node = 0;
	const struct tide_pool_conf conf = {.name = "fwd_loop",
		.nodes = &node,
		.nb_nodes = 1,
		.buffers = BUFFERS,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
		.enforce = TIDE_ENFORCE_BEST_EFFORT};
	struct app_error err = {.text = ""};

	topo = tide_topology_create();
	pool = tide_pool_create(&conf);
	if (topo == NULL || pool == NULL || rte_eal_hotplug_add("vdev", "net_ring0", "") < 0 ||
		rte_eal_hotplug_add("vdev", "net_ring1", "") < 0)
		return -1;
	mp = tide_pool_on(pool, 0);
	fwd_options_init(&opts);
	if (tide_plan_read(topo, &facts) < 0 || facts.nb_ports != 2)
		return -1;
	facts.nb_lcores = 1;
	facts.lcore[0] = (struct tide_lcore_facts){.id = 0, .node = 0};
	if (fwd_plan_make(&plan, &opts, &facts, &err) < 0)
		return -1;
	for (unsigned int i = 0; i < 2; i++) {
		port[i] = (struct fwd_port){.plan = &plan.port[i], .mp = mp};
		if (fwd_port_open(&port[i], &plan, &opts, &err) < 0) {
			fprintf(stderr, "%s\n", err.text);
			return -1;
		}
		queue[i].rx_port = i;
		queue[i].tx_port = !i;
		queue[i].addr[0] = fwd_mac_destination(!i);
	}
	for (unsigned int i = 0; i < 2; i++)
		queue[i].addr[1] = port[!i].mac;
	lcore.queue = queue;
	lcore.nb_queues = 1;
	lcore.stop = &stop;
	lcore.monitor = tide_monitor_create(&(struct tide_monitor_conf){.topo = topo});
	return lcore.monitor != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	for (unsigned int i = 0; i < 2; i++) {
		fwd_port_close(&port[i]);
		if (port[i].state != FWD_PORT_CLOSED)
			return -1;
	}
	tide_plan_fini(&plan);
	tide_monitor_free(lcore.monitor);
	if (tide_pool_free(pool) < 0)
		return -1;
	tide_topology_free(topo);
	return 0;
}

static int
empty(void **state)
{
	struct fwd_queue all[2] = {{.rx_port = 0}, {.rx_port = 1}};

	for (unsigned int i = 0; i < 2; i++) {
		fwd_loop_drain(&all[i], UINT64_MAX);
		queue[i].packets = queue[i].bursts = queue[i].sent = queue[i].tx_full = 0;
		queue[i].malformed = queue[i].runts = 0;
	}
	lcore.nb_queues = 1;
	lcore.was_busy = false;
	lcore.busy = 0;
	stop = false;
	assert_int_equal(in_use(), 0);
	return 0;
}

/* Check that port 1 sent packet i of inject(), with the expected header. */
static void
came_out(unsigned int n, enum fwd_mode how)
{
	for (unsigned int i = 0; i < n; i++) {
		struct rte_mbuf *m;
		uint8_t want[64];
		const uint8_t *data;

		for (unsigned int b = 0; b < 64; b++)
			want[b] = i + b;
		if (how == FWD_MODE_MACSWAP) {
			for (unsigned int b = 0; b < 6; b++) {
				want[b] = i + b + 6;
				want[b + 6] = i + b;
			}
		} else if (how == FWD_MODE_MAC) {
			memcpy(want, (const uint8_t[]){2, 0, 0, 0, 0, 1}, 6);
			memcpy(want + 6, &port[1].mac, 6);
		}
		assert_int_equal(rte_eth_rx_burst(1, 0, &m, 1), 1);
		data = rte_pktmbuf_mtod(m, const uint8_t *);
		assert_int_equal(m->pkt_len, 64);
		assert_memory_equal(data, want, 64);
		rte_pktmbuf_free(m);
	}
}

static void
each_mode_changes_what_it_says_and_nothing_else(void **state)
{
	/* Straddles one and two groups, a burst, and more than one of them. */
	static const unsigned int counts[] = {1, 3, 4, 5, 7, 8, 9, 11, 31, 32, 33, 200};

	for (enum fwd_mode how = FWD_MODE_IO; how <= FWD_MODE_MACSWAP; how++) {
		mode(how, 32);
		for (unsigned int c = 0; c < RTE_DIM(counts); c++) {
			inject(0, counts[c]);
			fwd_loop_walk(&lcore, 10);
			came_out(counts[c], how);
			empty(NULL);
		}
	}
}

/* Bytes of a buffer that no packet has: what was in it before. */
#define STALE 0xaa

/* Longest frame of the random trial, most segments. */
#define SHORT_MAX    40
#define SEGMENTS_MAX 4

static uint64_t
random_below(uint64_t n)
{
	return (uint64_t)lrand48() % n;
}

/* A frame in segments of random lengths, empty ones among them; all else in its buffers is stale. */
static struct rte_mbuf *
scattered(const uint8_t *bytes, uint16_t len)
{
	unsigned int segments = 1 + random_below(SEGMENTS_MAX);
	struct rte_mbuf *first = NULL;

	for (unsigned int i = 0; i < segments; i++) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(mp);
		uint16_t here = i + 1 == segments ? len : (uint16_t)random_below(len + 1);

		assert_non_null(m);
		memset(m->buf_addr, STALE, m->buf_len);
		/* A frame of 14 bytes can end with its buffer. */
		m->data_off = m->buf_len - here - random_below(20);
		memcpy(rte_pktmbuf_mtod(m, void *), bytes, here);
		m->data_len = m->pkt_len = here;
		bytes += here;
		len -= here;
		if (first == NULL)
			first = m;
		else
			assert_int_equal(rte_pktmbuf_chain(first, m), 0);
	}
	return first;
}

static void
expect_stale(const uint8_t *from, const uint8_t *to)
{
	for (; from < to; from++)
		assert_int_equal(*from, STALE);
}

/* The frame is as wanted, and no byte beside it was written. */
static void
expect_frame(const struct rte_mbuf *m, const uint8_t *want, uint16_t len)
{
	assert_int_equal(m->pkt_len, len);
	for (; m != NULL; m = m->next) {
		const uint8_t *data = rte_pktmbuf_mtod(m, const uint8_t *);
		const uint8_t *buffer = m->buf_addr;

		assert_memory_equal(data, want, m->data_len);
		expect_stale(buffer, data);
		expect_stale(data + m->data_len, buffer + m->buf_len);
		want += m->data_len;
	}
}

/* The naive model of a mode. */
static void
change_bytes(uint8_t *bytes, uint16_t len, enum fwd_mode how)
{
	uint8_t old[12];

	if (len < sizeof(old))
		return;
	memcpy(old, bytes, sizeof(old));
	for (unsigned int b = 0; b < 12 && how == FWD_MODE_MACSWAP; b++)
		bytes[b] = old[(b + 6) % 12];
	if (how == FWD_MODE_MAC) {
		memcpy(bytes, (const uint8_t[]){2, 0, 0, 0, 0, 1}, 6);
		memcpy(bytes + 6, &port[1].mac, 6);
	}
}

static void
short_and_scattered_frames_are_changed_within_their_bytes(void **state)
{
	uint8_t want[64][SHORT_MAX];
	uint16_t len[64];
	long seed = time(NULL);

	print_message("seed %ld\n", seed);
	srand48(seed);
	for (unsigned int round = 0; round < 300; round++) {
		enum fwd_mode how = round % 3;
		unsigned int n = 1 + random_below(RTE_DIM(want)), short_ones = 0;

		for (unsigned int i = 0; i < n; i++) {
			struct rte_mbuf *m;

			len[i] = random_below(SHORT_MAX + 1);
			for (unsigned int b = 0; b < len[i]; b++)
				want[i][b] = lrand48();
			m = scattered(want[i], len[i]);
			assert_int_equal(rte_eth_tx_burst(0, 0, &m, 1), 1);
			change_bytes(want[i], len[i], how);
			short_ones += how != FWD_MODE_IO && len[i] < 12;
		}
		mode(how, 32);
		fwd_loop_walk(&lcore, 3);
		for (unsigned int i = 0; i < n; i++) {
			struct rte_mbuf *m;

			assert_int_equal(rte_eth_rx_burst(1, 0, &m, 1), 1);
			expect_frame(m, want[i], len[i]);
			rte_pktmbuf_free(m);
		}
		assert_int_equal(queue[0].runts, short_ones);
		assert_int_equal(queue[0].sent, n);
		assert_int_equal(queue[0].malformed, 0);
		empty(NULL);
	}
}

/* As net_pcap of DPDK 22.11 makes of a frame above 65,535 bytes, and its like. */
static void
frames_whose_length_is_not_that_of_their_segments_are_dropped(void **state)
{
	static const int more[] = {1, -1, 65536, 14};
	struct rte_mbuf *m;

	for (enum fwd_mode how = FWD_MODE_IO; how <= FWD_MODE_MACSWAP; how++) {
		mode(how, 32);
		for (unsigned int i = 0; i < RTE_DIM(more); i++) {
			inject(0, 1);
			m = packet(1, 64);
			m->pkt_len += more[i];
			assert_int_equal(rte_eth_tx_burst(0, 0, &m, 1), 1);
			m = packet(1, 20);
			assert_int_equal(rte_pktmbuf_chain(m, packet(2, 64)), 0);
			m->pkt_len += more[i];
			assert_int_equal(rte_eth_tx_burst(0, 0, &m, 1), 1);
			/* A chain cut short: fewer segments than it says. */
			m = packet(1, 20);
			m->nb_segs = 2;
			m->pkt_len = 40;
			assert_int_equal(rte_eth_tx_burst(0, 0, &m, 1), 1);
			fwd_loop_walk(&lcore, 1);
			assert_int_equal(queue[0].packets, 4);
			assert_int_equal(queue[0].malformed, 3);
			assert_int_equal(queue[0].sent, 1);
			came_out(1, how);
			empty(NULL);
		}
	}
}

static void
packets_and_bursts_are_counted(void **state)
{
	mode(FWD_MODE_IO, 32);
	inject(0, 70);
	fwd_loop_walk(&lcore, 10);
	assert_int_equal(queue[0].packets, 70);
	assert_int_equal(queue[0].bursts, 3);
	assert_int_equal(queue[0].tx_full, 0);
}

static void
what_a_full_queue_refuses_is_freed_and_counted(void **state)
{
	mode(FWD_MODE_IO, 32);
	inject(1, RING - 10);
	inject(0, 100);
	fwd_loop_walk(&lcore, 10);
	assert_int_equal(queue[0].packets, 100);
	assert_int_equal(queue[0].tx_full, 90);
	assert_int_equal(in_use(), RING);
}

static void
the_longest_burst_fits(void **state)
{
	mode(FWD_MODE_MACSWAP, FWD_BURST_MAX);
	inject(0, RING);
	fwd_loop_walk(&lcore, 1);
	assert_int_equal(queue[0].packets, FWD_BURST_MAX);
	fwd_loop_walk(&lcore, 1);
	assert_int_equal(queue[0].packets, RING);
	assert_int_equal(in_use(), RING);
}

static void
busy_cycles_count_work_and_not_idling(void **state)
{
	uint64_t begin, idle, busy, end;

	mode(FWD_MODE_IO, 32);
	fwd_loop_walk(&lcore, 1000);
	assert_int_equal(fwd_loop_busy(&lcore, rte_rdtsc()), 0);

	lcore.nb_queues = 2; /* Packets go round: always busy. */
	inject(0, 64);
	begin = rte_rdtsc();
	fwd_loop_walk(&lcore, 1000);
	end = rte_rdtsc();
	busy = fwd_loop_busy(&lcore, end);
	assert_true(busy > 0 && busy <= end - begin);
	assert_true(fwd_loop_busy(&lcore, end + 1000) == busy + 1000);

	empty(NULL);
	inject(0, 1);
	fwd_loop_walk(&lcore, 2);
	idle = fwd_loop_busy(&lcore, rte_rdtsc());
	fwd_loop_walk(&lcore, 1000);
	assert_true(fwd_loop_busy(&lcore, rte_rdtsc()) == idle);
}

static void
the_loop_ends_when_told(void **state)
{
	mode(FWD_MODE_IO, 32);
	lcore.nb_queues = 2;
	inject(0, 64);
	fwd_loop_walk(&lcore, 5);
	stop = true;
	assert_int_equal(fwd_loop_run(&lcore), 0);
	/* It closed the busy time it was in. */
	assert_true(fwd_loop_busy(&lcore, 5) == fwd_loop_busy(&lcore, 5000));
}

static void
draining_stops_at_its_limit_or_when_empty(void **state)
{
	inject(0, 100);
	assert_int_equal(fwd_loop_drain(&queue[0], 64), 64);
	assert_int_equal(fwd_loop_drain(&queue[0], UINT64_MAX), 36);
	assert_int_equal(fwd_loop_drain(&queue[0], UINT64_MAX), 0);
	assert_int_equal(in_use(), 0);
}

/* Read a rate or a ratio of the table of metrics. */
static double
figure(enum tide_metric_scope scope, const char *name, const void *sample)
{
	const struct tide_metric *m;

	for (unsigned int i = 0; (m = tide_telemetry_metric(scope, i)) != NULL; i++) {
		if (strcmp(m->name, name) == 0)
			return tide_telemetry_read(m, sample).real;
	}
	fail_msg("no metric %s", name);
	return 0;
}

static void
figures_follow_the_plan(void **state)
{
	static struct fwd_stats from, to;
	struct fwd_queue *const queues[2] = {&queue[0], &queue[1]};
	struct tide_port_sample passed;
	struct tide_lcore_sample sample;

	mode(FWD_MODE_IO, 32);
	fwd_stats_take(&from, &plan, queues, &lcore);
	inject(1, RING - 4);
	inject(0, 20);
	fwd_loop_walk(&lcore, 4);
	fwd_stats_take(&to, &plan, queues, &lcore);
	assert_int_equal(to.port[0].rx, 20);
	assert_int_equal(to.port[0].tx, 0);
	assert_int_equal(to.port[1].rx, 0);
	assert_int_equal(to.port[1].tx, 4);
	assert_int_equal(to.port[1].tx_full, 16);
	assert_int_equal(to.lcore[0].packets, 20);
	assert_int_equal(to.lcore[0].bursts, 1);

	passed = (struct tide_port_sample){
		.now = to.port[0], .before = from.port[0], .ns = 500000000};
	assert_true(figure(TIDE_SCOPE_PORT, "rx_pps", &passed) == 40);
	assert_true(figure(TIDE_SCOPE_PORT, "tx_pps", &passed) == 0);
	passed.before = passed.now;
	assert_true(figure(TIDE_SCOPE_PORT, "rx_pps", &passed) == 0);
	passed.ns = 0;
	assert_true(figure(TIDE_SCOPE_PORT, "rx_pps", &passed) == 0);
	sample = (struct tide_lcore_sample){
		.now = to.lcore[0], .before = from.lcore[0], .cycles = 1000};
	sample.now.busy = sample.before.busy + 250;
	assert_true(figure(TIDE_SCOPE_LCORE, "busy", &sample) == 0.25);
	assert_true(figure(TIDE_SCOPE_LCORE, "packets_per_burst", &sample) == 20);
	sample.before = sample.now;
	sample.cycles = 0;
	assert_true(figure(TIDE_SCOPE_LCORE, "busy", &sample) == 0);
	assert_true(figure(TIDE_SCOPE_LCORE, "packets_per_burst", &sample) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(each_mode_changes_what_it_says_and_nothing_else, empty),
		cmocka_unit_test_teardown(
			short_and_scattered_frames_are_changed_within_their_bytes, empty),
		cmocka_unit_test_teardown(
			frames_whose_length_is_not_that_of_their_segments_are_dropped, empty),
		cmocka_unit_test_teardown(packets_and_bursts_are_counted, empty),
		cmocka_unit_test_teardown(what_a_full_queue_refuses_is_freed_and_counted, empty),
		cmocka_unit_test_teardown(the_longest_burst_fits, empty),
		cmocka_unit_test_teardown(busy_cycles_count_work_and_not_idling, empty),
		cmocka_unit_test_teardown(the_loop_ends_when_told, empty),
		cmocka_unit_test_teardown(draining_stops_at_its_limit_or_when_empty, empty),
		cmocka_unit_test_teardown(figures_follow_the_plan, empty),
	};

	test_eal_start(true, 64, "0");
	return cmocka_run_group_tests_name("fwd_loop", tests, set_up, tear_down);
}
