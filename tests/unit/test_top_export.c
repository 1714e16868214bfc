/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The exporter of tide-top writes sound text, and serves it to any clients and for any programs. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "export.h"
#include "http.h"
#include "monotonic.h"
#include "telemetry_peer.h"
#include "tree.h"

static char *text;
static struct top_exported programs[2];
static struct top_export export;
static struct app_telemetry_choice choice;
static struct top_http http;
static in_port_t port;
static bool runs;

static int
set_up(void **state)
{
	memset(programs, 0, sizeof(programs));
	export = (struct top_export){.programs = programs};
	choice = (struct app_telemetry_choice){.directory = test_tree_make()};
	text = NULL;
	runs = false;
	return 0;
}

static int
tear_down(void **state)
{
	if (runs)
		test_peer_end(NULL);
	top_sample_fini(&programs[0].sample);
	top_sample_fini(&programs[1].sample);
	free(text);
	test_tree_free();
	return 0;
}

static struct top_pool *
add_pool(struct top_exported *program, const char *name, uint64_t size)
{
	struct top_sample *sample = &program->sample;
	struct top_pool *pool;

	if (sample->pools == NULL)
		sample->pools = calloc(10, sizeof(*sample->pools));
	assert_non_null(sample->pools);
	pool = &sample->pools[sample->nb_pools++];
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	for (unsigned int i = 0; i < TOP_METRICS_MAX; i++)
		pool->value[i].state = TIDE_METRIC_NONE;
	pool->value[top_metric_find("size")] =
		(struct tide_metric_value){.state = TIDE_METRIC_KNOWN, .count = size};
	return pool;
}

static const char *
written(int nb)
{
	size_t len;
	FILE *out;

	free(text);
	out = open_memstream(&text, &len);
	assert_non_null(out);
	export.nb = nb;
	top_export_text(&export, out);
	fclose(out);
	return text;
}

