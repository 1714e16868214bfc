/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Intervals of flow accounting: no packet is lost or counted twice, whenever an interval ends; memory
 * that runs dry is told; an lcore that does not pass is named; reports read the same in all forms.
 */

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <rte_launch.h>
#include <rte_lcore.h>

#include "eal.h"
#include "flows.h"

#define SECOND  UINT64_C(1000000000)
#define WORKERS 2
#define BURST   32
#define FLOWS   300
#define FLIPS   300

static uint64_t seed;
static struct tide_topology *topo;
static struct tide_plan plan;
static struct tide_plan_queue queues[WORKERS];
static struct fwd_options opts;
static struct fwd_lcore lcore[WORKERS];
static struct fwd_flows *flows;
static uint64_t now;

/* --- packets: UDP over IPv4, flow i from port i; one in eight is ARP ------------------------------ */

struct packet {
	struct rte_mbuf m;
	uint8_t frame[42];
};

static void
make_packet(struct packet *p, uint32_t flow, uint32_t len)
{
	static const uint8_t head[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 28, 0,
		0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 1, 0, 0, 0, 0, 0, 80, 0, 8, 0, 0};

	memset(&p->m, 0, sizeof(p->m));
	memcpy(p->frame, head, sizeof(head));
	p->frame[27] = flow >> 16;
	p->frame[34] = flow >> 8;
	p->frame[35] = flow;
	p->m.buf_addr = p->frame;
	p->m.nb_segs = 1;
	p->m.data_len = sizeof(head);
	p->m.pkt_len = len;
}

static void
make_other(struct packet *p, uint32_t len)
{
	make_packet(p, 0, len);
	p->frame[13] = 6;
}

/* One packet of that flow on an lcore. */
static void
arrive(unsigned int on, uint32_t flow, uint32_t len)
{
	struct packet p;
	struct rte_mbuf *m = &p.m;

	make_packet(&p, flow, len);
	fwd_flow_count(lcore[on].flows, plan.pool[0].node, &m, 1);
}

static void
pass_all(void)
{
	for (unsigned int i = 0; i < flows->nb_lcores; i++)
		fwd_flow_pass(flows->lcore[i]);
}

/* --- life ----------------------------------------------------------------------------------------- */

/* `nb` lcores, each with a queue; the first is main when `here`, so that the test can be it. */
static void
make(unsigned int nb, bool here)
{
	struct app_error err = {.text = ""};
	unsigned int id, i = 0;

	plan.topo = topo;
	plan.nb_lcores = nb;
	plan.queue = queues;
	plan.nb_queues = nb;
	plan.nb_pools = plan.nb_ports = 1;
	plan.pool[0].node = plan.port[0].node = tide_topology_lcore_node(topo, rte_lcore_id());
	memset(lcore, 0, sizeof(lcore));
	if (here)
		plan.lcore[i++].id = rte_lcore_id();
	RTE_LCORE_FOREACH_WORKER (id) {
		if (i < nb)
			plan.lcore[i++].id = id;
	}
	for (i = 0; i < nb; i++) {
		plan.lcore[i].node = tide_topology_lcore_node(topo, plan.lcore[i].id);
		plan.lcore[i].nb_queues = 1;
		queues[i] = (struct tide_plan_queue){.lcore = i};
	}
	flows = fwd_flows_create(&plan, &opts, lcore, &err);
	if (flows == NULL || fwd_flows_register(flows, &err) < 0)
		fail_msg("%s", err.text);
	now = 1000 * SECOND;
	fwd_flows_begin(flows, now);
}

static int
set_up(void **state)
{
	fwd_options_init(&opts);
	opts.flows = 1000;
	opts.flows_interval = 1;
	opts.flows_memory = 4;
	return 0;
}

static int
tear_down(void **state)
{
	fwd_flows_free(flows);
	flows = NULL;
	return 0;
}

/* Report the interval that is closing: steps are short, so it may take several. */
static uint64_t
step_to_the_end(uint64_t at)
{
	uint64_t again = 0;

	for (unsigned int i = 0; flows->state != FWD_FLOWS_OPEN; i++) {
		assert_true(i < 100000);
		again = fwd_flows_step(flows, at);
	}
	return again;
}

