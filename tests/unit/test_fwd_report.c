/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Screen, summary and JSON say what happened; buffers still out are never passed over. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>

#include <cmocka.h>

#include "eal.h"
#include "fwd.h"
#include "metrics.h"
#include "monitor_internal.h"
#include "pool_state.h"
#include "screen.h"
#include "summary.h"
#include "tide_pool_query.h"
#include "tide_pool_size.h"

#define BUFFERS 128

static struct fwd fwd;
static struct tide_topology *machine; /* The pool is on this one, the plan is not. */
static struct fwd_options opts;
static char *text;
static size_t len;

typedef void (*report_fn)(const struct fwd *fwd, FILE *out);

static const char *
said(report_fn report)
{
	FILE *out;

	free(text);
	text = NULL;
	out = open_memstream(&text, &len);
	report(&fwd, out);
	fclose(out);
	return text;
}

static void
says(report_fn report, const char *what)
{
	if (strstr(said(report), what) == NULL)
		fail_msg("'%s' is not in:\n%s", what, text);
}

static void
live(const struct fwd *f, FILE *out)
{
	fwd_screen_print(f, &f->end, true, out);
}

/* The live screen on a terminal of that many rows and 80 columns. */
static unsigned int terminal_rows;

static void
on_terminal(const struct fwd *f, FILE *out)
{
	struct fwd_canvas canvas = {.rows = terminal_rows, .columns = 79};

	fwd_screen_draw(f, &f->end, &canvas, out);
}

static void
plain(const struct fwd *f, FILE *out)
{
	fwd_screen_print(f, &f->end, false, out);
}

static void
link_line(const struct fwd *f, FILE *out)
{
	fwd_screen_link(&f->port[0], out);
}

static void
plan_json(const struct fwd *f, FILE *out)
{
	fwd_plan_json(&f->plan, &f->pairs, f->opts, out);
}

/* Ten seconds on two ports: 0 -> 1 with every kind of loss. */
static void
fill(void)
{
	static struct tide_plan_queue queues[2] = {{.port = 0}, {.port = 1}};

	fwd.plan.nb_ports = fwd.plan.nb_queues = 2;
	fwd.plan.nb_lcores = fwd.plan.nb_pools = fwd.plan.queues = 1;
	fwd.plan.queue = queues;
	fwd.plan.lcore[0] = (struct tide_plan_lcore){.id = 3, .node = 0, .nb_queues = 2};
	for (unsigned int i = 0; i < 2; i++) {
		struct tide_port_facts *facts = &fwd.facts.port[i];

		facts->id = i;
		snprintf(facts->name, sizeof(facts->name), "net_\"odd\\%u\n", i);
		snprintf(facts->driver, sizeof(facts->driver), "net_x");
		fwd.plan.port[i].facts = facts;
		fwd.plan.port[i].peer = !i;
		fwd.port[i].plan = &fwd.plan.port[i];
		fwd.port[i].state = FWD_PORT_CLOSED;
		fwd.port[i].mp = tide_pool_on(fwd.pool, 0);
	}
	fwd.start.ns = fwd.last.ns = 1000000000;
	fwd.end.ns = 11000000000;
	fwd.end.cycles = 1000;
	fwd.end.port[0] = (struct tide_port_counters){.rx = 1000,
		.rx_bytes = 1250000,
		.no_buffer = 11,
		.missed = 22,
		.rx_error = 33,
		.malformed = 77,
		.runts = 88};
	fwd.end.port[1] = (struct tide_port_counters){.tx = 956, .tx_full = 44, .tx_error = 55};
	fwd.end.lcore[0] =
		(struct tide_lcore_counters){.packets = 1000, .bursts = 100, .busy = 250};
	fwd.port[0].drained = 66;
}

/* Make one that finds everything as it was made. */
static bool
make_monitor(void)
{
	tide_monitor_free(fwd.monitor);
	fwd.monitor = tide_monitor_create(&(struct tide_monitor_conf){.pool = fwd.pool});
	return fwd.monitor != NULL;
}