static void
assert_has(const char *in, const char *part)
{
	if (in == NULL || strstr(in, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, in != NULL ? in : "nothing");
}

static void
figures_of_a_metric_are_together_below_its_head(void **state)
{
	programs[0] = (struct top_exported){.up = true, .peer = {.program = "a", .prefix = "p"}};
	programs[1] = (struct top_exported){
		.up = true, .peer = {.program = "b", .prefix = "q", .pid = 7}};
	add_pool(&programs[0], "rx", 10);
	add_pool(&programs[0], "tx", 20);
	add_pool(&programs[1], "rx", 30)->value[top_metric_find("failures")] =
		(struct tide_metric_value){.state = TIDE_METRIC_KNOWN, .count = 4};
	assert_has(written(2),
		"# TYPE tide_pool_size gauge\n"
		"tide_pool_size{program=\"a\",prefix=\"p\",pid=\"0\",pool=\"rx\"} 10\n"
		"tide_pool_size{program=\"a\",prefix=\"p\",pid=\"0\",pool=\"tx\"} 20\n"
		"tide_pool_size{program=\"b\",prefix=\"q\",pid=\"7\",pool=\"rx\"} 30\n");
	assert_has(text, "# TYPE tide_pool_failures_total counter\n"
			 "tide_pool_failures_total{program=\"b\",");
	/* No pool has this one, so it has no head. */
	assert_null(strstr(text, "spilled"));
}

static void
a_program_that_does_not_answer_is_down(void **state)
{
	programs[0] = (struct top_exported){.up = false, .started = 5, .peer = {.program = "a"}};
	assert_has(written(1), "tide_process_up{program=\"a\",prefix=\"\",pid=\"0\"} 0\n");
	assert_has(
		text, "tide_process_start_time_seconds{program=\"a\",prefix=\"\",pid=\"0\"} 5\n");
	assert_string_equal(written(0), "");
}

static void
ports_have_counters_and_no_rates(void **state)
{
	programs[0].sample.ports = calloc(1, sizeof(*programs[0].sample.ports));
	programs[0].sample.nb_ports = 1;
	programs[0].sample.ports[0].id = 3;
	strcpy(programs[0].sample.ports[0].name, "net_ring0");
	programs[0].sample.ports[0].counters.now =
		(struct tide_port_counters){.rx = 9, .no_buffer = 2, .tx_full = TIDE_COUNT_NONE};
	assert_has(written(1), "tide_port_rx_total{program=\"\",prefix=\"\",pid=\"0\",port=\"3\","
			       "device=\"net_ring0\"} 9\n");
	assert_has(text, "tide_port_drops_no_buffer_total{");
	assert_null(strstr(text, "pps"));
	assert_null(strstr(text, "tx_full"));
}

static void
no_name_can_spoil_the_text(void **state)
{
	strcpy(programs[0].peer.program, "\xff\xc3");
	memset(programs[0].peer.prefix, 'x', sizeof(programs[0].peer.prefix) - 1);
	add_pool(&programs[0], "a\"b\\c\nx", 1);
	add_pool(&programs[0], "\u00e4", 1);
	add_pool(&programs[0], "\u00f6\xc2\x9b", 1);
	assert_has(written(1), "pool=\"a\\\"b\\\\c?x\"} 1\n");
	/* Names stay different, and are UTF-8. */
	assert_has(text, "pool=\"\u00e4\"} 1\n");
	assert_has(text, "pool=\"\u00f6?"
			 "?\"} 1\n");
	assert_has(text, "program=\"?"
			 "?\",prefix=\"xxx");
	assert_has(text, programs[0].peer.prefix);
	for (const char *at = text; *at != '\0'; at++)
		assert_true(*at == '\n' || *at < 0 || (*at >= ' ' && *at <= '~'));
}

static void
a_program_of_another_container_has_its_own_pid(void **state)
{
	programs[0].peer.own_pid = 7;
	assert_has(written(1), "pid=\"7\"");
	programs[0].peer.pid = 8;
	assert_has(written(1), "pid=\"8\"");
}

static void
what_is_missing_is_said_in_a_comment(void **state)
{
	strcpy(export.note, "no program runs");
	assert_string_equal(written(0), "# tide-top: no program runs\n");
}

static void
addresses_are_a_port_or_have_one(void **state)
{
	static const char *const wrong[] = {"", ":", "0", "65536", "x", "1x", "-1", "host:80",
		"[::1]", "::1:80", "[::1:80", "1.2.3:80", ":80", "99999999999999999999", "[]:80",
		"1111111111111111111111111111111111111111111111111111111:80"};
	struct top_address a;
	struct sockaddr_in v4;
	char reason[200];

	assert_int_equal(top_address_parse("9464", &a, reason, sizeof(reason)), 0);
	memcpy(&v4, &a.address, sizeof(v4));
	assert_int_equal(v4.sin_port, htons(9464));
	assert_int_equal(v4.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	assert_int_equal(top_address_parse("0.0.0.0:1", &a, reason, sizeof(reason)), 0);
	memcpy(&v4, &a.address, sizeof(v4));
	assert_int_equal(v4.sin_addr.s_addr, htonl(INADDR_ANY));
	assert_int_equal(top_address_parse("[::1]:80", &a, reason, sizeof(reason)), 0);
	assert_int_equal(a.address.ss_family, AF_INET6);
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (top_address_parse(wrong[i], &a, reason, sizeof(reason)) == 0)
			fail_msg("\"%s\" is taken", wrong[i]);
		assert_true(reason[0] != '\0');
	}
}

/* Find a port that is free. */
static struct top_address
free_address(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct top_address address = {.len = sizeof(any)};
	socklen_t len = sizeof(any);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&any, &len), 0);
	close(fd);
	port = any.sin_port;
	memcpy(&address.address, &any, sizeof(any));
	return address;
}

static void
start_http(void)
{
	struct top_address address = free_address();
	struct app_error err = {0};

	signal(SIGPIPE, SIG_IGN);
	if (top_http_start(&http, &address, &choice, &err) < 0)
		fail_msg("%s", err.text);
}

