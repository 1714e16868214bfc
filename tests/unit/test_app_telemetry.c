/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Running programs are found and asked, and one that misbehaves is an error, never a hang. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "monotonic.h"
#include "telemetry_client.h"
#include "telemetry_find.h"
#include "telemetry_json.h"
#include "telemetry_peer.h"
#include "tree.h"

/* A server that hangs costs a case this long. */
#define SHORT_MS 150

/* Answers as a sound program, and to some questions as no program should. */
static int
answer(const char *question, char *text)
{
	if (question[0] == '\0')
		return test_server_greet(text);
	if (strcmp(question, "/tide/pools") == 0)
		return sprintf(text, "{\"/tide/pools\":[\"a\",\"b\"]}");
	if (strcmp(question, "/tide/pool,a") == 0)
		return sprintf(text, "{\"/tide/pool\":{\"name\":\"a\",\"size\":7}}");
	if (strcmp(question, "/tide/pool,nul") == 0)
		return sprintf(text, "{\"/tide/pool\":{\"name\":\"nul\"}}") + 1;
	if (strcmp(question, "/tide/pool,bytes") == 0)
		return sprintf(text, "{\"/tide/pool\":{\"name\":\"\xff\xfe\"}}");
	if (strcmp(question, "/tide/pool,absent") == 0)
		return sprintf(
			text, "{\"/tide/pool\":{\"error\":\"no mempool is called absent\"}}");
	if (strcmp(question, "/tide/pool,error") == 0)
		return sprintf(text, "{\"/tide/pool\":{\"error\":\"a name\",\"size\":7}}");
	if (strcmp(question, "/hangs") == 0)
		return TEST_SERVER_HANGS;
	if (strcmp(question, "/ends") == 0)
		return TEST_SERVER_ENDS;
	if (strcmp(question, "/garbage") == 0)
		return sprintf(text, "\x01{{{");
	if (strcmp(question, "/array") == 0)
		return sprintf(text, "[1]");
	if (strcmp(question, "/other") == 0)
		return sprintf(text, "{\"/another\":1}");
	if (strcmp(question, "/long") == 0) {
		memset(text, ' ', TEST_SERVER_ROOM);
		return 16386;
	}
	if (strcmp(question, "/deep") == 0) {
		memset(text, '[', TEST_SERVER_ROOM);
		return 16384;
	}
	return sprintf(text, "{\"%.*s\":null}", (int)strcspn(question, ","), question);
}

static void
the_greeting_tells_version_and_process(void **state)
{
	struct app_telemetry *client = test_peer_client(answer);

	assert_non_null(client);
	assert_string_equal(app_telemetry_greeting(client)->version, "DPDK 22.11.11");
	assert_int_equal(app_telemetry_greeting(client)->pid, test_peer_pid());
	assert_int_equal(app_telemetry_greeting(client)->max_output, 16384);
	test_peer_end(client);
}

static void
an_answer_comes_without_the_command_around_it(void **state)
{
	struct app_telemetry *client = test_peer_client(answer);
	json_t *json = NULL;

	assert_int_equal(app_telemetry_ask(client, "/tide/pools", NULL, 1000, &json, &test_error),
		APP_TELEMETRY_ANSWERED);
	assert_int_equal(json_array_size(json), 2);
	json_decref(json);
	assert_int_equal(app_telemetry_ask(client, "/tide/pool", "a", 1000, &json, &test_error),
		APP_TELEMETRY_ANSWERED);
	assert_int_equal(json_integer_value(json_object_get(json, "size")), 7);
	json_decref(json);
	assert_int_equal(app_telemetry_ask(client, "/tide/pool", "nul", 1000, &json, &test_error),
		APP_TELEMETRY_ANSWERED);
	json_decref(json);
	assert_int_equal(app_telemetry_ask(client, "/tide/pool", "bytes", 1000, &json, &test_error),
		APP_TELEMETRY_ANSWERED);
	assert_string_equal(json_string_value(json_object_get(json, "name")), "??");
	json_decref(json);
	assert_int_equal(app_telemetry_ask(client, "/tide/pool", "error", 1000, &json, &test_error),
		APP_TELEMETRY_ANSWERED);
	json_decref(json);
	test_peer_end(client);
}