static int
set_up(void **state)
{
	static const int node = 0;
	const struct tide_pool_conf conf = {.name = "fwd_report",
		.nodes = &node,
		.nb_nodes = 1,
		.buffers = BUFFERS,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
		.enforce = TIDE_ENFORCE_BEST_EFFORT};

	fwd_options_init(&opts);
	fwd.opts = &opts;
	machine = tide_topology_parse("node 0 cpus 0 memory 1G\nnode 1 cpus 1 memory 1G\n");
	fwd.plan.topo = machine;
	fwd.pool = tide_pool_create(&conf);
	if (machine == NULL || fwd.pool == NULL)
		return -1;
	fill();
	fwd_pools_poll(fwd.pool_state, fwd.pool);
	return make_monitor() ? 0 : -1;
}

static int
tear_down(void **state)
{
	free(text);
	tide_monitor_free(fwd.monitor);
	tide_topology_free(machine);
	return tide_pool_free(fwd.pool);
}

static void
the_summary_says_what_came_and_what_was_lost_why(void **state)
{
	says(fwd_summary_print, "rx 1000, tx 0, rx pps 100.0, tx pps 0.0");
	says(fwd_summary_print, "no buffer 11, missed 22, tx full 0, rx error 33, tx error 0, "
				"malformed 77, at stop 66");
	says(fwd_summary_print, "tx full 44, rx error 0, tx error 55");
	says(fwd_summary_print, "runts 88");
	says(fwd_summary_print, "busy 25.0%, packets per burst 10.0");
	says(fwd_summary_print, "128 of 128 buffers back");
	assert_true(fwd_summary_all_back(&fwd));
}

static void
the_end_is_named(void **state)
{
	fwd.ended = FWD_END_SIGNAL;
	fwd.signal = SIGTERM;
	says(fwd_summary_print, "for 10.0 s, ended by SIGTERM");
	says(fwd_summary_json, "\"ended_by\":\"TERM\"");
	fwd.ended = FWD_END_OUTPUT;
	says(fwd_summary_print, "ended by a closed output");
	fwd.ended = FWD_END_DURATION;
	says(fwd_summary_print, "ended by --duration");
	says(fwd_summary_json, "\"ended_by\":\"duration\"");
}

static void
a_buffer_still_out_is_counted_and_its_holders_named(void **state)
{
	struct rte_mbuf *m;

	assert_int_equal(tide_pool_get(fwd.pool, 0, &m, 1), 0);
	fwd_pools_poll(fwd.pool_state, fwd.pool);
	assert_false(fwd_summary_all_back(&fwd));
	says(fwd_summary_print, "127 of 128 buffers back");
	says(fwd_summary_print, "port 1 (net_x) closed and may have kept some");
	says(fwd_summary_json, "\"all_back\":false");
	says(fwd_summary_json, "\"free\":127,\"in_use\":1");

	fwd.port[0].state = FWD_PORT_STUCK;
	fwd.port[0].close_error = -EBUSY;
	says(fwd_summary_print, "port 0 (net_x) did not close: Device or resource busy");
	assert_null(strstr(text, "may have kept"));
	fwd.port[0].state = FWD_PORT_CLOSED;

	rte_pktmbuf_free(m);
	fwd_pools_poll(fwd.pool_state, fwd.pool);
	assert_true(fwd_summary_all_back(&fwd));
	says(fwd_summary_print, "128 of 128 buffers back\n");
	says(fwd_summary_print, ", peak 1,");
	says(fwd_summary_json, "\"all_back\":true");
}

