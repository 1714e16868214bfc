/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Waits for clients and requests, and never for a client. */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <rte_common.h>

#include "eal_friend.h"
#include "server.h"
#include "own_socket.h"

/* Places in the table for poll(2): those of the clients follow. */
enum {
	LISTENER,
	WAKE,
	CLIENTS,
	PLACES = CLIENTS + TIDEI_SERVER_CLIENTS
};

/* Relaxed throughout: the descriptors are for the server's thread, and for a child process that has no other. */
static int
descriptor(_Atomic int *fd)
{
	return atomic_load_explicit(fd, memory_order_relaxed);
}

/* A child process must not find a number here that is that of another file already, so it is forgotten first. */
static void
close_descriptor(_Atomic int *fd)
{
	int number = atomic_exchange_explicit(fd, -1, memory_order_relaxed);

	if (number >= 0)
		close(number);
}

int
tidei_server_init(struct tidei_server *server)
{
	int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (wake < 0)
		return -errno;
	atomic_store_explicit(&server->listener, -1, memory_order_relaxed);
	for (unsigned int i = 0; i < TIDEI_SERVER_CLIENTS; i++)
		atomic_store_explicit(&server->clients[i], -1, memory_order_relaxed);
	server->busy = -1;
	server->deaf = false;
	atomic_store_explicit(&server->stop, false, memory_order_relaxed);
	atomic_store_explicit(&server->job.running, false, memory_order_relaxed);
	atomic_store_explicit(&server->wake, wake, memory_order_relaxed);
	return 0;
}

static void
wake_up(struct tidei_server *server)
{
	const uint64_t one = 1;

	/* It fails only if the counter is at its maximum, and then the server wakes up anyway. */
	if (write(descriptor(&server->wake), &one, sizeof(one)) < 0)
		return;
}

void
tidei_server_stop(struct tidei_server *server)
{
	/* Release and acquire, with is_stopped(): the stopping thread's writes come first. */
	atomic_store_explicit(&server->stop, true, memory_order_release);
	wake_up(server);
}

static bool
is_stopped(struct tidei_server *server)
{
	return atomic_load_explicit(&server->stop, memory_order_acquire);
}

/*
 * poll(2), which fails if the program has a lower limit of descriptors than places, and the kernel if it has no memory. Then
 * it is only a pause, because without that a loop would take all of a CPU.
 */
static int
poll_or_sleep(struct pollfd *fds, unsigned int places, int ms)
{
	const struct timespec pause = {ms / 1000, ms % 1000 * 1000000L};
	int ready = poll(fds, places, ms);

	if (ready < 0)
		nanosleep(&pause, NULL);
	return ready;
}

bool
tidei_server_sleep(struct tidei_server *server, int ms)
{
	struct pollfd wake = {.fd = descriptor(&server->wake), .events = POLLIN};

	if (!is_stopped(server))
		poll_or_sleep(&wake, 1, ms);
	return !is_stopped(server) && (wake.revents & POLLNVAL) == 0;
}

void
tidei_server_forked(struct tidei_server *server)
{
	close_descriptor(&server->listener);
	close_descriptor(&server->wake);
	for (unsigned int i = 0; i < TIDEI_SERVER_CLIENTS; i++)
		close_descriptor(&server->clients[i]);
}

