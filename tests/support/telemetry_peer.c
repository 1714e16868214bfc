/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Starts one telemetry server, and connects to it. */

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "telemetry_peer.h"
#include "tree.h"

struct app_error test_error;

static pid_t server;

int
test_peer_set_up(void **state)
{
	test_tree_make();
	test_error = (struct app_error){0};
	return 0;
}

int
test_peer_tear_down(void **state)
{
	test_tree_free();
	return 0;
}

const char *
test_peer_path(const char *prefix, const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", test_tree_root(), prefix);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/%s", test_tree_root(), prefix, name);
	return path;
}

const char *
test_peer_socket(void)
{
	return test_peer_path("rte", "dpdk_telemetry.v2");
}

void
test_peer_start(test_server_answer answers)
{
	const char *path = test_peer_socket();

	unlink(path);
	server = test_server_start(path, answers);
}

pid_t
test_peer_pid(void)
{
	return server;
}

struct app_telemetry *
test_peer_client(test_server_answer answers)
{
	test_peer_start(answers);
	return app_telemetry_connect(test_peer_socket(), 1000, &test_error);
}

void
test_peer_end(struct app_telemetry *client)
{
	app_telemetry_close(client);
	test_server_end(server);
}