/* A driver's counter that wrapped below 0 is 2^64 less a little; jansson has no whole number of that size. */
static int
counts(const char *question, char *text)
{
	if (strcmp(question, "/ethdev/stats,0") == 0)
		return sprintf(text,
			"{\"/ethdev/stats\":{\"ipackets\":9007199254740991,"
			"\"imissed\":18446744073709549568,\"node\":-1,\"n\xff\":[7,0.5,-1e300],"
			"\"most\":18446744073709551615}}");
	if (strcmp(question, "/none") == 0)
		return sprintf(text, "{\"/none\":1e999}");
	return answer(question, text);
}

static void
a_number_above_2_to_the_63_spoils_no_other(void **state)
{
	struct app_telemetry *client = test_peer_client(counts);
	json_t *json = NULL, *list;
	uint64_t count = 5;

	assert_int_equal(app_telemetry_ask(client, "/ethdev/stats", "0", 1000, &json, &test_error),
		APP_TELEMETRY_ANSWERED);
	assert_true(app_telemetry_count(json_object_get(json, "ipackets"), &count));
	assert_int_equal(count, 9007199254740991);
	assert_true(app_telemetry_count(json_object_get(json, "imissed"), &count));
	assert_true(count == UINT64_C(18446744073709549568));
	assert_false(app_telemetry_count(json_object_get(json, "node"), &count));
	assert_int_equal(json_integer_value(json_object_get(json, "node")), -1);
	list = json_object_get(json, "n?");
	assert_int_equal(json_integer_value(json_array_get(list, 0)), 7);
	assert_false(app_telemetry_count(json_array_get(list, 1), &count));
	assert_true(json_is_real(json_array_get(list, 2)));
	/* As a real number it is 2^64. */
	assert_false(app_telemetry_count(json_object_get(json, "most"), &count));
	assert_false(app_telemetry_count(list, &count));
	assert_false(app_telemetry_count(NULL, &count));
	assert_true(count == UINT64_C(18446744073709549568));
	json_decref(json);
	assert_int_equal(app_telemetry_ask(client, "/none", NULL, 1000, &json, &test_error),
		APP_TELEMETRY_LOST);
	test_peer_end(client);
}

static void
a_limit_is_for_all_questions_together(void **state)
{
	struct app_telemetry *client = test_peer_client(answer);
	uint64_t begin = app_now_ns();
	json_t *json = NULL;

	app_telemetry_limit(client, SHORT_MS);
	assert_int_equal(app_telemetry_ask(client, "/tide/pools", NULL, 1000, &json, &test_error),
		APP_TELEMETRY_ANSWERED);
	json_decref(json);
	app_telemetry_limit(client, 0);
	usleep(SHORT_MS * 1000);
	assert_int_equal(app_telemetry_ask(client, "/tide/pools", NULL, 1000, &json, &test_error),
		APP_TELEMETRY_ANSWERED);
	json_decref(json);
	app_telemetry_limit(client, SHORT_MS);
	assert_int_equal(app_telemetry_ask(client, "/hangs", NULL, 10000, &json, &test_error),
		APP_TELEMETRY_LOST);
	assert_true(app_now_ns() - begin < UINT64_C(20) * SHORT_MS * 1000000);
	test_peer_end(client);
}

static int
refuse_wildly(const char *question, char *text)
{
	return question[0] == '\0'
	               ? test_server_greet(text)
	               : sprintf(text, "{\"/tide/pools\":{\"error\":\"\\u001b[2J\\u009b2J\\n "
				       "\\u00e4 \\u20ac\\u007f\"}}");
}

static void
no_answer_controls_the_terminal_by_an_error(void **state)
{
	struct app_telemetry *client = test_peer_client(refuse_wildly);
	json_t *json = NULL;

	assert_int_equal(app_telemetry_ask(client, "/tide/pools", NULL, 1000, &json, &test_error),
		APP_TELEMETRY_REFUSED);
	assert_string_equal(test_error.text, "?[2J??2J? \u00e4 \u20ac?");
	/* A character that is cut is none. */
	app_fail(&test_error, APP_EXIT_RUN, "%.2s|%s", "\u20ac", "\x80");
	assert_string_equal(test_error.text, "??|?");
	test_peer_end(client);
}

