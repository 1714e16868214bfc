/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Serves metrics with libmicrohttpd. A request waits, suspended, until the collector has a text. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "http.h"
#include "monotonic.h"

/* Prometheus waits 10 seconds by default. */
#define LIFE_NS         UINT64_C(15000000000)
#define IDLE_S          5U
#define CONNECTIONS_MAX 256U
/* From here on a new client replaces the one that is longest connected and does not wait for a text. */
#define BUSY            (CONNECTIONS_MAX - 16)

struct top_http_connection {
	struct MHD_Connection *connection;
	int fd;
	uint64_t begun_ns;
	bool shut; /* It was shut down, and libmicrohttpd closes it soon. */
	bool asked; /* The headers of its request are known. */
	bool waits; /* It is suspended. */
	bool waited;
	struct top_http_connection *next;
};

static const char index_page[] = "<html><head><title>tide-top</title></head><body><a "
				 "href=\"/metrics\">Metrics</a> of the packet "
				 "pools of running DPDK programs.</body></html>\n";

/* A text is ready: go on with all that wait for one. */
static void
resume_all(void *arg)
{
	struct top_http *http = arg;

	for (struct top_http_connection *c = http->connections; c != NULL; c = c->next) {
		if (!c->waits)
			continue;
		c->waits = false;
		c->waited = true;
		MHD_resume_connection(c->connection);
	}
}

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned int status, const char *type, char *text,
	size_t len, enum MHD_ResponseMemoryMode memory)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(len, text, memory);
	enum MHD_Result result = MHD_NO;

	if (response == NULL) {
		if (memory == MHD_RESPMEM_MUST_FREE)
			free(text);
		return MHD_NO;
	}
	if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES &&
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close") == MHD_YES)
		result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
answer_page(
	struct MHD_Connection *connection, unsigned int status, const char *type, const char *text)
{
	size_t len = strlen(text);
	char *copy = strdup(text);