/* End the interval; all lcores are this thread. */
static void
next_interval(void)
{
	uint64_t number = flows->complete.number;

	now = flows->due;
	fwd_flows_step(flows, now);
	assert_int_equal(flows->state, FWD_FLOWS_CLOSING);
	assert_true(fwd_flows_soon(flows));
	pass_all();
	pass_all();
	step_to_the_end(now);
	assert_false(fwd_flows_soon(flows));
	assert_int_equal(flows->complete.number, number + 1);
	assert_int_equal(tide_arena_check(flows->arena), 0);
}

static void
sums_are(const struct fwd_flow_sum *found, uint64_t packets, uint64_t bytes)
{
	assert_int_equal(found->packets, packets);
	assert_int_equal(found->bytes, bytes);
}

/* --- what is counted ------------------------------------------------------------------------------ */

static void
an_interval_holds_what_came_in_it_and_nothing_else(void **state)
{
	struct packet other;
	struct rte_mbuf *m = &other.m;

	make(1, true);
	arrive(0, 1, 100);
	arrive(0, 2, 200);
	arrive(0, 1, 50);
	make_other(&other, 60);
	fwd_flow_count(lcore[0].flows, plan.pool[0].node, &m, 1);
	next_interval();
	assert_int_equal(flows->complete.ns, SECOND);
	assert_int_equal(flows->complete.tally.flows, 2);
	sums_are(&flows->complete.tally.ip, 3, 350);
	sums_are(&flows->complete.tally.other, 1, 60);
	sums_are(&flows->complete.tally.lost, 0, 0);
	assert_int_equal(flows->complete.nb_top, 2);
	sums_are(&flows->complete.top[0].sum, 1, 200);
	sums_are(&flows->complete.top[1].sum, 2, 150);
	assert_int_equal(rte_be_to_cpu_16(flows->complete.top[0].key.sport), 2);

	arrive(0, 3, 70);
	next_interval();
	assert_int_equal(flows->complete.tally.flows, 1);
	sums_are(&flows->complete.tally.ip, 1, 70);
	sums_are(&flows->complete.tally.other, 0, 0);
	next_interval();
	assert_int_equal(flows->complete.tally.flows, 0);
	assert_int_equal(flows->complete.nb_top, 0);

	arrive(0, 4, 80);
	now += SECOND / 4;
	fwd_flows_end(flows, now);
	assert_int_equal(flows->unfinished.ns, SECOND / 4);
	assert_int_equal(flows->unfinished.number, 4);
	sums_are(&flows->unfinished.tally.ip, 1, 80);
	assert_int_equal(flows->complete.number, 3);
	assert_int_equal(flows->busiest.number, 1);
	sums_are(&flows->busiest.top[1].sum, 2, 150);
	sums_are(&flows->total.ip, 5, 500);
	assert_int_equal(flows->total.flows, 2);
}

static void
every_burst_length_is_counted_whole(void **state)
{
	static const uint16_t lengths[] = {1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 511, 512};
	static struct packet packets[FWD_BURST_MAX];
	struct rte_mbuf *burst[FWD_BURST_MAX];

	make(1, true);
	for (unsigned int l = 0; l < RTE_DIM(lengths); l++) {
		uint64_t others = 0;

		for (unsigned int i = 0; i < lengths[l]; i++) {
			make_packet(&packets[i], i % 7, 60);
			if (i % 8 == 3)
				make_other(&packets[i], 60);
			others += i % 8 == 3;
			burst[i] = &packets[i].m;
		}
		fwd_flow_count(lcore[0].flows, plan.pool[0].node, burst, lengths[l]);
		next_interval();
		assert_int_equal(flows->complete.tally.other.packets, others);
		assert_int_equal(flows->complete.tally.ip.packets, lengths[l] - others);
		assert_int_equal(flows->complete.tally.ip.bytes, (lengths[l] - others) * 60);
		assert_int_equal(flows->complete.tally.flows, RTE_MIN(lengths[l], 7));
	}
}