static int
client(const char *request)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = port};
	const struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	return fd;
}

/* Read all that comes until the end of the connection. */
static const char *
answer_to(int fd)
{
	static char all[65536];
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, all + len, sizeof(all) - 1 - len)) > 0)
		len += (size_t)n;
	assert_int_equal(n, 0);
	all[len] = '\0';
	close(fd);
	return all;
}

static int
sound(const char *question, char *answer)
{
	if (question[0] == '\0')
		return test_server_greet(answer);
	if (strcmp(question, "/tide/pools") == 0)
		return sprintf(answer, "{\"/tide/pools\":[\"rx\",\"rx\"]}");
	if (strcmp(question, "/tide/pool,rx") == 0)
		return sprintf(answer, "{\"/tide/pool\":{\"size\":5}}");
	return sprintf(answer, "{\"%.*s\":null}", (int)strcspn(question, ","), question);
}

static int
hangs(const char *question, char *answer)
{
	return question[0] == '\0' ? test_server_greet(answer) : TEST_SERVER_HANGS;
}

static void
start_program(test_server_answer answers)
{
	test_peer_start(answers);
	runs = true;
}

static const char get[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

static void
a_scrape_has_the_metrics_of_all_programs_once(void **state)
{
	const char *answer, *first;

	start_program(sound);
	start_http();
	answer = answer_to(client(get));
	assert_has(answer, "HTTP/1.1 200 ");
	assert_has(answer, "Content-Type: text/plain; version=0.0.4");
	assert_has(answer, "tide_process_up{program=\"test_top_export\",prefix=\"rte\"");
	first = strstr(answer, "\ntide_pool_size{");
	assert_non_null(first);
	assert_null(strstr(first + 1, "\ntide_pool_size{"));
	top_http_stop(&http);
}

static void
other_paths_and_methods_are_refused(void **state)
{
	const char *answer;

	start_http();
	assert_has(answer_to(client("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")), "HTTP/1.1 404 ");
	assert_has(answer_to(client("GET / HTTP/1.1\r\nHost: x\r\n\r\n")), "href=\"/metrics\"");
	assert_has(
		answer_to(client("DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n")), "HTTP/1.1 405 ");
	assert_has(answer_to(client(
			   "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nxx")),
		"HTTP/1.1 405 ");
	assert_has(answer_to(client("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nxx")),
		"HTTP/1.1 200 ");
	assert_has(answer_to(client("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")), "HTTP/1.1 200 ");
	assert_null(strstr(answer_to(client("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")), "href"));
	/* libmicrohttpd closes the connection, since version 1.0 without an answer. */
	answer = answer_to(client("\001\002 nonsense\r\n\r\n"));
	assert_true(answer[0] == '\0' || strncmp(answer, "HTTP/1.1 400 ", 13) == 0);
	assert_has(answer_to(client(get)), "\n# tide-top: no program with a telemetry socket runs");
	top_http_stop(&http);
}

static void
clients_that_are_slow_block_no_other(void **state)
{
	int silent[100], reader;
	uint64_t begin;

	start_program(sound);
	start_http();
	for (int i = 0; i < 100; i++)
		silent[i] = client(i % 2 == 0 ? "" : "GET /metr");
	assert_has(answer_to(client(get)), "tide_pool_size");
	/* This one asks and does not read. */
	reader = client(get);
	assert_has(answer_to(client(get)), "tide_pool_size");
	/* The time of all is over. */
	begin = app_now_ns();
	http.life_ns = 1;
	top_http_sweep(&http);
	for (int i = 0; i < 100; i++)
		answer_to(silent[i]);
	/* Sooner than idle connections end by themselves. */
	assert_true(app_now_ns() - begin < 3000000000);
	close(reader);
	top_http_stop(&http);
}

/* Each program has a pool, which is asked. */
static void
all_programs_of_a_prefix_are_scraped(void **state)
{
	pid_t second;

	start_program(sound);
	second = test_server_start(test_peer_path("rte", "dpdk_telemetry.v2:1"), sound);
	choice.prefix = "rte";
	top_export_collect(&choice, &export);
	assert_int_equal(export.nb, 2);
	for (int i = 0; i < 2; i++) {
		assert_true(export.programs[i].up);
		assert_int_equal(export.programs[i].sample.nb_pools, 1);
		/* The kernel and time() both drop parts of a second. */
		assert_true(export.programs[i].started > (double)time(NULL) - 60);
		assert_true(export.programs[i].started < (double)time(NULL) + 2);
	}
	assert_string_equal(export.note, "");
	top_export_fini(&export);
	test_server_end(second);
}

static void
collect_as_nobody(void)
{
	if (getuid() != 0) {
		printf("only root can become another user\n");
		_exit(77);
	}
	EXPECT(chmod(test_tree_root(), 0755) == 0);
	EXPECT(chmod(test_peer_path("rte", ""), 0755) == 0);
	EXPECT(chmod(test_peer_socket(), 0777) == 0);
	test_peer_path("closed", "");
	EXPECT(setresuid(65534, 65534, 65534) == 0);
	top_export_collect(&choice, &export);
	EXPECT(export.nb == 1);
	EXPECT(strcmp(export.note,
		       "1 telemetry sockets of other users are not asked: run tide-top as root") ==
		0);
	top_export_fini(&export);
}

static void
programs_of_other_users_are_in_a_comment(void **state)
{
	start_program(sound);
	test_in_child(collect_as_nobody);
}

/* Prometheus gives up after 10 seconds. */
static void
many_programs_that_hang_cost_no_more_than_one(void **state)
{
	pid_t pids[20];
	char prefix[20];
	uint64_t begin;
	int up = 0;

	start_program(sound);
	for (int i = 0; i < 20; i++) {
		snprintf(prefix, sizeof(prefix), "hangs_%d", i);
		pids[i] = test_server_start(test_peer_path(prefix, "dpdk_telemetry.v2"), hangs);
	}
	begin = app_now_ns();
	top_export_collect(&choice, &export);
	assert_true(app_now_ns() - begin < 6000000000);
	assert_int_equal(export.nb, 21);
	for (int i = 0; i < 21; i++)
		up += export.programs[i].up;
	assert_int_equal(up, 1);
	top_export_fini(&export);
	for (int i = 0; i < 20; i++)
		test_server_end(pids[i]);
}

/* More than may be connected. */
static void
no_crowd_of_slow_clients_keeps_a_scrape_out(void **state)
{
	uint64_t begin = app_now_ns();
	int slow[300], scrape;

	/* This one waits for its text meanwhile, and keeps its connection. */
	start_program(hangs);
	start_http();
	scrape = client(get);
	for (int i = 0; i < 300; i++)
		slow[i] = client("GET /metr");
	assert_has(answer_to(client("GET / HTTP/1.1\r\nHost: x\r\n\r\n")), "HTTP/1.1 200 ");
	/* Before slow clients end by themselves. */
	assert_true(app_now_ns() - begin < 4000000000);
	assert_has(answer_to(scrape), "\ntide_process_up{");
	for (int i = 0; i < 300; i++)
		close(slow[i]);
	top_http_stop(&http);
}

static FILE *
asked(const char *mode)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/asked", test_tree_root());
	return fopen(path, mode);
}

