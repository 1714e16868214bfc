/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_TELEMETRY_SOCKET_H
#define APP_TELEMETRY_SOCKET_H

#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

/* Sockets of telemetry, for telemetry_client.c and telemetry_list.c: SOCK_SEQPACKET, and no call waits for ever. */

/* Bytes of the path of a socket, with the NUL. */
#define APP_TELEMETRY_PATH_LEN sizeof(((struct sockaddr_un *)0)->sun_path)

/* A program that is only listed is waited for this long until it accepts, and again until it greets. */
#define APP_TELEMETRY_PATIENCE_NS UINT64_C(200000000)

/* Bytes of the longest greeting. */
#define APP_TELEMETRY_GREETING_LEN 1024

/*
 * Connect to a socket before a time of app_now_ns(); *pid gets the process that listens, 0 if it is in another PID
 * namespace. Returns the file descriptor, which never blocks, or a negative errno: -ETIMEDOUT when the process
 * accepts no clients.
 */
int app_telemetry_socket(const char *path, uint64_t until_ns, pid_t *pid);

/* Wait until poll() events occur. 0, or a negative errno: -ETIMEDOUT at until_ns. */
int app_telemetry_wait(int fd, short events, uint64_t until_ns);

/*
 * Close a socket that nothing was asked on, after the greeting. DPDK writes an error to the log of its program when a
 * client leaves before that. Returns the PID that the program told, 0: none.
 */
pid_t app_telemetry_leave(int fd, uint64_t until_ns);

/* Tell people why app_telemetry_socket() failed, and what to do. */
const char *app_telemetry_refusal(int error);

#endif /* APP_TELEMETRY_SOCKET_H */