static void
a_refusal_and_a_missing_command_leave_the_client_usable(void **state)
{
	struct app_telemetry *client = test_peer_client(answer);
	char longest[2000];
	json_t *json = NULL;

	assert_int_equal(
		app_telemetry_ask(client, "/tide/pool", "absent", 1000, &json, &test_error),
		APP_TELEMETRY_REFUSED);
	assert_string_equal(test_error.text, "no mempool is called absent");
	assert_int_equal(app_telemetry_ask(client, "/tide/audit", NULL, 1000, &json, &test_error),
		APP_TELEMETRY_UNKNOWN);
	assert_non_null(strstr(test_error.text, "-d librte_mempool_tide.so"));
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(app_telemetry_ask(client, "/tide/pool", longest, 1000, &json, &test_error),
		APP_TELEMETRY_REFUSED);
	assert_non_null(strstr(test_error.text, "1023 bytes at most"));
	assert_null(json);
	assert_int_equal(app_telemetry_ask(client, "/tide/pools", NULL, 1000, &json, &test_error),
		APP_TELEMETRY_ANSWERED);
	json_decref(json);
	test_peer_end(client);
}

static void
an_answer_that_is_not_sound_ends_the_connection(void **state)
{
	const struct {
		const char *question, *says;
	} cases[] = {
		{"/hangs", "does not answer"},
		{"/ends", "closed the connection"},
		{"/garbage", "no JSON object"},
		{"/array", "no JSON object"},
		{"/deep", "no JSON object"},
		{"/other", "another question"},
		{"/long", "16386 bytes, where 16385 are the most"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct app_telemetry *client = test_peer_client(answer);
		uint64_t begin = app_now_ns();
		json_t *json = NULL;

		assert_non_null(client);
		assert_int_equal(app_telemetry_ask(client, cases[i].question, NULL, SHORT_MS, &json,
					 &test_error),
			APP_TELEMETRY_LOST);
		if (strstr(test_error.text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].question, test_error.text);
		assert_int_equal(app_telemetry_ask(
					 client, "/tide/pools", NULL, SHORT_MS, &json, &test_error),
			APP_TELEMETRY_LOST);
		assert_null(json);
		assert_true(app_now_ns() - begin < UINT64_C(10) * SHORT_MS * 1000000);
		test_peer_end(client);
	}
}

static int
greet_never(const char *question, char *text)
{
	return TEST_SERVER_HANGS;
}

static int
greet_nobody(const char *question, char *text)
{
	return TEST_SERVER_ENDS;
}

static int
greet_wrongly(const char *question, char *text)
{
	return sprintf(text, "{\"version\":\"DPDK\",\"max_output_len\":\"many\"}");
}

static int
greet_with_nothing(const char *question, char *text)
{
	return sprintf(text, "{\"version\":\"DPDK\",\"pid\":1,\"max_output_len\":0}");
}

/* Such a length is not allocated. */
static int
greet_hugely(const char *question, char *text)
{
	return sprintf(
		text, "{\"version\":\"DPDK\",\"pid\":1,\"max_output_len\":9223372036854775807}");
}

static int
greet_at_length(const char *question, char *text)
{
	memset(text, '{', 2000);
	return 2000;
}

static void
a_greeting_that_is_not_sound_is_an_error(void **state)
{
	const struct {
		test_server_answer answers;
		const char *says;
	} cases[] = {
		{greet_never, "does not answer"},
		{greet_nobody, "closed the connection"},
		{greet_wrongly, "no max_output_len"},
		{greet_with_nothing, "no max_output_len"},
		{greet_at_length, "2000 bytes"},
	};
	struct app_telemetry *client;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(test_peer_client(cases[i].answers));
		if (strstr(test_error.text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].says, test_error.text);
		test_peer_end(NULL);
	}
	client = test_peer_client(greet_hugely);
	assert_non_null(client);
	test_peer_end(client);
}

