/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TELEMETRY_SERVER_H
#define TELEMETRY_SERVER_H

/*
 * Serves the clients of the telemetry socket in one thread.
 *
 * No client makes it wait: a client that does not read its replies is disconnected as soon as the kernel takes no more of
 * them, which is some 100 kB. A request to a slow endpoint gets a thread of its own, one at a time; further ones are
 * refused meanwhile, and its client gets no other reply before that one.
 */

#include <stdatomic.h>
#include <stdbool.h>

#include "answer.h"
#include "request.h"

/* More clients are disconnected at once. */
#define TIDEI_SERVER_CLIENTS 32

/* Milliseconds between two calls of tick(). */
#define TIDEI_SERVER_TICK_MS 500

struct tidei_server;

/* A slow endpoint and its thread. */
struct tidei_server_job {
	_Atomic bool
		running; /* The server's thread sets it, the thread of the job clears it last. */
	struct tidei_server *server;
	unsigned int client;
	struct tidei_request request;
	char reply[TIDEI_ANSWER_REPLY];
};

struct tidei_server {
	/* Descriptors; -1: none. Atomic, because a child process closes them after fork(2). */
	_Atomic int listener;
	_Atomic int wake; /* An eventfd. */
	_Atomic int clients[TIDEI_SERVER_CLIENTS];
	_Atomic bool stop;
	/* The server's thread alone. */
	int busy; /* The client that waits for the job; -1: none. */
	bool deaf; /* No descriptor is left to accept a client with; until the next tick. */
	struct tidei_server_job job;
	struct tidei_request request;
	char reply[TIDEI_ANSWER_REPLY];
};

/* Prepare a server without a socket. 0 or negative errno. */
int tidei_server_init(struct tidei_server *server);

/*
 * Serve until the server is stopped, or tick() returns false. Then close all clients, and the socket. Waits for no job, so
 * the server stays in memory for ever. tick() can be called again earlier or later than after TIDEI_SERVER_TICK_MS.
 */
void tidei_server_run(struct tidei_server *server, bool (*tick)(void));

/* Sleep up to so many milliseconds. Returns false if the server is stopped. */
bool tidei_server_sleep(struct tidei_server *server, int ms);

/* Let tidei_server_run() return. Any thread. */
void tidei_server_stop(struct tidei_server *server);

/* In a child process, which does not have the server's thread: close everything. Async-signal-safe. */
void tidei_server_forked(struct tidei_server *server);

#endif /* TELEMETRY_SERVER_H */