static void
without_an_interval_the_whole_run_is_one(void **state)
{
	opts.flows_interval = 0;
	make(1, true);
	arrive(0, 1, 100);
	assert_int_equal(fwd_flows_step(flows, now + 1000 * SECOND), UINT64_MAX);
	assert_int_equal(flows->state, FWD_FLOWS_OPEN);
	arrive(0, 1, 100);
	fwd_flows_end(flows, now + 2000 * SECOND);
	assert_int_equal(flows->complete.number, 0);
	assert_int_equal(flows->unfinished.number, 1);
	sums_are(&flows->unfinished.top[0].sum, 2, 200);
}

/* An interval that took long to report does not shift those after it. */
static void
the_grid_of_intervals_is_kept(void **state)
{
	make(1, true);
	next_interval();
	assert_int_equal(now, 1001 * SECOND);
	assert_int_equal(flows->due, 1002 * SECOND);
	now = 1004 * SECOND + SECOND / 2;
	fwd_flows_step(flows, now);
	pass_all();
	pass_all();
	assert_int_equal(step_to_the_end(now), 1005 * SECOND);
	assert_int_equal(flows->complete.ns, 3 * SECOND + SECOND / 2);
}

/* --- memory --------------------------------------------------------------------------------------- */

/* 1 MB is 16 chunks of 64 kB: 1,024 records each, half of that beside the table. */
#define FIT_MB 15872

static void
what_finds_no_memory_is_counted_as_that(void **state)
{
	opts.flows_memory = 1;
	make(1, true);
	for (unsigned int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < FIT_MB + 1000; i++)
			arrive(0, i, 100);
		/* Flows that are known go on. */
		for (uint32_t i = 0; i < 10; i++)
			arrive(0, i, 1000);
		next_interval();
		assert_int_equal(flows->complete.tally.flows, FIT_MB);
		sums_are(&flows->complete.tally.ip, FIT_MB + 10, FIT_MB * 100 + 10000);
		sums_are(&flows->complete.tally.lost, 1000, 100000);
		sums_are(&flows->complete.top[0].sum, 2, 1100);
	}
	sums_are(&flows->total.lost, 3000, 300000);
}

/* The interval before has all memory and is not freed yet: there is none for a table. */
static void
without_a_table_all_is_counted_as_lost_until_there_is_one(void **state)
{
	opts.flows_memory = 1;
	make(1, true);
	for (uint32_t i = 0; i < FIT_MB; i++)
		arrive(0, i, 100);
	now = flows->due;
	fwd_flows_step(flows, now);
	pass_all();
	for (uint32_t i = 0; i < 50; i++)
		arrive(0, i, 100);
	pass_all();
	step_to_the_end(now);
	for (uint32_t i = 0; i < 30; i++)
		arrive(0, i, 100);
	next_interval();
	sums_are(&flows->complete.tally.lost, 50, 5000);
	sums_are(&flows->complete.tally.ip, 30, 3000);
	assert_int_equal(flows->complete.tally.flows, 30);
}

static void
memory_of_intervals_that_ended_is_back(void **state)
{
	uint64_t whole;

	make(1, true);
	whole = tide_arena_remaining(flows->arena, plan.pool[0].node);
	for (unsigned int round = 0; round < 100; round++) {
		for (uint32_t i = 0; i < 5000; i++)
			arrive(0, i, 100);
		next_interval();
		assert_int_equal(flows->complete.tally.flows, 5000);
	}
	assert_int_equal(tide_arena_remaining(flows->arena, plan.pool[0].node), whole);
	assert_int_equal(flows->total.lost.packets, 0);
}

static void
too_little_memory_for_the_lcores_is_refused(void **state)
{
	struct app_error err = {.text = ""};
	unsigned int nb = 9;
	static struct tide_plan wide;
	static struct tide_plan_queue wide_queues[9];
	static struct fwd_lcore wide_lcores[9];

	wide.topo = topo;
	wide.nb_lcores = wide.nb_queues = nb;
	wide.queue = wide_queues;
	wide.nb_pools = wide.nb_ports = 1;
	wide.pool[0].node = tide_topology_lcore_node(topo, rte_lcore_id());
	for (unsigned int i = 0; i < nb; i++) {
		wide.lcore[i] = (struct tide_plan_lcore){.id = i, .node = 0, .nb_queues = 1};
		wide_queues[i].lcore = i;
	}
	opts.flows_memory = 1;
	assert_null(fwd_flows_create(&wide, &opts, wide_lcores, &err));
	assert_int_equal(err.code, APP_EXIT_USAGE);
	assert_non_null(strstr(err.text, "--flows-memory 1: 9 lcores need at least 2 "));
}

