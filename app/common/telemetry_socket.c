/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Connects to a telemetry socket, and waits on it, for a limited time. */

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "monotonic.h"
#include "telemetry_json.h"
#include "telemetry_socket.h"

#define RETRY_NS 5000000

/* DPDK listens with a backlog of one client; while it is full, a socket that never blocks gets EAGAIN. */
static int
connect_until(int fd, const struct sockaddr_un *address, uint64_t until_ns)
{
	const struct timespec pause = {.tv_nsec = RETRY_NS};

	while (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		if (app_now_ns() >= until_ns)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int
app_telemetry_socket(const char *path, uint64_t until_ns, pid_t *pid)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer = {.pid = 0};
	socklen_t len = sizeof(peer);
	int fd, rc;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	rc = connect_until(fd, &address, until_ns);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	*pid = peer.pid;
	return fd;
}

int
app_telemetry_wait(int fd, short events, uint64_t until_ns)
{
	for (;;) {
		struct pollfd wanted = {.fd = fd, .events = events};
		uint64_t now = app_now_ns(), left = now < until_ns ? until_ns - now : 0;
		/* Rounded up: a wait of 0 ms would spin during the last millisecond. */
		int rc = poll(&wanted, 1, (int)((left + 999999) / 1000000));

		if (rc > 0)
			return 0;
		if (rc == 0 && left == 0)
			return -ETIMEDOUT;
		if (rc < 0 && errno != EINTR)
			return -errno;
	}
}

pid_t
app_telemetry_leave(int fd, uint64_t until_ns)
{
	char greeting[APP_TELEMETRY_GREETING_LEN];
	json_t *json = NULL;
	uint64_t pid = 0;
	ssize_t len = 0;

	if (app_telemetry_wait(fd, POLLIN, until_ns) == 0)
		len = recv(fd, greeting, sizeof(greeting), 0);
	if (len > 0)
		json = app_telemetry_decode(greeting, (size_t)len);
	app_telemetry_count(json_object_get(json, "pid"), &pid);
	json_decref(json);
	close(fd);
	return pid <= INT_MAX ? (pid_t)pid : 0;
}

const char *
app_telemetry_refusal(int error)
{
	switch (error) {
	case ENOENT:
		return "there is no such socket";
	case ECONNREFUSED:
		return "no program listens there; the one that did has ended";
	case EACCES:
	case EPERM:
		return "the program belongs to another user; run this as that user or as root";
	case EPROTOTYPE:
		return "this is a socket, but not one of telemetry";
	case ETIMEDOUT:
		return "the program accepts no client; it is stopped or hangs";
	case ENAMETOOLONG:
		return "the path is longer than 107 bytes, so no socket has it";
	default:
		return strerror(error);
	}
}