/* The descriptors of clients never block. */
static bool
send_all(int fd, const char *text, size_t len)
{
	return send(fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static void
accept_client(struct tidei_server *server)
{
	char greeting[256];
	unsigned int i = 0;
	int fd = accept4(descriptor(&server->listener), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		/* The client still waits, so without this poll(2) would return at once for ever. */
		server->deaf = errno != EAGAIN && errno != EINTR && errno != ECONNABORTED;
		return;
	}
	while (i < TIDEI_SERVER_CLIENTS && descriptor(&server->clients[i]) >= 0)
		i++;
	if (i == TIDEI_SERVER_CLIENTS || !tidei_socket_may_ask(fd) ||
		!send_all(fd, greeting, tidei_request_greeting(greeting, sizeof(greeting)))) {
		close(fd);
		return;
	}
	atomic_store_explicit(&server->clients[i], fd, memory_order_relaxed);
}

static tidei_control_result
work_on_job(void *arg)
{
	struct tidei_server_job *job = arg;
	struct tidei_server *server = job->server;
	size_t len = tidei_request_reply(&job->request, job->reply);

	/* The server does not close the client of a job. If it gets no reply, the server notices at the next one. */
	send_all(descriptor(&server->clients[job->client]), job->reply, len);
	/* Release, with the acquire of finish_job(). */
	atomic_store_explicit(&job->running, false, memory_order_release);
	wake_up(server);
	return 0;
}

/* Let a thread of its own reply. Returns false if another one is at work, or there can be none. */
static bool
start_job(struct tidei_server *server, unsigned int client)
{
	struct tidei_server_job *job = &server->job;
	pthread_t thread;

	if (server->busy >= 0)
		return false;
	job->server = server;
	job->client = client;
	memcpy(&job->request.text, server->request.text, sizeof(job->request.text));
	job->request.command = job->request.text;
	job->request.params =
		server->request.params == NULL
			? NULL
			: job->request.text + (server->request.params - server->request.text);
	job->request.endpoint = server->request.endpoint;
	/* Relaxed: the start of the thread orders it. */
	atomic_store_explicit(&job->running, true, memory_order_relaxed);
	if (tidei_control_thread_start(&thread, "tide-report", work_on_job, job) != 0) {
		atomic_store_explicit(&job->running, false, memory_order_relaxed);
		return false;
	}
	pthread_detach(thread);
	server->busy = (int)client;
	return true;
}

static void
finish_job(struct tidei_server *server)
{
	/* Acquire, with the release of work_on_job(). */
	if (server->busy >= 0 && !atomic_load_explicit(&server->job.running, memory_order_acquire))
		server->busy = -1;
}

/* Return the sentence that says why start_job() has refused. */
static const char *
refusal(const struct tidei_server *server)
{
	if (server->busy >= 0)
		return "another report is being made for a client: ask again in a second";
	return "there is no thread to make the report: free memory, or raise the limit of threads";
}

/* Reply to the request that a client has sent. Returns false if the client is gone or does not read. */
static bool
serve(struct tidei_server *server, unsigned int i)
{
	struct tidei_request *request = &server->request;
	int fd = descriptor(&server->clients[i]);
	ssize_t len = recv(fd, request->text, sizeof(request->text) - 1, 0);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (len <= 0)
		return false;
	tidei_request_read(request, (size_t)len);
	if (request->endpoint == NULL || !request->endpoint->slow)
		return send_all(fd, server->reply, tidei_request_reply(request, server->reply));
	if (start_job(server, i))
		return true;
	return send_all(
		fd, server->reply, tidei_request_refuse(request, refusal(server), server->reply));
}

/* Forget a descriptor that poll(2) did not know. Returns whether it is so. */
static bool
forget_if_closed(_Atomic int *fd, const struct pollfd *polled)
{
	if ((polled->revents & POLLNVAL) == 0)
		return false;
	atomic_store_explicit(fd, -1, memory_order_relaxed);
	return true;
}

/*
 * A program that becomes a daemon can close all its descriptors, ours too. Then their numbers soon belong to other files, and
 * poll(2) returns at once for ever, so the server ends.
 */
static void
stop_if_closed(struct tidei_server *server, const struct pollfd fds[PLACES])
{
	bool closed = forget_if_closed(&server->listener, &fds[LISTENER]);

	closed = forget_if_closed(&server->wake, &fds[WAKE]) || closed;
	for (unsigned int i = 0; i < TIDEI_SERVER_CLIENTS; i++)
		closed = forget_if_closed(&server->clients[i], &fds[CLIENTS + i]) || closed;
	if (closed)
		tidei_server_stop(server);
}

/* Wait for a client or a job; up to ms. */
static void
wait_and_serve(struct tidei_server *server, int ms)
{
	struct pollfd fds[PLACES];
	unsigned int places = CLIENTS; /* In use. */
	uint64_t count;

	fds[LISTENER].fd = server->deaf ? -1 : descriptor(&server->listener);
	fds[WAKE].fd = descriptor(&server->wake);
	for (int i = 0; i < TIDEI_SERVER_CLIENTS; i++) {
		fds[CLIENTS + i].fd = i == server->busy ? -1 : descriptor(&server->clients[i]);
		if (fds[CLIENTS + i].fd >= 0)
			places = CLIENTS + (unsigned int)i + 1;
	}
	for (unsigned int i = 0; i < PLACES; i++) {
		fds[i].events = POLLIN;
		fds[i].revents = 0;
	}
	if (poll_or_sleep(fds, places, ms) <= 0)
		return;
	stop_if_closed(server, fds);
	if (is_stopped(server))
		return;
	if (fds[WAKE].revents != 0 && read(fds[WAKE].fd, &count, sizeof(count)) > 0)
		finish_job(server);
	for (unsigned int i = 0; i < TIDEI_SERVER_CLIENTS; i++) {
		if (fds[CLIENTS + i].revents != 0 && !serve(server, i))
			close_descriptor(&server->clients[i]);
	}
	if (fds[LISTENER].revents != 0)
		accept_client(server);
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
tidei_server_run(struct tidei_server *server, bool (*tick)(void))
{
	int64_t next = 0, now;

	while (!is_stopped(server)) {
		now = now_ms();
		if (now >= next) {
			if (!tick())
				break;
			next = now + TIDEI_SERVER_TICK_MS;
			server->deaf = false;
		}
		wait_and_serve(server, (int)RTE_MAX(next - now, 0));
	}
	close_descriptor(&server->listener);
	for (int i = 0; i < TIDEI_SERVER_CLIENTS; i++) {
		if (i != server->busy)
			close_descriptor(&server->clients[i]);
	}
}