/* As on an lcore that polls a port of another node, or whose own is not known. */
static void
records_are_made_on_the_node_of_the_port(void **state)
{
	int node;

	make(1, true);
	node = plan.pool[0].node;
	lcore[0].flows->node = TIDE_NODE_UNKNOWN;
	for (unsigned int round = 0; round < 3; round++) {
		struct tide_arena_stats stats;
		uint64_t allocs;

		assert_int_equal(tide_arena_stats(flows->arena, node, &stats), 0);
		allocs = stats.allocs;
		for (uint32_t i = 0; i < 2000; i++)
			arrive(0, i % 1000, 100);
		assert_int_equal(tide_arena_stats(flows->arena, node, &stats), 0);
		assert_int_equal(stats.allocs, allocs + 1 + 1000);
		next_interval();
		assert_int_equal(flows->complete.tally.flows, 1000);
		sums_are(&flows->complete.tally.ip, 2000, 200000);
	}
}

/* Its buffers can be on another node. */
static void
flows_of_a_port_are_on_its_node_if_that_has_memory(void **state)
{
	struct tide_topology *machine = tide_topology_parse("node 0 cpus 0 memory 1G\n"
							    "node 1 cpus 1\n"
							    "node 2 memory 1G\n");
	static struct tide_plan elsewhere = {.pool[0].node = 2};
	struct tide_plan_port *port = &elsewhere.port[0];

	assert_non_null(machine);
	elsewhere.topo = machine;
	port->node = 0;
	assert_int_equal(fwd_flows_node(&elsewhere, 0), 0);
	port->node = 1;
	assert_int_equal(fwd_flows_node(&elsewhere, 0), 2);
	port->node = TIDE_NODE_UNKNOWN;
	assert_int_equal(fwd_flows_node(&elsewhere, 0), 2);
	tide_topology_free(machine);
}

static void
memory_that_cannot_be_had_is_told_in_one_sentence(void **state)
{
	struct app_error err = {.text = ""};

	make(1, true);
	fwd_flows_free(flows);
	plan.pool[0].node = plan.port[0].node = 1000;
	flows = fwd_flows_create(&plan, &opts, lcore, &err);
	assert_null(flows);
	assert_int_equal(err.code, APP_EXIT_RUN);
	assert_non_null(strstr(err.text, "no memory for flows, 4 MB on each of 1 node(s)"));
}

/* --- lcores --------------------------------------------------------------------------------------- */

/* What worker w sends: known without looking. */
struct worker {
	struct fwd_flow_lcore *account;
	atomic_bool *stop;
	uint64_t seed;
	uint64_t packets[FLOWS], bytes[FLOWS];
	uint64_t others, other_bytes;
};

static int
count_packets(void *arg)
{
	struct worker *w = arg;
	struct packet packets[BURST];
	struct rte_mbuf *burst[BURST];

	while (!atomic_load(w->stop)) {
		for (unsigned int i = 0; i < BURST; i++) {
			uint32_t flow, len;

			w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
			flow = (w->seed >> 33) % FLOWS;
			len = 60 + (w->seed >> 50) % 1000;
			burst[i] = &packets[i].m;
			if ((w->seed >> 45) % 8 == 0) {
				make_other(&packets[i], len);
				w->others++;
				w->other_bytes += len;
			} else {
				make_packet(&packets[i], flow, len);
				w->packets[flow]++;
				w->bytes[flow] += len;
			}
		}
		fwd_flow_count(w->account, plan.pool[0].node, burst, BURST);
		fwd_flow_pass(w->account);
		/* Others need the CPU too, and flips are to come at every point. */
		if (w->seed >> 60 == 0)
			sched_yield();
	}
	return 0;
}