/* A pool of its own in the place of the other, of some ops, that had 100 buffers out between two looks. */
static void
use_pool(const char *ops, void (*reported)(void))
{
	static const int node = 0;
	const struct tide_pool_conf conf = {.name = "fwd_peak",
		.nodes = &node,
		.nb_nodes = 1,
		.buffers = 600,
		.data_room = RTE_MBUF_DEFAULT_BUF_SIZE,
		.ops = ops,
		.enforce = TIDE_ENFORCE_BEST_EFFORT};
	struct tide_pool *before = fwd.pool;
	struct rte_mbuf *m[100];

	fwd.pool = tide_pool_create(&conf);
	assert_non_null(fwd.pool);
	memset(fwd.pool_state, 0, sizeof(fwd.pool_state));
	fwd_pools_poll(fwd.pool_state, fwd.pool);
	assert_int_equal(fwd.pool_state[0].sample.tide.peak, 0);
	assert_int_equal(tide_pool_get(fwd.pool, 0, m, 100), 0);
	rte_pktmbuf_free_bulk(m, 100);
	fwd_pools_poll(fwd.pool_state, fwd.pool);
	reported();
	assert_int_equal(tide_pool_free(fwd.pool), 0);
	fwd.pool = before;
	memset(fwd.pool_state, 0, sizeof(fwd.pool_state));
	fwd_pools_poll(fwd.pool_state, fwd.pool);
}

static void
peak_is_100(void)
{
	says(fwd_summary_print, "600 of 600 buffers back\n");
	says(fwd_summary_print, ", peak 100,");
	says(fwd_summary_json, "\"in_use\":0,\"cached\":0,\"peak\":100,");
	says(plain, "size 600, free 600, in use 0, cached 0, peak 100,");
	says(live, "       600       600         0      100");
}

static void
the_peak_is_what_was_out_between_two_looks(void **state)
{
	use_pool("tide", peak_is_100);
}

static void
peak_is_unknown(void)
{
	says(fwd_summary_print, "600 of 600 buffers back\n");
	assert_null(strstr(text, "peak"));
	says(fwd_summary_json, "\"in_use\":0,\"cached\":0,\"peak\":null,");
	says(plain, "size 600, free 600, in use 0, cached 0,");
	assert_null(strstr(text, "peak"));
	says(live, "       600       600         0        -");
}

static void
ops_that_count_no_peak_have_none(void **state)
{
	use_pool("ring_mp_mc", peak_is_unknown);
}

/* As if both ports had closed and every packet was passed on. */
static void
buffers_a_driver_lost_are_named_and_no_fault_of_ours(void **state)
{
	static struct fwd_queue queues[2];
	static struct fwd_queue *table[2] = {&queues[0], &queues[1]};
	struct tide_pool_need *need = &fwd.plan.pool[0].need;
	struct rte_mbuf *m;

	fwd.queue = table;
	assert_int_equal(tide_pool_get(fwd.pool, 0, &m, 1), 0);
	fwd_pools_poll(fwd.pool_state, fwd.pool);
	/* The queues cannot have held any. */
	assert_false(fwd_summary_accounted(&fwd));
	need->rx_queues = need->rx_desc = 1;
	assert_true(fwd_summary_accounted(&fwd));
	assert_false(fwd_summary_all_back(&fwd));
	says(fwd_summary_print, "  1 buffers were not freed at the close of a driver, of ");
	says(fwd_summary_print,
		"port 0 (net_x), port 1 (net_x): it loses them with any mempool ops");
	says(fwd_summary_json, "\"kept_by_drivers\":1");
	/* A packet of ours that went nowhere, a port that is open, an lcore that did not stop. */
	queues[1].packets = 2;
	queues[1].sent = 1;
	assert_false(fwd_summary_accounted(&fwd));
	queues[1].malformed = 1;
	assert_true(fwd_summary_accounted(&fwd));
	fwd.port[1].state = FWD_PORT_STUCK;
	assert_false(fwd_summary_accounted(&fwd));
	fwd.port[1].state = FWD_PORT_CLOSED;
	fwd.nb_stuck = 1;
	assert_false(fwd_summary_accounted(&fwd));
	fwd.nb_stuck = 0;
	need->rx_queues = need->rx_desc = 0;
	fwd.queue = NULL;
	rte_pktmbuf_free(m);
	fwd_pools_poll(fwd.pool_state, fwd.pool);
	assert_true(fwd_summary_accounted(&fwd));
}