/* Notes each sample that it is asked for. */
static int
notes(const char *question, char *answer)
{
	if (strcmp(question, "/tide/pools") == 0) {
		FILE *f = asked("a");

		fputc('x', f);
		fclose(f);
		usleep(300000);
	}
	return sound(question, answer);
}

static size_t
times_asked(void)
{
	FILE *f = asked("r");
	char all[100];
	size_t len = fread(all, 1, sizeof(all), f);

	fclose(f);
	return len;
}

static void
programs_are_asked_once_a_second_at_most(void **state)
{
	uint64_t begin = app_now_ns();
	int first, second;
	size_t asked_first;
	bool in_time;

	start_program(notes);
	start_http();
	first = client(get);
	usleep(100000);
	second = client(get);
	assert_has(answer_to(first), "tide_pool_size");
	assert_has(answer_to(second), "tide_pool_size");
	assert_has(answer_to(client(get)), "tide_pool_size");
	/* The text is fresh for a second after the 0.3 seconds that it took, unless this machine was too busy. */
	in_time = app_now_ns() - begin < 1200000000;
	usleep(600000);
	asked_first = times_asked();
	assert_true(asked_first == 1 || !in_time);
	usleep(500000);
	assert_has(answer_to(client(get)), "tide_pool_size");
	assert_true(times_asked() > asked_first);
	top_http_stop(&http);
}

