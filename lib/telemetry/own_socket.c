/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes the telemetry socket, and removes those of processes that are gone. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "own_socket.h"

/* Clients that wait until they are accepted. */
#define BACKLOG 16

/* Processes with one id, of different PID namespaces, in one directory. */
#define NAMESAKES 16

/*
 * Between bind(2) and listen(2) a socket looks like a leftover; no process takes so many seconds. The clock of files can be
 * ahead of ours by less than a second; a file that is more than this ahead is older than a change of the clock.
 */
#define YOUNG_S  3
#define AHEAD_S  1
#define RETRY_US 10000

static int
new_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

/* Tell a leftover, -ECONNREFUSED, from a socket that is perhaps about to listen and from a file of another type. */
static int
refused_by(const char *path)
{
	struct stat st;
	time_t age;

	if (lstat(path, &st) < 0)
		return -errno;
	if (!S_ISSOCK(st.st_mode))
		return -ENOTSOCK;
	age = time(NULL) - st.st_mtime;
	return age >= -AHEAD_S && age < YOUNG_S ? -EINPROGRESS : -ECONNREFUSED;
}

/*
 * Ask which process listens on a socket: its id, 0 if unknown; -ECONNREFUSED: a leftover; -EINPROGRESS: perhaps a process
 * that is about to listen; -ENOTSOCK: a file of another type; another negative errno.
 */
static pid_t
listener(const struct sockaddr_un *address)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int fd = new_socket(), ret = 0;

	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		ret = errno == EAGAIN ? 0 : -errno;
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0)
		ret = peer.pid;
	close(fd);
	return ret == -ECONNREFUSED ? refused_by(address->sun_path) : ret;
}

static int
set_path(struct sockaddr_un *address, const char *directory, const char *name)
{
	int len;

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	len = snprintf(address->sun_path, sizeof(address->sun_path), "%s/%s", directory, name);
	return len < 0 || len >= (int)sizeof(address->sun_path) ? -ENAMETOOLONG : 0;
}

void
tidei_socket_clean(const char *directory)
{
	struct sockaddr_un address;
	struct dirent *entry;
	DIR *dir = opendir(directory);

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (strncmp(entry->d_name, TIDEI_SOCKET_NAME, strlen(TIDEI_SOCKET_NAME)) != 0 ||
			set_path(&address, directory, entry->d_name) < 0)
			continue;
		if (listener(&address) == -ECONNREFUSED)
			unlink(address.sun_path);
	}
	closedir(dir);
}

/* Bind to a path that no process listens on. */
static int
bind_to(int fd, const struct sockaddr_un *address)
{
	pid_t pid;

	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return -errno;
	/* Another copy of the library in this process may be at it. */
	while ((pid = listener(address)) == -EINPROGRESS)
		usleep(RETRY_US);
	if (pid == getpid())
		return -EALREADY;
	if (pid != -ECONNREFUSED)
		return -EADDRINUSE;
	unlink(address->sun_path);
	return bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ? 0 : -errno;
}

static int
bind_to_first_free(int fd, const char *directory, struct sockaddr_un *address)
{
	int ret = -EADDRINUSE, len;
	char name[64];

	for (unsigned int i = 0; i < NAMESAKES && ret == -EADDRINUSE; i++) {
		len = snprintf(name, sizeof(name), TIDEI_SOCKET_NAME "%d", (int)getpid());
		if (i > 0)
			snprintf(name + len, sizeof(name) - (size_t)len, ":%u", i);
		ret = set_path(address, directory, name);
		if (ret == 0)
			ret = bind_to(fd, address);
	}
	return ret;
}

int
tidei_socket_listen(const char *directory, struct sockaddr_un *address)
{
	int fd, ret;

	/* EAL goes on without a run-time directory if it needs none. */
	if (directory[0] == '\0')
		return -ENOENT;
	fd = new_socket();
	if (fd < 0)
		return fd;
	/* The file gets the mode of the socket, so there is no moment in which others can open it. */
	ret = fchmod(fd, S_IRUSR | S_IWUSR) < 0 ? -errno : 0;
	if (ret == 0)
		ret = bind_to_first_free(fd, directory, address);
	if (ret == 0 && listen(fd, BACKLOG) < 0) {
		ret = -errno;
		unlink(address->sun_path);
	}
	if (ret == 0)
		return fd;
	close(fd);
	return ret;
}

bool
tidei_socket_may_ask(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	return peer.uid == 0 || peer.uid == geteuid();
}