static void
a_program_that_accepts_no_more_clients_is_an_error(void **state)
{
	struct app_telemetry *client = NULL;
	int tries = 0;

	test_peer_start(greet_never);
	/* The first is accepted; then the backlog fills. */
	for (; tries < 5; tries++) {
		client = app_telemetry_connect(test_peer_socket(), SHORT_MS, &test_error);
		assert_null(client);
	}
	assert_non_null(strstr(test_error.text, "accepts no client"));
	test_peer_end(NULL);
	assert_null(app_telemetry_connect(test_peer_socket(), SHORT_MS, &test_error));
	assert_non_null(strstr(test_error.text, "has ended"));
}

static void
a_path_that_is_no_telemetry_socket_is_named_in_the_error(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char longest[1100];
	int stream;

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(app_telemetry_connect(longest, SHORT_MS, &test_error));
	assert_non_null(strstr(test_error.text, "longer than 107 bytes"));
	assert_null(app_telemetry_connect("/absent/socket", SHORT_MS, &test_error));
	assert_string_equal(test_error.text, "/absent/socket: there is no such socket");
	assert_null(app_telemetry_connect(test_tree_root(), SHORT_MS, &test_error));
	assert_non_null(strstr(test_error.text, test_tree_root()));
	stream = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(address.sun_path, test_peer_path("rte", "stream"));
	assert_int_equal(bind(stream, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(stream, 1), 0);
	assert_null(app_telemetry_connect(address.sun_path, SHORT_MS, &test_error));
	assert_non_null(strstr(test_error.text, "not one of telemetry"));
	close(stream);
}

static struct app_telemetry_choice
any(void)
{
	return (struct app_telemetry_choice){.directory = test_tree_root()};
}

static void
the_only_program_is_found(void **state)
{
	struct app_telemetry_choice choice = any();
	struct app_telemetry_peer peer;

	test_tree_write("old/dpdk_telemetry.v2", "a file, and no program listens");
	test_peer_start(answer);
	assert_int_equal(app_telemetry_find(&choice, &peer, &test_error), 0);
	assert_int_equal(peer.pid, test_peer_pid());
	assert_string_equal(peer.prefix, "rte");
	assert_string_equal(peer.program, "test_app_telemetry");
	assert_string_equal(peer.path, test_peer_socket());
	choice.socket = test_peer_socket();
	assert_int_equal(app_telemetry_find(&choice, &peer, &test_error), 0);
	assert_int_equal(peer.pid, test_peer_pid());
	assert_string_equal(peer.prefix, "rte");
	test_peer_end(NULL);
}

static void
several_programs_are_listed_and_one_is_chosen(void **state)
{
	struct app_telemetry_choice choice = any();
	struct app_telemetry_peer peer;
	char expected[100];
	pid_t second;

	test_peer_start(answer);
	second = test_server_start(test_peer_path("other", "tide_telemetry.77"), answer);
	assert_int_equal(app_telemetry_find(&choice, &peer, &test_error), -1);
	assert_int_equal(test_error.code, APP_EXIT_USAGE);
	snprintf(expected, sizeof(expected), "pid %d test_app_telemetry (prefix other)",
		(int)second);
	assert_non_null(strstr(test_error.text, "2 programs match"));
	assert_non_null(strstr(test_error.text, expected));
	choice.pid = second;
	assert_int_equal(app_telemetry_find(&choice, &peer, &test_error), 0);
	assert_string_equal(peer.prefix, "other");
	choice = any();
	choice.prefix = "rte";
	assert_int_equal(app_telemetry_find(&choice, &peer, &test_error), 0);
	assert_int_equal(peer.pid, test_peer_pid());
	choice.prefix = "absent";
	assert_int_equal(app_telemetry_find(&choice, &peer, &test_error), -1);
	assert_int_equal(test_error.code, APP_EXIT_RUN);
	assert_non_null(strstr(test_error.text, "file prefix absent"));
	assert_non_null(strstr(test_error.text, expected));
	test_peer_end(NULL);
	test_server_end(second);
}

/* One process listens on both sockets. */
static void
a_program_with_both_sockets_is_one_program(void **state)
{
	struct app_telemetry_choice choice = any();
	struct app_telemetry_peer peer;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int both[2];

	for (int i = 0; i < 2; i++) {
		strcpy(address.sun_path,
			test_peer_path("rte", i == 1 ? "dpdk_telemetry.v2" : "tide_telemetry.5"));
		both[i] = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		assert_int_equal(bind(both[i], (struct sockaddr *)&address, sizeof(address)), 0);
		assert_int_equal(listen(both[i], 1), 0);
	}
	assert_int_equal(app_telemetry_find(&choice, &peer, &test_error), 0);
	assert_int_equal(peer.pid, getpid());
	assert_non_null(strstr(peer.path, "/dpdk_telemetry.v2"));
	close(both[0]);
	close(both[1]);
}

static void
the_absence_of_programs_is_explained(void **state)
{
	struct app_telemetry_choice choice = any();
	struct app_telemetry_peer peer;

	assert_int_equal(app_telemetry_find(&choice, &peer, &test_error), -1);
	assert_non_null(strstr(test_error.text, "no program with a telemetry socket runs below"));
	assert_non_null(strstr(test_error.text, test_tree_root()));
	choice.directory = "/absent/dpdk";
	assert_int_equal(app_telemetry_find(&choice, &peer, &test_error), -1);
	assert_non_null(strstr(test_error.text, "/absent/dpdk"));
	choice.pid = 4194305; /* Above the most that Linux gives. */
	assert_int_equal(app_telemetry_find(&choice, &peer, &test_error), -1);
	assert_non_null(strstr(test_error.text, "no process with PID 4194305 runs"));
	choice.pid = getpid();
	assert_int_equal(app_telemetry_find(&choice, &peer, &test_error), -1);
	assert_non_null(strstr(test_error.text, "has no telemetry socket"));
}

/* A long list of programs fits into the error. */
static void
many_programs_are_listed_as_far_as_there_is_room(void **state)
{
	struct app_telemetry_choice choice = any();
	struct app_telemetry_peer peer;
	pid_t pids[30];
	char prefix[100];

	for (int i = 0; i < 30; i++) {
		snprintf(prefix, sizeof(prefix), "prefix_of_a_program_number_%d", i);
		pids[i] = test_server_start(test_peer_path(prefix, "dpdk_telemetry.v2"), answer);
	}
	assert_int_equal(app_telemetry_find(&choice, &peer, &test_error), -1);
	assert_non_null(strstr(test_error.text, "30 programs match"));
	assert_non_null(strstr(test_error.text, "more; choose one by"));
	for (int i = 0; i < 30; i++)
		test_server_end(pids[i]);
}

/* All are waited for together. */
static void
many_programs_that_hang_are_listed_soon(void **state)
{
	struct app_telemetry_peer *peers;
	uint64_t begin;
	unsigned int hidden;
	char prefix[20];
	pid_t pids[30];
	int nb;

	for (int i = 0; i < 30; i++) {
		snprintf(prefix, sizeof(prefix), "hangs_%d", i);
		pids[i] =
			test_server_start(test_peer_path(prefix, "dpdk_telemetry.v2"), greet_never);
	}
	begin = app_now_ns();
	nb = app_telemetry_list(test_tree_root(), &peers, &hidden, &test_error);
	assert_int_equal(nb, 30);
	assert_true(app_now_ns() - begin < 2000000000);
	free(peers);
	/* By now some accept no more. */
	for (int i = 0; i < 3; i++) {
		nb = app_telemetry_list(test_tree_root(), &peers, &hidden, &test_error);
		assert_int_equal(nb, 30);
		free(peers);
	}
	assert_true(app_now_ns() - begin < 6000000000);
	for (int i = 0; i < 30; i++)
		test_server_end(pids[i]);
}

static void
all_programs_of_a_choice_are_matched(void **state)
{
	struct app_telemetry_choice choice = any();
	struct app_telemetry_peer *peers;
	unsigned int hidden;
	pid_t second;

	choice.prefix = "rte";
	assert_int_equal(app_telemetry_matching(&choice, &peers, &hidden, &test_error), 0);
	free(peers);
	assert_non_null(strstr(test_error.text, "no program with the file prefix rte"));
	test_peer_start(answer);
	second = test_server_start(test_peer_path("rte", "dpdk_telemetry.v2:1"), answer);
	assert_int_equal(app_telemetry_matching(&choice, &peers, &hidden, &test_error), 2);
	assert_int_equal(peers[0].own_pid, peers[0].pid);
	assert_true(peers[0].pid < peers[1].pid);
	free(peers);
	choice = any();
	choice.socket = test_peer_path("rte", "absent");
	assert_int_equal(app_telemetry_matching(&choice, &peers, &hidden, &test_error), 0);
	assert_non_null(strstr(test_error.text, "there is no such socket"));
	free(peers);
	test_server_end(second);
	test_peer_end(NULL);
	/* A program that hangs is one. */
	test_peer_start(greet_never);
	choice.socket = test_peer_socket();
	for (int i = 0; i < 4; i++) {
		assert_int_equal(app_telemetry_matching(&choice, &peers, &hidden, &test_error), 1);
		assert_string_equal(peers[0].prefix, "rte");
		free(peers);
	}
	test_peer_end(NULL);
}

/* A program tells the PID of its own namespace. */
static int
greet_as_7(const char *question, char *text)
{
	return sprintf(text, "{\"version\":\"DPDK\",\"pid\":7,\"max_output_len\":16384}");
}

static void
list_from_another_namespace(void)
{
	struct app_telemetry_peer *peers;
	unsigned int hidden;

	EXPECT(app_telemetry_list(test_tree_root(), &peers, &hidden, &test_error) == 2);
	EXPECT(strcmp(peers[0].prefix, "other") == 0);
	EXPECT(strcmp(peers[1].prefix, "rte") == 0);
	/* The socket of DPDK goes before that of tidepool. */
	EXPECT(strstr(peers[1].path, "dpdk_telemetry.v2") != NULL);
	EXPECT(peers[1].pid == 0 && peers[1].own_pid == 7);
	free(peers);
}

static void
enter_another_namespace(void)
{
	int status;
	pid_t child;

	if (unshare(CLONE_NEWPID) < 0) {
		printf("no PID namespace: %s\n", strerror(errno));
		_exit(77);
	}
	child = fork();
	if (child == 0) {
		list_from_another_namespace();
		_exit(0);
	}
	EXPECT(child > 0 && waitpid(child, &status, 0) == child);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* From another container, such as a sidecar, each program has PID 0. */
static void
programs_of_another_container_are_told_apart(void **state)
{
	pid_t pids[3];

	pids[0] = test_server_start(test_peer_path("rte", "dpdk_telemetry.v2"), greet_as_7);
	pids[1] = test_server_start(test_peer_path("rte", "tide_telemetry.7"), greet_as_7);
	pids[2] = test_server_start(test_peer_path("other", "dpdk_telemetry.v2"), greet_as_7);
	test_in_child(enter_another_namespace);
	for (int i = 0; i < 3; i++)
		test_server_end(pids[i]);
}

static int busy;

static void *
accept_soon(void *arg)
{
	usleep(50000);
	for (int i = 0; i < 3; i++)
		accept(busy, NULL, NULL);
	return NULL;
}

/* Its backlog is full for a moment. */
static void
a_program_that_is_busy_is_waited_for(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct app_telemetry_peer *peers;
	int clients[2];
	unsigned int hidden;
	pthread_t thread;

	strcpy(address.sun_path, test_peer_socket());
	busy = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert_int_equal(bind(busy, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(busy, 1), 0);
	for (int i = 0; i < 2; i++) {
		clients[i] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
		assert_int_equal(
			connect(clients[i], (struct sockaddr *)&address, sizeof(address)), 0);
	}
	assert_int_equal(pthread_create(&thread, NULL, accept_soon, NULL), 0);
	assert_int_equal(app_telemetry_list(test_tree_root(), &peers, &hidden, &test_error), 1);
	assert_int_equal(peers[0].pid, getpid());
	pthread_join(thread, NULL);
	free(peers);
	close(clients[0]);
	close(clients[1]);
	close(busy);
}

/* A user who may enter neither a directory nor a socket. */
static void
look_as_nobody(void)
{
	struct app_telemetry_choice choice = any();
	struct app_telemetry_peer peer;

	if (getuid() != 0) {
		printf("only root can become another user\n");
		_exit(77);
	}
	EXPECT(chmod(test_tree_root(), 0755) == 0);
	EXPECT(chmod(test_peer_socket(), 0700) == 0);
	EXPECT(chmod(test_peer_path("rte", ""), 0755) == 0);
	test_peer_path("closed", "");
	EXPECT(setresuid(65534, 65534, 65534) == 0);
	EXPECT(app_telemetry_find(&choice, &peer, &test_error) < 0);
	EXPECT(strstr(test_error.text, "; 2 of other users are there: try as root") != NULL);
	/* Users have directories of their own. */
	choice.directory = NULL;
	unsetenv("RUNTIME_DIRECTORY");
	setenv("XDG_RUNTIME_DIR", "/absent", 1);
	EXPECT(app_telemetry_find(&choice, &peer, &test_error) < 0);
	EXPECT(strstr(test_error.text,
		       "below /absent/dpdk; those of root are elsewhere: try as root") != NULL);
	choice.directory = test_peer_path("closed", "");
	EXPECT(app_telemetry_find(&choice, &peer, &test_error) < 0);
	EXPECT(strstr(test_error.text, "Permission denied; try as root") != NULL);
}

static void
programs_of_other_users_are_counted(void **state)
{
	test_peer_start(answer);
	test_in_child(look_as_nobody);
	test_peer_end(NULL);
}

static void
programs_are_searched_where_dpdk_puts_them(void **state)
{
	char path[PATH_MAX], small[10];

	unsetenv("RUNTIME_DIRECTORY");
	setenv("XDG_RUNTIME_DIR", "/run/user/5", 1);
	assert_int_equal(app_telemetry_directory(path, sizeof(path), &test_error), 0);
	assert_string_equal(path, getuid() == 0 ? "/var/run/dpdk" : "/run/user/5/dpdk");
	setenv("RUNTIME_DIRECTORY", "/run/service", 1);
	assert_int_equal(app_telemetry_directory(path, sizeof(path), &test_error), 0);
	assert_string_equal(path, "/run/service/dpdk");
	assert_int_equal(app_telemetry_directory(small, sizeof(small), &test_error), -1);
	assert_non_null(strstr(test_error.text, "17 bytes, 9 are the most"));
	unsetenv("RUNTIME_DIRECTORY");
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, test_peer_set_up, test_peer_tear_down)
	const struct CMUnitTest tests[] = {
		CASE(the_greeting_tells_version_and_process),
		CASE(an_answer_comes_without_the_command_around_it),
		CASE(a_number_above_2_to_the_63_spoils_no_other),
		CASE(a_limit_is_for_all_questions_together),
		CASE(no_answer_controls_the_terminal_by_an_error),
		CASE(a_refusal_and_a_missing_command_leave_the_client_usable),
		CASE(an_answer_that_is_not_sound_ends_the_connection),
		CASE(a_greeting_that_is_not_sound_is_an_error),
		CASE(a_program_that_accepts_no_more_clients_is_an_error),
		CASE(a_path_that_is_no_telemetry_socket_is_named_in_the_error),
		CASE(the_only_program_is_found),
		CASE(several_programs_are_listed_and_one_is_chosen),
		CASE(a_program_with_both_sockets_is_one_program),
		CASE(the_absence_of_programs_is_explained),
		CASE(many_programs_are_listed_as_far_as_there_is_room),
		CASE(many_programs_that_hang_are_listed_soon),
		CASE(all_programs_of_a_choice_are_matched),
		CASE(a_program_that_is_busy_is_waited_for),
		CASE(programs_of_other_users_are_counted),
		CASE(programs_are_searched_where_dpdk_puts_them),
		CASE(programs_of_another_container_are_told_apart),
	};

	return cmocka_run_group_tests_name("app_telemetry", tests, NULL, NULL);
}