static void
many_scrapes_at_once_are_answered(void **state)
{
	int scrapes[200];

	start_program(sound);
	start_http();
	for (int i = 0; i < 200; i++)
		scrapes[i] = client(get);
	for (int i = 0; i < 200; i++)
		assert_has(answer_to(scrapes[i]), "tide_pool_size");
	top_http_stop(&http);
}

static void
a_program_that_hangs_delays_its_scrape_alone(void **state)
{
	uint64_t begin = app_now_ns();
	int scrape;

	start_program(hangs);
	start_http();
	scrape = client(get);
	usleep(100000);
	assert_has(answer_to(client("GET / HTTP/1.1\r\nHost: x\r\n\r\n")), "HTTP/1.1 200 ");
	assert_true(app_now_ns() - begin < 1500000000);
	assert_has(answer_to(scrape), "\ntide_process_up{program=\"test_top_export\"");
	assert_true(app_now_ns() - begin > 1500000000);
	top_http_stop(&http);
}

/* Both wait for one text, and the end does not wait for them. */
static void
the_exporter_ends_while_a_scrape_waits(void **state)
{
	int scrapes[2];

	start_program(hangs);
	start_http();
	scrapes[0] = client(get);
	scrapes[1] = client(get);
	usleep(100000);
	top_http_stop(&http);
	close(scrapes[0]);
	close(scrapes[1]);
}

static void
a_port_that_is_taken_is_an_error(void **state)
{
	struct top_address address;
	struct app_error err = {0};
	struct top_http second;

	start_http();
	address = (struct top_address){.len = sizeof(struct sockaddr_in)};
	memcpy(&address.address,
		&(struct sockaddr_in){.sin_family = AF_INET,
			.sin_addr = {htonl(INADDR_LOOPBACK)},
			.sin_port = port},
		sizeof(struct sockaddr_in));
	assert_int_equal(top_http_start(&second, &address, &choice, &err), -1);
	assert_has(err.text, "another program listens there");
	top_http_stop(&http);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(figures_of_a_metric_are_together_below_its_head),
		CASE(a_program_that_does_not_answer_is_down),
		CASE(ports_have_counters_and_no_rates),
		CASE(no_name_can_spoil_the_text),
		CASE(a_program_of_another_container_has_its_own_pid),
		CASE(what_is_missing_is_said_in_a_comment),
		CASE(addresses_are_a_port_or_have_one),
		CASE(a_scrape_has_the_metrics_of_all_programs_once),
		CASE(other_paths_and_methods_are_refused),
		CASE(clients_that_are_slow_block_no_other),
		CASE(all_programs_of_a_prefix_are_scraped),
		CASE(many_programs_that_hang_cost_no_more_than_one),
		CASE(no_crowd_of_slow_clients_keeps_a_scrape_out),
		CASE(programs_are_asked_once_a_second_at_most),
		CASE(programs_of_other_users_are_in_a_comment),
		CASE(many_scrapes_at_once_are_answered),
		CASE(a_program_that_hangs_delays_its_scrape_alone),
		CASE(the_exporter_ends_while_a_scrape_waits),
		CASE(a_port_that_is_taken_is_an_error),
	};

	return cmocka_run_group_tests_name("top_export", tests, NULL, NULL);
}