static void
an_empty_pool_is_told_once_with_its_holders(void **state)
{
	struct rte_mbuf *m[BUFFERS];
	struct fwd_pool_state *w = &fwd.pool_state[0];
	uint64_t now = 5;

	assert_int_equal(tide_pool_get(fwd.pool, 0, m, BUFFERS - 32), 0);
	fwd_pools_poll(fwd.pool_state, fwd.pool);
	assert_false(fwd_pool_ran_empty(w, 32, now));
	assert_int_equal(tide_pool_get(fwd.pool, 0, &m[BUFFERS - 32], 1), 0);
	fwd_pools_poll(fwd.pool_state, fwd.pool);
	assert_true(fwd_pool_ran_empty(w, 32, now));
	assert_false(fwd_pool_ran_empty(w, 32, now + 1));
	says(live, "warning: the pool of node 0 is empty: 97 of 128 buffers are in use");
	says(live, "has 97, the oldest for");
	says(live, "port 0 (net_x), port 1 (net_x)");
	rte_pktmbuf_free(m[0]);
	fwd_pools_poll(fwd.pool_state, fwd.pool);
	assert_false(fwd_pool_ran_empty(w, 32, now));
	assert_null(strstr(said(live), "warning"));
	/* Empty again: within a minute that is no news. */
	assert_int_equal(tide_pool_get(fwd.pool, 0, m, 1), 0);
	fwd_pools_poll(fwd.pool_state, fwd.pool);
	assert_false(fwd_pool_ran_empty(w, 32, now + 1));
	w->empty = false;
	assert_true(fwd_pool_ran_empty(w, 32, now + UINT64_C(60000000000)));
	rte_pktmbuf_free_bulk(m, BUFFERS - 31);
	memset(w, 0, sizeof(*w));
	fwd_pools_poll(fwd.pool_state, fwd.pool);
}

static void
json_is_one_line_and_names_are_escaped(void **state)
{
	const char *line = said(fwd_summary_json);

	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_non_null(strstr(line, "\"name\":\"net_\\\"odd\\\\0\\u000a\""));
	assert_non_null(
		strstr(line, "\"drops\":{\"no_buffer\":11,\"missed\":22,\"tx_full\":0,"
			     "\"rx_error\":33,\"tx_error\":0,\"malformed\":77,\"at_stop\":66}"));
	assert_non_null(strstr(line, "\"busy\":0.2500,\"packets_per_burst\":10.0000"));
}

static void
names_in_utf8_pass_the_json_and_other_bytes_are_escaped(void **state)
{
	const struct tide_port_facts before = fwd.facts.port[0];

	snprintf(fwd.facts.port[0].name, sizeof(fwd.facts.port[0].name), "net_\xe6\xbd\xae");
	snprintf(
		fwd.facts.port[0].driver, sizeof(fwd.facts.port[0].driver), "net_\xff\xc3\xaf\xe6");
	says(fwd_summary_json, "\"name\":\"net_\xe6\xbd\xae\"");
	says(fwd_summary_json, "\"driver\":\"net_\\u00ff\xc3\xaf\\u00e6\"");
	fwd.facts.port[0] = before;
}

static void
screen_and_lines_show_the_same_figures(void **state)
{
	static const report_fn both[] = {live, plain};

	for (unsigned int i = 0; i < 2; i++) {
		says(both[i], "1000");
		says(both[i], "1.0"); /* Mbit/s */
		says(both[i], "25.0%");
		says(both[i], "10.0");
		says(both[i], "44");
		says(both[i], "128");
		says(both[i], "no buffer");
		says(both[i], "missed");
		says(both[i], "tx full");
	}
	assert_non_null(strstr(said(live), "\033[H"));
	assert_null(strchr(said(plain), '\033'));
}

/* The live screen wipes away what was on stderr before it. */
static void
the_screen_keeps_warnings_in_view(void **state)
{
	struct tide_plan_port *port = &fwd.plan.port[1];

	assert_null(strstr(said(live), "warning"));
	port->node = 1;
	port->remote = true;
	says(live, "warning: port 1 (");
	says(live, "is on node 1 but polled by lcore 3 on node 0");
	assert_null(strstr(said(plain), "warning"));
	port->node = 0;
	port->remote = false;
}

static unsigned int
line_of(const char *what)
{
	const char *at = strstr(text, what);
	unsigned int line = 1;

	if (at == NULL)
		fail_msg("'%s' is not in:\n%s", what, text);
	for (const char *c = text; c < at; c++)
		line += *c == '\n';
	return line;
}

