/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Lists the telemetry sockets on which a program listens. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "telemetry_find.h"
#include "telemetry_socket.h"

/* A stopped program accepts a client or two; after these its socket blocks. */
#define CONNECT_NS UINT64_C(200000000)

static const char dpdk_name[] = "dpdk_telemetry.v2", tide_name[] = "tide_telemetry.";

struct list {
	struct app_telemetry_peer *peers;
	int nb;
	unsigned int hidden;
};

static bool
begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool
is_tide(const struct app_telemetry_peer *peer)
{
	return begins(strrchr(peer->path, '/') + 1, tide_name);
}

/* Read the first argument of a process, without its directory. */
static void
read_program(struct app_telemetry_peer *peer)
{
	char path[32], text[4096];
	const char *name;
	ssize_t len = -1;
	int fd;

	strcpy(peer->program, "?");
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)peer->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	if (len <= 0)
		return;
	text[len] = '\0';
	name = strrchr(text, '/') != NULL ? strrchr(text, '/') + 1 : text;
	if (name[0] != '\0')
		snprintf(peer->program, sizeof(peer->program), "%.*s",
			(int)sizeof(peer->program) - 1, name);
}

void
app_telemetry_describe(struct app_telemetry_peer *peer)
{
	const char *file = strrchr(peer->path, '/'), *start = file;

	peer->prefix[0] = '\0';
	if (file != NULL) {
		while (start > peer->path && start[-1] != '/')
			start--;
		snprintf(peer->prefix, sizeof(peer->prefix), "%.*s", (int)(file - start), start);
	}
	read_program(peer);
}

static int
add(struct list *list, const struct app_telemetry_peer *peer)
{
	struct app_telemetry_peer *more =
		realloc(list->peers, ((size_t)list->nb + 1) * sizeof(*more));

	if (more == NULL)
		return -1;
	list->peers = more;
	more[list->nb++] = *peer;
	return 0;
}

/* Add the socket of one file, if a program listens there. -1: out of memory. */
static int
try_socket(struct list *list, const char *directory, const char *prefix, const char *name)
{
	struct app_telemetry_peer peer = {.pid = 0};
	uint64_t until_ns = app_now_ns() + CONNECT_NS;
	int fd, len;

	if (!begins(name, dpdk_name) && !begins(name, tide_name))
		return 0;
	len = snprintf(peer.path, sizeof(peer.path), "%s/%s/%s", directory, prefix, name);
	if (len < 0 || (size_t)len >= sizeof(peer.path))
		return 0;
	fd = app_telemetry_socket(peer.path, until_ns, &peer.pid);
	if (fd == -EACCES || fd == -EPERM)
		list->hidden++;
	if (fd < 0 && fd != -ETIMEDOUT)
		return 0;
	if (fd >= 0)
		app_telemetry_leave(fd, until_ns);
	app_telemetry_describe(&peer);
	return add(list, &peer);
}

static int
try_prefix(struct list *list, const char *directory, const char *prefix)
{
	char path[APP_TELEMETRY_PATH_LEN];
	struct dirent *entry;
	int len, rc = 0;
	DIR *dir;

	/* The path of a socket is no longer than that. */
	len = snprintf(path, sizeof(path), "%s/%s", directory, prefix);
	if (len < 0 || (size_t)len >= sizeof(path))
		return 0;
	dir = opendir(path);
	if (dir == NULL) {
		list->hidden += errno == EACCES;
		return 0;
	}
	while (rc == 0 && (entry = readdir(dir)) != NULL)
		rc = try_socket(list, directory, prefix, entry->d_name);
	closedir(dir);
	return rc;
}

static int
by_pid(const void *a, const void *b)
{
	const struct app_telemetry_peer *p = a, *q = b;

	if (p->pid != q->pid)
		return p->pid < q->pid ? -1 : 1;
	if (is_tide(p) != is_tide(q))
		return is_tide(p) ? 1 : -1;
	return strcmp(p->path, q->path);
}

/* Keep one socket of each process, the first by the order of by_pid(). */
static void
drop_second_sockets(struct list *list)
{
	int kept = 0;

	for (int i = 0; i < list->nb; i++) {
		const struct app_telemetry_peer *peer = &list->peers[i];

		if (kept == 0 || peer->pid == 0 || peer->pid != list->peers[kept - 1].pid)
			list->peers[kept++] = *peer;
	}
	list->nb = kept;
}

int
app_telemetry_directory(char *path, size_t len, struct app_error *err)
{
	/* EAL takes the first of these; systemd sets the first one. */
	const char *base = getenv("RUNTIME_DIRECTORY");
	int n;

	if (base == NULL)
		base = getuid() == 0 ? "/var/run" : getenv("XDG_RUNTIME_DIR");
	if (base == NULL)
		base = "/tmp";
	n = snprintf(path, len, "%s/dpdk", base);
	if (n < 0 || (size_t)n >= len)
		return app_fail(err, APP_EXIT_RUN,
			"the run-time directory has %d bytes, %zu are "
			"the most: shorten XDG_RUNTIME_DIR",
			n, len - 1);
	return 0;
}

int
app_telemetry_list(const char *directory, struct app_telemetry_peer **peers, unsigned int *hidden,
	struct app_error *err)
{
	char usual[PATH_MAX];
	struct list list = {0};
	struct dirent *entry;
	int rc = 0;
	DIR *dir;

	if (directory == NULL && app_telemetry_directory(usual, sizeof(usual), err) < 0)
		return -1;
	if (directory == NULL)
		directory = usual;
	dir = opendir(directory);
	if (dir == NULL && errno != ENOENT)
		return app_fail(
			err, APP_EXIT_RUN, "%.200s cannot be read: %s", directory, strerror(errno));
	while (dir != NULL && rc == 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			rc = try_prefix(&list, directory, entry->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	if (rc < 0) {
		free(list.peers);
		return app_fail(err, APP_EXIT_RUN, "out of memory");
	}
	if (list.nb > 0)
		qsort(list.peers, (size_t)list.nb, sizeof(*list.peers), by_pid);
	drop_second_sockets(&list);
	*peers = list.peers;
	*hidden = list.hidden;
	return list.nb;
}
