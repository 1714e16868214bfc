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
#include <time.h>
#include <unistd.h>

#include "monotonic.h"
#include "telemetry_find.h"
#include "telemetry_socket.h"

/* A stopped program accepts a client or two; after these its socket blocks. */
#define RETRY_NS 5000000

static const char dpdk_name[] = "dpdk_telemetry.v2", tide_name[] = "tide_telemetry.";

/* A socket, on which a program may listen. */
struct entry {
	struct app_telemetry_peer peer;
	int fd; /* Or a negative errno. */
};

struct list {
	struct entry *entries;
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

/* Add the file of a socket. -1: out of memory. */
static int
add(struct list *list, const char *directory, const char *prefix, const char *name)
{
	struct entry entry = {.fd = -ETIMEDOUT}, *more;
	int len;

	if (!begins(name, dpdk_name) && !begins(name, tide_name))
		return 0;
	len = snprintf(
		entry.peer.path, sizeof(entry.peer.path), "%s/%s/%s", directory, prefix, name);
	if (len < 0 || (size_t)len >= sizeof(entry.peer.path))
		return 0;
	more = realloc(list->entries, ((size_t)list->nb + 1) * sizeof(*more));
	if (more == NULL)
		return -1;
	list->entries = more;
	more[list->nb++] = entry;
	return 0;
}

static int
add_prefix(struct list *list, const char *directory, const char *prefix)
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
		rc = add(list, directory, prefix, entry->d_name);
	closedir(dir);
	return rc;
}

/* Try to connect to each socket once. Returns the number of those on which a program accepts no clients now. */
static int
connect_once(struct list *list)
{
	int busy = 0;

	for (int i = 0; i < list->nb; i++) {
		struct entry *entry = &list->entries[i];

		if (entry->fd == -ETIMEDOUT)
			entry->fd = app_telemetry_socket(entry->peer.path, 0, &entry->peer.pid);
		busy += entry->fd == -ETIMEDOUT;
	}
	return busy;
}

/* Programs that hang are waited for together, so that many take no longer than one. */
static void
connect_all(struct list *list)
{
	const struct timespec pause = {.tv_nsec = RETRY_NS};
	uint64_t until_ns = app_now_ns() + APP_TELEMETRY_PATIENCE_NS;

	while (connect_once(list) > 0 && app_now_ns() < until_ns)
		nanosleep(&pause, NULL);
	until_ns = app_now_ns() + APP_TELEMETRY_PATIENCE_NS;
	for (int i = 0; i < list->nb; i++) {
		struct entry *entry = &list->entries[i];

		if (entry->fd >= 0)
			entry->peer.own_pid = app_telemetry_leave(entry->fd, until_ns);
	}
}

/* Copy the peers on whose sockets a program listens. Returns their number; -1: out of memory. */
static int
take_peers(struct list *list, struct app_telemetry_peer **peers)
{
	int nb = 0;

	*peers = malloc(((size_t)list->nb + 1) * sizeof(**peers));
	if (*peers == NULL)
		return -1;
	for (int i = 0; i < list->nb; i++) {
		const struct entry *entry = &list->entries[i];

		if (entry->fd == -EACCES || entry->fd == -EPERM)
			list->hidden++;
		if (entry->fd < 0 && entry->fd != -ETIMEDOUT)
			continue;
		(*peers)[nb] = entry->peer;
		app_telemetry_describe(&(*peers)[nb++]);
	}
	return nb;
}

/* Order by process. */
static int
by_process(const struct app_telemetry_peer *p, const struct app_telemetry_peer *q)
{
	int by_prefix = strcmp(p->prefix, q->prefix);

	if (p->pid != q->pid)
		return p->pid < q->pid ? -1 : 1;
	/* The PID tells all, unless it is in another PID namespace; there are several of these. */
	if (p->pid != 0 || by_prefix != 0)
		return p->pid != 0 ? 0 : by_prefix;
	return p->own_pid < q->own_pid ? -1 : p->own_pid > q->own_pid;
}

static int
by_pid(const void *a, const void *b)
{
	const struct app_telemetry_peer *p = a, *q = b;
	int order = by_process(p, q);

	if (order != 0)
		return order;
	if (is_tide(p) != is_tide(q))
		return is_tide(p) ? 1 : -1;
	return strcmp(p->path, q->path);
}

/* Keep one socket of each process, the first by the order of by_pid(). Returns the number of peers. */
static int
drop_second_sockets(struct app_telemetry_peer *peers, int nb)
{
	int kept = 0;

	for (int i = 0; i < nb; i++) {
		bool known = peers[i].pid != 0 || peers[i].own_pid != 0;

		if (kept == 0 || !known || by_process(&peers[i], &peers[kept - 1]) != 0)
			peers[kept++] = peers[i];
	}
	return kept;
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
		return app_fail(err, APP_EXIT_RUN, "%.200s cannot be read: %s%s", directory,
			strerror(errno), errno == EACCES ? "; try as root" : "");
	while (dir != NULL && rc == 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			rc = add_prefix(&list, directory, entry->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	if (rc == 0) {
		connect_all(&list);
		rc = take_peers(&list, peers);
	}
	free(list.entries);
	if (rc < 0)
		return app_fail(err, APP_EXIT_RUN, "out of memory");
	qsort(*peers, (size_t)rc, sizeof(**peers), by_pid);
	*hidden = list.hidden;
	return drop_second_sockets(*peers, rc);
}
