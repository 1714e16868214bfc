/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TELEMETRY_OWN_SOCKET_H
#define TELEMETRY_OWN_SOCKET_H

/* The file system side of the telemetry socket. */

#include <stdbool.h>
#include <sys/un.h>

/* Begin of the names of sockets; the process id follows, and, for a second process with this id, a number. */
#define TIDEI_SOCKET_NAME "tide_telemetry."

/* Remove the sockets of processes that are gone from a directory. */
void tidei_socket_clean(const char *directory);

/*
 * Listen in a directory on a socket that the owner of the process and root can open. Returns the descriptor, which
 * does not block, and its address, or
 *   -EALREADY: this process listens there already;
 *   -ENOENT: there is no such directory, or its path is empty;
 *   -ENAMETOOLONG: the path is too long for a socket;
 *   another negative errno.
 */
int tidei_socket_listen(const char *directory, struct sockaddr_un *address);

/* Tell whether the process at the other end may ask: it has our user id, or it is root's. */
bool tidei_socket_may_ask(int fd);

#endif /* TELEMETRY_OWN_SOCKET_H */