static void
add_report(const struct fwd_flow_report *report, struct fwd_flow_sum sum[FLOWS])
{
	for (unsigned int i = 0; i < report->nb_top; i++) {
		uint16_t flow = rte_be_to_cpu_16(report->top[i].key.sport);

		sum[flow].packets += report->top[i].sum.packets;
		sum[flow].bytes += report->top[i].sum.bytes;
	}
}

/* Intervals as short as can be, while two lcores count: the sum of all reports is what they sent. */
static void
no_packet_is_lost_or_counted_twice_at_a_flip(void **state)
{
	static struct worker worker[WORKERS];
	static struct fwd_flow_sum sum[FLOWS];
	atomic_bool stop = false;
	uint64_t last = 0, packets = 0;

	/* Lcores that are preempted while they take a chunk hide two magazines of chunks each. */
	opts.flows_memory = 16;
	make(WORKERS, false);
	for (unsigned int w = 0; w < WORKERS; w++) {
		worker[w] =
			(struct worker){.account = lcore[w].flows, .stop = &stop, .seed = seed + w};
		rte_eal_remote_launch(count_packets, &worker[w], plan.lcore[w].id);
	}
	flows->period = 1;
	flows->due = now;
	for (; tide_arena_epoch(flows->arena) < FLIPS; now++) {
		fwd_flows_step(flows, now);
		if (flows->complete.number != last) {
			assert_int_equal(flows->complete.number, ++last);
			assert_int_equal(flows->complete.nb_top, flows->complete.tally.flows);
			add_report(&flows->complete, sum);
		}
		if (flows->state == FWD_FLOWS_CLOSING || flows->state == FWD_FLOWS_RETURNING)
			sched_yield();
	}
	stop = true;
	rte_eal_mp_wait_lcore();
	fwd_flows_end(flows, now);
	if (flows->complete.number != last)
		add_report(&flows->complete, sum);
	add_report(&flows->unfinished, sum);
	for (unsigned int i = 0; i < FLOWS; i++) {
		assert_int_equal(sum[i].packets, worker[0].packets[i] + worker[1].packets[i]);
		assert_int_equal(sum[i].bytes, worker[0].bytes[i] + worker[1].bytes[i]);
		packets += sum[i].packets;
	}
	sums_are(&flows->total.other, worker[0].others + worker[1].others,
		worker[0].other_bytes + worker[1].other_bytes);
	sums_are(&flows->total.lost, 0, 0);
	assert_int_equal(flows->total.ip.packets, packets);
	printf("%u flips, %lu packets\n", FLIPS, (unsigned long)packets);
}

static int
pass(void *arg)
{
	fwd_flow_pass(arg);
	return 0;
}

static void
pass_on(unsigned int w)
{
	assert_int_equal(rte_eal_remote_launch(pass, lcore[w].flows, plan.lcore[w].id), 0);
	assert_int_equal(rte_eal_wait_lcore(plan.lcore[w].id), 0);
}

static void
an_lcore_that_does_not_pass_is_named_and_its_interval_waits(void **state)
{
	make(WORKERS, true);
	arrive(0, 1, 100);
	now = flows->due;
	fwd_flows_step(flows, now);
	fwd_flow_pass(lcore[0].flows);
	fwd_flow_pass(lcore[0].flows);
	assert_true(fwd_flows_step(flows, now + FWD_FLOWS_STALLED_NS - 1) > now);
	assert_false(flows->stalled);
	assert_true(fwd_flows_soon(flows));
	fwd_flows_step(flows, now + FWD_FLOWS_STALLED_NS);
	assert_true(flows->stalled && flows->stalled_news);
	assert_int_equal(flows->reader.lcore_id, plan.lcore[1].id);
	/* The screen does not wait for it, and there is no other flip. */
	assert_false(fwd_flows_soon(flows));
	fwd_flows_step(flows, now + 100 * SECOND);
	assert_int_equal(tide_arena_epoch(flows->arena), 2);
	assert_int_equal(flows->complete.number, 0);

	pass_on(1);
	step_to_the_end(now + 100 * SECOND);
	assert_int_equal(flows->complete.number, 1);
	sums_are(&flows->complete.tally.ip, 1, 100);
	assert_false(flows->stalled);
}