/* On a full screen the last lines are cut. */
static void
warnings_are_below_the_title_and_leave_room(void **state)
{
	for (unsigned int i = 0; i < 2; i++) {
		fwd.plan.port[i].node = 1;
		fwd.plan.port[i].remote = true;
	}
	for (terminal_rows = 8; terminal_rows < 60; terminal_rows++) {
		says(on_terminal, "warning: port 0 (");
		assert_int_equal(line_of("warning: port 0 ("), 2);
		/* The title and an empty line are above the ports too. */
		assert_true(line_of("port name ") <= terminal_rows / 3 + 3);
	}
	for (unsigned int i = 0; i < 2; i++) {
		fwd.plan.port[i].node = 0;
		fwd.plan.port[i].remote = false;
	}
}

/* As if `away` pages of the pool were on node 7 now. */
static void
move_pages_away(uint64_t away)
{
	struct tide_monitor_pool *place = &fwd.monitor->pools[0];
	struct tide_placement now = *place->made;
	struct tide_placement_change since;

	now.found[0].pages -= away;
	now.found[1] = (struct tide_pages_on_node){7, away};
	now.nb_found += away != 0;
	tidei_monitor_pool_note(place, &now, &since);
}

static void
pages_that_moved_are_told_and_pages_that_did_not_are_not(void **state)
{
	const struct tide_placement *made = tide_pool_placement(fwd.pool, 0);
	char want[200];

	assert_null(strstr(said(fwd_summary_print), "pages of"));
	assert_null(strstr(text, "its pages"));
	says(fwd_summary_print, ", moved pages 0, moved pages worst 0,");
	assert_null(strstr(said(live), "warning"));
	says(fwd_summary_json, "\"moved_pages\":0,\"moved_pages_worst\":0");
	says(fwd_summary_json, "\"checks\":0}");
	move_pages_away(3);
	snprintf(want, sizeof(want), "  3 of %" PRIu64 " pages of 4 kB are on node 7 now (0 when",
		made->pages);
	says(fwd_summary_print, want);
	says(live, want + 2);
	says(live, "warning: pool of node 0: ");
	snprintf(want, sizeof(want),
		"\"now\":[{\"node\":0,\"pages\":%" PRIu64 "},{\"node\":7,\"pages\":3}],",
		made->pages - 3);
	says(fwd_summary_json, want);
	says(fwd_summary_json, "\"moved_pages\":3,");
	move_pages_away(0);
	says(fwd_summary_print, "  3 of its pages were elsewhere for a while and are back");
	says(fwd_summary_json, "\"moved_pages\":0,\"moved_pages_worst\":3");
	says(fwd_summary_json, "\"checks\":2}");
	assert_null(strstr(said(live), "warning"));
	assert_true(fwd_summary_all_back(&fwd));
}

static void
json_tells_the_addresses_of_the_pools(void **state)
{
	char want[200];
	void *addr;
	size_t bytes;

	assert_int_equal(tide_pool_memory(fwd.pool, 0, &addr, &bytes), 0);
	snprintf(want, sizeof(want),
		"\"memory\":[{\"addr\":\"0x%" PRIxPTR "\",\"len\":%zu,\"page_size\":4096,",
		(uintptr_t)addr, bytes);
	says(fwd_summary_json, want);
}

static void
a_page_without_a_node_has_its_errno_in_the_json(void **state)
{
	struct tide_placement now = fwd.monitor->pools[0].now;
	struct tide_placement_change since;

	now.found[0].pages--;
	now.found[now.nb_found++] = (struct tide_pages_on_node){-ENOENT, 1};
	tidei_monitor_pool_note(&fwd.monitor->pools[0], &now, &since);
	says(fwd_summary_json, "{\"node\":null,\"error\":\"ENOENT\",\"pages\":1}");
	assert_true(make_monitor());
}

