/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* A telemetry server for tests: it serves one client after the other. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "telemetry_server.h"

/* DPDK complains in the log of its program about a client that is gone by now, so no client may be. */
static void
say(int client, const char *question, test_server_answer answer)
{
	static char text[TEST_SERVER_ROOM];
	int len = answer(question, text);

	if (len == TEST_SERVER_ENDS)
		_exit(0);
	while (len == TEST_SERVER_HANGS)
		pause();
	if (send(client, text, (size_t)len, MSG_NOSIGNAL) != len)
		_exit(1);
}

static void
serve(int client, test_server_answer answer)
{
	char question[2048];
	ssize_t len;

	say(client, "", answer);
	while ((len = recv(client, question, sizeof(question) - 1, 0)) > 0) {
		question[len] = '\0';
		say(client, question, answer);
	}
	close(client);
}

pid_t
test_server_start(const char *path, test_server_answer answer)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int ready[2], listener, client;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0) {
		close(ready[1]);
		assert_int_equal(read(ready[0], &byte, 1), 1);
		close(ready[0]);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(listener, 1) < 0 || write(ready[1], "", 1) != 1)
		_exit(1);
	while ((client = accept(listener, NULL, NULL)) >= 0)
		serve(client, answer);
	_exit(1);
}

void
test_server_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int
test_server_greet(char *answer)
{
	return sprintf(answer,
		"{\"version\":\"DPDK 22.11.11\",\"pid\":%d,\"max_output_len\":16384}",
		(int)getpid());
}
