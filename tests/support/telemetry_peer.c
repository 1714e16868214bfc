/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Starts one telemetry server, and connects to it. */

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "telemetry_peer.h"
#include "tree.h"

static pid_t server;

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
test_peer_client(test_server_answer answers, struct app_error *err)
{
	test_peer_start(answers);
	return app_telemetry_connect(test_peer_socket(), 1000, err);
}

void
test_peer_end(struct app_telemetry *client)
{
	app_telemetry_close(client);
	test_server_end(server);
}