static void
a_distant_port_is_told_with_its_penalty(void **state)
{
	struct tide_plan_port *port = &fwd.plan.port[1];

	says(fwd_summary_json, "\"penalty_ns\":null");
	port->node = 1;
	port->remote = true;
	port->pool = 1;
	fwd.plan.pool[1].node = 1;
	fwd_plan_pairs(&fwd.pairs, &fwd.plan);
	fwd.pairs.pair[0].ns = 88;
	fwd.pairs.pair[1].ns = 140;
	says(live, "on node 0: +52 ns per miss measured (140 ns remote, 88 ns local); ");
	says(fwd_summary_json, "\"penalty_ns\":0,\"rx\":1000");
	says(fwd_summary_json, "\"penalty_ns\":52,\"rx\":0");
	port->node = 0;
	port->remote = false;
	port->pool = 0;
	fwd.pairs.nb_pairs = 0;
}

/* One flow in the first interval; the report is made up. */
static void
flows_are_shown_once_in_lines_and_always_on_the_screen(void **state)
{
	static struct fwd_flow_entry entry = {.sum = {7, 700}};
	static struct fwd_flows flows = {.complete = {.top = &entry}};

	assert_null(strstr(said(live), "flows"));
	assert_null(strstr(said(plain), "flows"));
	assert_null(strstr(said(fwd_summary_json), "flows"));
	fwd.flows = &flows;
	says(live, "flows: the first interval has not ended");
	assert_null(strstr(said(plain), "flows"));
	entry.key.version = 4;
	entry.key.proto = 1;
	flows.complete.number = flows.complete.nb_top = 1;
	flows.complete.ns = 1000000000;
	flows.complete.tally.flows = 1;
	says(live, "interval 1, 1.0 s: flows 1, ");
	says(live, "7          700      0.0  0.0.0.0 > 0.0.0.0 icmp\033");
	says(plain, "\n10.0 s flows: interval 1, 1.0 s: flows 1, ");
	says(plain, "\n10.0 s flows:            7 packets             700 bytes");
	flows.shown = 1;
	says(live, "0.0.0.0 > 0.0.0.0 icmp");
	assert_null(strstr(said(plain), "flows"));
	assert_null(strstr(said(live), "warning"));
	flows.stalled = true;
	flows.reader = (struct tide_arena_stalled){.name = "lcore3", .lcore_id = 3};
	says(live, "warning: flows: reader \"lcore3\"");
	fwd.flows = NULL;
}

static void
buffers_on_another_node_are_told_and_counted(void **state)
{
	struct tide_plan_port *port = &fwd.plan.port[1];
	struct tide_topology *topo = tide_topology_parse("node 0 cpus 0 memory 1G\n"
							 "node 1 cpus 1 memory 1G\n"
							 "node 2 memory 1G\n");

	struct tide_placement fell;

	assert_non_null(topo);
	says(fwd_summary_json, "\"pool_node\":0,\"pool_requested\":0,\"pool_reason\":\"local\"");
	says(fwd_summary_json, "\"ports_elsewhere\":0,\"pages_elsewhere\":0,");
	assert_null(strstr(said(fwd_summary_print), "another node"));
	fwd.plan.topo = topo;
	port->node = port->pool_requested = 1;
	port->pool_refusal = "it is not in Mems_allowed: widen it";
	port->pool_reason = TIDE_PLAN_REASON_NEAREST;
	says(live, "warning: the buffers of port 1 (");
	says(fwd_summary_json, "\"pool_node\":0,\"pool_requested\":1,\"pool_reason\":\"nearest\"");
	says(fwd_summary_json, "\"ports_elsewhere\":1,\"pages_elsewhere\":0,");
	says(fwd_summary_print, "1 port(s) drew buffers of another node\n");
	says(plan_json, "\"pool_node\":0,\"pool_requested\":1,\"pool_reason\":\"nearest\"");
	says(plan_json, "\"tiers\":[{\"node\":2,\"bytes\":1073741824,\"near\":0,\"distance\":20}],"
			"\"ports_elsewhere\":1}\n");
	fell = *fwd.monitor->pools[0].made;
	fwd.monitor->pools[0].made = &fell;
	fell.pages = 512;
	fell.local = 500;
	snprintf(fell.reason, sizeof(fell.reason), "asked of \"node\" 0");
	says(fwd_summary_json, "\"reason\":\"asked of \\\"node\\\" 0\",\"made\"");
	says(fwd_summary_json, "\"pages\":512,\"local\":500,\"unknown\":0,");
	says(fwd_summary_json, "\"pages_elsewhere\":12,\"pages_unknown\":0,");
	assert_null(strstr(said(fwd_summary_print), "may be on"));
	fell.unknown = 7;
	says(fwd_summary_json, "\"local\":500,\"unknown\":7,");
	says(fwd_summary_json, "\"pages_elsewhere\":5,\"pages_unknown\":7,");
	says(fwd_summary_print,
		"7 page(s) of buffers may be on the node of their pool: the kernel did");
	fell.unknown = 0;
	says(fwd_summary_print, "12 page(s) of buffers were not made on the node of their pool\n");
	assert_true(make_monitor());
	port->node = TIDE_NODE_UNKNOWN;
	port->pool_requested = TIDE_NODE_UNKNOWN;
	port->pool_refusal = NULL;
	port->pool_reason = TIDE_PLAN_REASON_UNKNOWN;
	says(plan_json, "\"pool_node\":0,\"pool_requested\":null,\"pool_reason\":\"unknown\"");
	port->node = port->pool_requested = 0;
	port->pool_reason = TIDE_PLAN_REASON_LOCAL;
	fwd.plan.topo = machine;
	tide_topology_free(topo);
}