/* One lcore has handed over and counts on, the other has not when the run ends. */
static void
an_end_amid_a_flip_reports_both_intervals(void **state)
{
	make(WORKERS, true);
	arrive(0, 1, 100);
	arrive(1, 3, 1000);
	now = flows->due;
	fwd_flows_step(flows, now);
	fwd_flow_pass(lcore[0].flows);
	arrive(0, 2, 200);
	now += SECOND / 10;
	fwd_flows_end(flows, now);
	assert_int_equal(flows->complete.number, 1);
	assert_int_equal(flows->complete.ns, SECOND);
	sums_are(&flows->complete.tally.ip, 2, 1100);
	assert_int_equal(flows->unfinished.number, 2);
	assert_int_equal(flows->unfinished.ns, SECOND / 10);
	sums_are(&flows->unfinished.tally.ip, 1, 200);
	sums_are(&flows->total.ip, 3, 1300);
}

/* --- what is said --------------------------------------------------------------------------------- */

static void
a_flow_reads_as_people_write_it(void **state)
{
	union fwd_flow_key key = {.word = {0}};
	char text[FWD_FLOW_TEXT_LEN];

	key.version = 4;
	key.proto = 6;
	memcpy(&key.v4, (uint8_t[]){10, 0, 0, 1, 192, 168, 255, 2}, 8);
	key.sport = rte_cpu_to_be_16(80);
	key.dport = rte_cpu_to_be_16(65535);
	assert_string_equal(fwd_flow_text(&key, text), "10.0.0.1:80 > 192.168.255.2:65535 tcp");
	key.sport = 0;
	assert_string_equal(fwd_flow_text(&key, text), "10.0.0.1:0 > 192.168.255.2:65535 tcp");
	key.dport = 0;
	key.proto = 1;
	assert_string_equal(fwd_flow_text(&key, text), "10.0.0.1 > 192.168.255.2 icmp");
	key.proto = 253;
	assert_string_equal(fwd_flow_text(&key, text), "10.0.0.1 > 192.168.255.2 proto 253");
	memset(&key, 0xff, sizeof(key));
	key.version = 6;
	key.proto = 136;
	assert_string_equal(fwd_flow_text(&key, text),
		"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 > "
		"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 udplite");
}

static char *text;

typedef void (*say_fn)(const struct fwd_flows *flows, FILE *out);

static void
says(say_fn say, const char *what, bool is)
{
	size_t len;
	FILE *out;

	free(text);
	out = open_memstream(&text, &len);
	say(flows, out);
	fclose(out);
	if ((strstr(text, what) != NULL) != is)
		fail_msg("'%s' is%s in:\n%s", what, is ? " not" : "", text);
}

static void
as_json(const struct fwd_flows *f, FILE *out)
{
	struct app_json json;

	app_json_init(&json, out, 0);
	app_json_object(&json, NULL);
	fwd_flows_json(f, &json);
	app_json_object_end(&json);
}

static void
lines_of_two(const struct fwd_flows *f, FILE *out)
{
	fwd_flows_print(&f->complete, 2, "<", ">\n", out);
}