	return copy == NULL ? MHD_NO
	                    : answer(connection, status, type, copy, len, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result
answer_metrics(struct top_http *http, struct top_http_connection *c)
{
	char *text = NULL;
	size_t len = 0;
	bool waits;

	/* With the lock, no text can become ready between the decision to wait and the suspension. */
	pthread_mutex_lock(&http->collector.lock);
	text = top_collector_text(&http->collector, c->waited, &len);
	waits = text == NULL && !c->waited && !http->collector.stop;
	c->waits = waits;
	if (waits)
		MHD_suspend_connection(c->connection);
	pthread_mutex_unlock(&http->collector.lock);
	if (waits)
		return MHD_YES;
	if (text == NULL)
		return answer_page(c->connection, MHD_HTTP_SERVICE_UNAVAILABLE, "text/plain",
			"there are no metrics: out of memory, or tide-top ends\n");
	return answer(c->connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", text,
		len, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result
handle(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *body, size_t *body_len, void **request)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct top_http_connection *c = info != NULL ? info->socket_context : NULL;

	if (c == NULL)
		return MHD_NO;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return c->asked ? MHD_NO
		                : answer_page(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain",
					  "only GET and HEAD are answered\n");
	/* The first call is before a body that a client could send. */
	if (!c->asked) {
		c->asked = true;
		return MHD_YES;
	}
	/* A body is read to its end, as no answer can be before that. */
	if (*body_len != 0) {
		*body_len = 0;
		return MHD_YES;
	}
	if (strcmp(url, "/metrics") == 0)
		return answer_metrics(arg, c);
	if (strcmp(url, "/") == 0)
		return answer_page(connection, MHD_HTTP_OK, "text/html", index_page);
	return answer_page(
		connection, MHD_HTTP_NOT_FOUND, "text/plain", "the metrics are at /metrics\n");
}

/* Shut a connection down; it may be shut already. For the holder of the lock. */
static void
shut(struct top_http_connection *c)
{
	shutdown(c->fd, SHUT_RDWR);
	c->shut = true;
}

/* Make room for a client that asks, where too many are slow to ask or to read. For the holder of the lock. */
static void
shut_oldest(struct top_http *http)
{
	struct top_http_connection *oldest = NULL;
	unsigned int nb = 0;

	/* The list begins with the youngest. */
	for (struct top_http_connection *c = http->connections; c != NULL; c = c->next) {
		nb += !c->shut;
		if (!c->shut && !c->waits)
			oldest = c;
	}
	if (nb > BUSY && oldest != NULL)
		shut(oldest);
}

static void
open_connection(struct top_http *http, struct MHD_Connection *connection, void **context)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct top_http_connection *c = calloc(1, sizeof(*c));

	*context = c;
	if (c == NULL)
		return;
	c->connection = connection;
	c->fd = info != NULL ? info->connect_fd : -1;
	c->begun_ns = app_now_ns();
	pthread_mutex_lock(&http->collector.lock);
	c->next = http->connections;
	http->connections = c;
	shut_oldest(http);
	pthread_mutex_unlock(&http->collector.lock);
}

static void
close_connection(struct top_http *http, struct top_http_connection *c)
{
	struct top_http_connection **at = &http->connections;

	pthread_mutex_lock(&http->collector.lock);
	while (*at != NULL && *at != c)
		at = &(*at)->next;
	if (*at != NULL)
		*at = c->next;
	pthread_mutex_unlock(&http->collector.lock);
	free(c);
}

/* libmicrohttpd calls this before it closes the file of a connection. */
static void
notify(void *arg, struct MHD_Connection *connection, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		open_connection(arg, connection, context);
	else
		close_connection(arg, *context);
}

void
top_http_sweep(struct top_http *http)
{
	uint64_t now = app_now_ns();

	pthread_mutex_lock(&http->collector.lock);
	for (struct top_http_connection *c = http->connections; c != NULL; c = c->next) {
		if (now - c->begun_ns > http->life_ns)
			shut(c);
	}
	pthread_mutex_unlock(&http->collector.lock);
}

static int
listen_at(const struct top_address *address, struct app_error *err)
{
	int on = 1, fd = socket(address->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		bind(fd, (const struct sockaddr *)&address->address, address->len) == 0 &&
		listen(fd, 128) == 0)
		return fd;
	error = errno;
	if (fd >= 0)
		close(fd);
	return app_fail(err, APP_EXIT_RUN, "--prometheus: %s%s", strerror(error),
		error == EADDRINUSE      ? "; another program listens there, choose another port"
		: error == EADDRNOTAVAIL ? "; give an address of this machine"
		: error == EACCES        ? "; ports below 1024 are for root"
					 : "");
}

int
top_http_start(struct top_http *http, const struct top_address *address,
	const struct app_telemetry_choice *choice, struct app_error *err)
{
	int fd = listen_at(address, err);

	if (fd < 0)
		return -1;
	http->connections = NULL;
	http->life_ns = LIFE_NS;
	if (top_collector_start(&http->collector, choice, resume_all, http, err) < 0) {
		close(fd);
		return -1;
	}
	http->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0,
		NULL, NULL, handle, http, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
		MHD_OPTION_NOTIFY_CONNECTION, notify, http, MHD_OPTION_END);
	if (http->daemon != NULL)
		return 0;
	top_collector_stop(&http->collector);
	close(fd);
	return app_fail(
		err, APP_EXIT_RUN, "libmicrohttpd does not start: too many files or threads");
}

void
top_http_stop(struct top_http *http)
{
	/* No request may be suspended when the daemon stops; the collector resumes all and no other waits from now on. */
	MHD_socket fd = MHD_quiesce_daemon(http->daemon);

	top_collector_stop(&http->collector);
	MHD_stop_daemon(http->daemon);
	if (fd != MHD_INVALID_SOCKET)
		close(fd);
}