static void
an_lcore_that_left_its_cpu_is_told_where_it_is(void **state)
{
	struct tide_monitor_lcore *place = &fwd.monitor->lcores[3];
	const struct tide_monitor_lcore planned = {.lcore_id = 3, .cpu = -1, .node = 0};

	*place = planned;
	says(fwd_summary_json, "\"lcore\":3,\"node\":0,\"node_planned\":0,\"cpu\":null,"
			       "\"away\":false,\"moves\":0,\"packets\":");
	says(fwd_summary_json, "\"lcores_elsewhere\":0,");
	assert_null(strstr(said(fwd_summary_print), "lcore 3 of"));
	assert_null(strstr(said(live), "lcore 3 of"));
	*place = (struct tide_monitor_lcore){.cpu = 5, .node = 2, .away = true, .moves = 1};
	says(fwd_summary_json, "\"lcore\":3,\"node\":2,\"node_planned\":0,\"cpu\":5,"
			       "\"away\":true,\"moves\":1,\"packets\":");
	says(fwd_summary_json, "\"lcores_elsewhere\":1,");
	says(fwd_summary_print, "\n  lcore 3 of node 0: is on CPU 5 of node 2 now");
	says(live, "warning: lcore 3 of node 0: is on CPU 5 of node 2 now");
	/* Another CPU of its node. */
	place->node = 0;
	says(fwd_summary_json, "\"lcores_elsewhere\":0,");
	place->node = TIDE_NODE_UNKNOWN;
	says(fwd_summary_json, "\"lcore\":3,\"node\":null,");
	says(live, "is on CPU 5 of an unknown node now");
	*place = (struct tide_monitor_lcore){.cpu = 3, .node = 0, .moves = 2};
	says(fwd_summary_print, "\n  it was on other CPUs for a while and is back\n");
	assert_null(strstr(said(live), "lcore 3 of"));
	*place = planned;
}

/* A name as a whole word or words. */
static void
names(report_fn report, const char *label)
{
	const char *at = said(report);
	size_t n = strlen(label);

	while ((at = strstr(at, label)) != NULL) {
		if (at != text && at[-1] == ' ' && (at[n] == ' ' || at[n] == '\033'))
			return;
		at++;
	}
	fail_msg("'%s' is not in:\n%s", label, text);
}