static void
reports_say_the_same_in_words_and_as_json(void **state)
{
	struct packet other;
	struct rte_mbuf *m = &other.m;

	opts.flows = 3;
	make(1, true);
	for (uint32_t i = 1; i <= 5; i++)
		arrive(0, i, 100000 * i);
	make_other(&other, 60);
	fwd_flow_count(lcore[0].flows, plan.pool[0].node, &m, 1);
	says(as_json, "\"complete\":null,\"busiest\":null,\"unfinished\":null", true);
	next_interval();
	arrive(0, 9, 70);
	says(lines_of_two,
		"<interval 1, 1.0 s: flows 5, packets 5, bytes 1500000; not ip: packets 1, bytes "
		"60; not accounted: packets 0, bytes 0>\n"
		"<           1 packets          500000 bytes        4.0 Mbit/s  10.0.0.1:5 > "
		"10.1.0.0:80 udp>\n"
		"<           1 packets          400000 bytes        3.2 Mbit/s  10.0.0.1:4 > "
		"10.1.0.0:80 udp>\n",
		true);
	says(lines_of_two, "10.0.0.1:3", false);
	says(lines_of_two, "warning", false);
	fwd_flows_end(flows, now + SECOND / 2);
	says(fwd_flows_print_end, "last flows: interval 1, 1.0 s: flows 5", true);
	says(fwd_flows_print_end, "10.0.0.1:3 > 10.1.0.0:80 udp\n", true);
	says(fwd_flows_print_end, "10.0.0.1:2", false);
	says(fwd_flows_print_end,
		"flows at the end: interval 2, 0.5 s: flows 1, packets 1, bytes 70", true);
	says(fwd_flows_print_end, "busiest", false);
	says(as_json,
		"{\"interval_seconds\":1,\"intervals\":2,\"flows_peak\":5,\"flows\":null,"
		"\"packets\":6,"
		"\"bytes\":1500070,\"not_ip\":{\"packets\":1,\"bytes\":60},\"not_accounted\":{"
		"\"packets\":0,\"bytes\":0},\"complete\":{\"interval\":1,\"seconds\":1.000000,"
		"\"flows\":5,\"packets\":5,\"bytes\":1500000,\"not_ip\":{\"packets\":1,"
		"\"bytes\":60},\"not_accounted\":{\"packets\":0,\"bytes\":0},\"top\":[{\"src\":"
		"\"10.0.0.1\",\"dst\":\"10.1.0.0\",\"proto\":17,\"sport\":5,\"dport\":80,"
		"\"packets\":1,\"bytes\":500000},",
		true);
	says(as_json, "\"unfinished\":{\"interval\":2,\"seconds\":0.500000,\"flows\":1,", true);
}

static void
packets_not_accounted_are_in_a_warning(void **state)
{
	opts.flows_memory = 1;
	make(1, true);
	for (uint32_t i = 0; i < FIT_MB + 7; i++)
		arrive(0, i, 100);
	next_interval();
	says(lines_of_two,
		"<warning: 7 packets, 700 bytes not accounted: no memory for more flows; give more "
		"--flows-memory or a shorter --flows-interval>\n",
		true);
	next_interval();
	fwd_flows_end(flows, now);
	says(fwd_flows_print_end, "busiest flows: interval 1, ", true);
	says(fwd_flows_print_end, "busiest flows: warning: 7 packets", true);
	says(fwd_flows_print_end, "flows in all 3 intervals: warning: 7 packets, 700 bytes", true);
	says(as_json, "\"not_accounted\":{\"packets\":7,\"bytes\":700},\"complete\"", true);
	says(as_json, "\"chunks\":16,", true);
	says(as_json, "\"chunks_peak\":16,", true);
	says(as_json, "\"failures\":7}]", true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		CASE(an_interval_holds_what_came_in_it_and_nothing_else),
		CASE(every_burst_length_is_counted_whole),
		CASE(without_an_interval_the_whole_run_is_one),
		CASE(the_grid_of_intervals_is_kept),
		CASE(what_finds_no_memory_is_counted_as_that),
		CASE(without_a_table_all_is_counted_as_lost_until_there_is_one),
		CASE(memory_of_intervals_that_ended_is_back),
		CASE(too_little_memory_for_the_lcores_is_refused),
		CASE(records_are_made_on_the_node_of_the_port),
		CASE(flows_of_a_port_are_on_its_node_if_that_has_memory),
		CASE(memory_that_cannot_be_had_is_told_in_one_sentence),
		CASE(no_packet_is_lost_or_counted_twice_at_a_flip),
		CASE(an_lcore_that_does_not_pass_is_named_and_its_interval_waits),
		CASE(an_end_amid_a_flip_reports_both_intervals),
		CASE(a_flow_reads_as_people_write_it),
		CASE(reports_say_the_same_in_words_and_as_json),
		CASE(packets_not_accounted_are_in_a_warning),
	};
	int rc;

	seed = (uint64_t)time(NULL);
	printf("seed %lu\n", (unsigned long)seed);
	test_eal_start(false, 64, "0@0-1,1@0-1,2@0-1");
	topo = tide_topology_create();
	if (topo == NULL)
		return 1;
	rc = cmocka_run_group_tests_name("fwd_flows", tests, NULL, NULL);
	free(text);
	tide_topology_free(topo);
	return rc;
}