/* Each metric, under the one name that the table has, in all four outputs. */
static void
each_metric_is_in_every_output(void **state)
{
	static const enum tide_metric_scope scopes[] = {
		TIDE_SCOPE_PORT, TIDE_SCOPE_LCORE, TIDE_SCOPE_POOL, TIDE_SCOPE_PROCESS};
	static const report_fn outputs[] = {plain, live, fwd_summary_print};
	const struct tide_metric *m;
	char want[100], label[FWD_FIGURE_LEN];
	unsigned int seen = 0;

	for (unsigned int s = 0; s < RTE_DIM(scopes); s++) {
		for (unsigned int i = 0; (m = tide_telemetry_metric(scopes[s], i)) != NULL; i++) {
			for (unsigned int n = 0; n < RTE_DIM(outputs); n++)
				names(outputs[n], fwd_metric_label(m, label));
			snprintf(want, sizeof(want), "\"%s\":", m->name);
			says(fwd_summary_json, want);
			seen++;
		}
	}
	assert_true(seen > 40);
}

/* What a pool refused or could not serve is told under one name; other ops count no such thing. */
static void
trouble_of_a_pool_is_in_every_output(void **state)
{
	struct tide_pool_sample *sample = &fwd.pool_state[0].sample;
	const struct tide_pool_sample before = *sample;

	sample->stats.failures = 12345;
	sample->stats.misuse = 23456;
	sample->stats.spilled_out = 34567;
	sample->stats.spilled_in = 45678;
	says(plain, "failures 12345, misuse 23456, spilled out 34567, spilled in 45678,");
	says(fwd_summary_print,
		"failures 12345, misuse 23456, spilled out 34567, spilled in 45678,");
	says(fwd_summary_json, "\"failures\":12345,\"misuse\":23456,\"spilled_out\":34567,"
			       "\"spilled_in\":45678,");
	says(live, "12345    23456\033");
	says(live, "34567      45678");
	sample->counts = false;
	says(fwd_summary_json, "\"failures\":null,\"misuse\":null,");
	assert_null(strstr(said(plain), "misuse"));
	*sample = before;
}

static void
a_link_is_told_with_its_speed(void **state)
{
	fwd.port[0].link_known = false;
	says(link_line, "is unknown");
	fwd.port[0].link_known = true;
	says(link_line, "is down");
	fwd.port[0].link.link_status = RTE_ETH_LINK_UP;
	fwd.port[0].link.link_speed = RTE_ETH_SPEED_NUM_25G;
	says(link_line, "is up, 25 Gbit/s");
	fwd.port[0].link.link_speed = RTE_ETH_SPEED_NUM_UNKNOWN;
	says(link_line, "is up\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_summary_says_what_came_and_what_was_lost_why),
		cmocka_unit_test(the_end_is_named),
		cmocka_unit_test(a_buffer_still_out_is_counted_and_its_holders_named),
		cmocka_unit_test(the_peak_is_what_was_out_between_two_looks),
		cmocka_unit_test(ops_that_count_no_peak_have_none),
		cmocka_unit_test(buffers_a_driver_lost_are_named_and_no_fault_of_ours),
		cmocka_unit_test(an_empty_pool_is_told_once_with_its_holders),
		cmocka_unit_test(names_in_utf8_pass_the_json_and_other_bytes_are_escaped),
		cmocka_unit_test(json_is_one_line_and_names_are_escaped),
		cmocka_unit_test(screen_and_lines_show_the_same_figures),
		cmocka_unit_test(the_screen_keeps_warnings_in_view),
		cmocka_unit_test(warnings_are_below_the_title_and_leave_room),
		cmocka_unit_test(a_distant_port_is_told_with_its_penalty),
		cmocka_unit_test(pages_that_moved_are_told_and_pages_that_did_not_are_not),
		cmocka_unit_test(json_tells_the_addresses_of_the_pools),
		cmocka_unit_test(a_page_without_a_node_has_its_errno_in_the_json),
		cmocka_unit_test(buffers_on_another_node_are_told_and_counted),
		cmocka_unit_test(flows_are_shown_once_in_lines_and_always_on_the_screen),
		cmocka_unit_test(an_lcore_that_left_its_cpu_is_told_where_it_is),
		cmocka_unit_test(each_metric_is_in_every_output),
		cmocka_unit_test(trouble_of_a_pool_is_in_every_output),
		cmocka_unit_test(a_link_is_told_with_its_speed),
	};

	test_eal_start(false, 32, "0");
	return cmocka_run_group_tests_name("fwd_report", tests, set_up, tear_down);
}
