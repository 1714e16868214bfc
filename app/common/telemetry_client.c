/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Asks a running program by version 2 of DPDK's telemetry protocol: each question and each answer is one packet, and
 * an answer is a JSON object with the command as its only key.
 */

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monotonic.h"
#include "telemetry_client.h"
#include "telemetry_json.h"
#include "telemetry_socket.h"

#define GREETING_LEN   APP_TELEMETRY_GREETING_LEN
/* The longest question that DPDK reads. */
#define QUESTION_LEN   1023
/* DPDK announces 16 kB. A program that announces more than this gets no more memory of ours. */
#define ANSWER_LEN_MIN 16384
#define ANSWER_LEN_MAX (UINT32_C(16) << 20)

struct app_telemetry {
	int fd;
	bool lost;
	uint64_t until_ns; /* Time at which questions end; 0: there is none. */
	char path[APP_TELEMETRY_PATH_LEN];
	struct app_telemetry_greeting greeting;
	char *answer;
	size_t answer_len;
};

/* Read one packet before until_ns into the memory for answers. Returns its length, or -1 with err filled. */
static ssize_t
receive(struct app_telemetry *c, uint64_t until_ns, struct app_error *err)
{
	int rc = app_telemetry_wait(c->fd, POLLIN, until_ns);
	ssize_t len;

	if (rc == -ETIMEDOUT)
		return app_fail(err, APP_EXIT_RUN,
			"%s: the program does not answer; it is stopped, hangs or is busy",
			c->path);
	len = rc < 0 ? -1 : recv(c->fd, c->answer, c->answer_len, MSG_TRUNC);
	if (len == 0 || (len < 0 && errno == ECONNRESET))
		return app_fail(err, APP_EXIT_RUN,
			"%s: the program closed the connection; it ended or has too many clients",
			c->path);
	if (len < 0)
		return app_fail(err, APP_EXIT_RUN, "%s: %s", c->path, strerror(errno));
	if ((size_t)len > c->answer_len)
		return app_fail(err, APP_EXIT_RUN,
			"%s: an answer of %zd bytes, where %zu are the most; this is no telemetry",
			c->path, len, c->answer_len);
	return len;
}

static json_t *
decode(struct app_telemetry *c, size_t len, struct app_error *err)
{
	json_t *json = app_telemetry_decode(c->answer, len);

	if (!json_is_object(json)) {
		json_decref(json);
		json = NULL;
		app_fail(err, APP_EXIT_RUN,
			"%s: the answer is no JSON object; this is no telemetry", c->path);
	}
	return json;
}

static int
read_greeting(struct app_telemetry *c, uint64_t until_ns, struct app_error *err)
{
	json_t *json, *version, *max;
	ssize_t len = receive(c, until_ns, err);

	if (len < 0)
		return -1;
	json = decode(c, (size_t)len, err);
	if (json == NULL)
		return -1;
	version = json_object_get(json, "version");
	max = json_object_get(json, "max_output_len");
	if (!json_is_string(version) || !json_is_integer(max) || json_integer_value(max) <= 0) {
		json_decref(json);
		return app_fail(err, APP_EXIT_RUN,
			"%s: the greeting has no version or no max_output_len; this is no "
			"telemetry",
			c->path);
	}
	snprintf(
		c->greeting.version, sizeof(c->greeting.version), "%s", json_string_value(version));
	c->greeting.max_output = (size_t)json_integer_value(max);
	json_decref(json);
	return 0;
}

static int
make_room(struct app_telemetry *c, size_t len, struct app_error *err)
{
	char *room = realloc(c->answer, len);

	if (room == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory for answers of %zu bytes", len);
	c->answer = room;
	c->answer_len = len;
	return 0;
}

static size_t
between(size_t least, size_t value, size_t most)
{
	return value < least ? least : value > most ? most : value;
}

struct app_telemetry *
app_telemetry_connect(const char *path, unsigned int timeout_ms, struct app_error *err)
{
	uint64_t until_ns = app_now_ns() + UINT64_C(1000000) * timeout_ms;
	struct app_telemetry *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		app_fail(err, APP_EXIT_RUN, "out of memory");
		return NULL;
	}
	c->fd = app_telemetry_socket(path, until_ns, &c->greeting.pid);
	if (c->fd < 0) {
		app_fail(err, APP_EXIT_RUN, "%.200s: %s", path, app_telemetry_refusal(-c->fd));
		free(c);
		return NULL;
	}
	strcpy(c->path, path);
	/* DPDK ends an answer with a NUL in some versions, beyond what it announced. */
	if (make_room(c, APP_TELEMETRY_GREETING_LEN, err) == 0 &&
		read_greeting(c, until_ns, err) == 0 &&
		make_room(c, between(ANSWER_LEN_MIN, c->greeting.max_output, ANSWER_LEN_MAX) + 1,
			err) == 0)
		return c;
	app_telemetry_close(c);
	return NULL;
}

const struct app_telemetry_greeting *
app_telemetry_greeting(const struct app_telemetry *client)
{
	return &client->greeting;
}

/* Send a question and read its answer. NULL with err filled: no later answer can belong to its question. */
static json_t *
exchange(struct app_telemetry *c, const char *question, size_t len, uint64_t until_ns,
	struct app_error *err)
{
	int rc = app_telemetry_wait(c->fd, POLLOUT, until_ns);
	ssize_t got;

	if (rc == 0 && send(c->fd, question, len, MSG_NOSIGNAL) < 0)
		rc = -errno;
	if (rc < 0) {
		app_fail(err, APP_EXIT_RUN, "%s: %s", c->path,
			rc == -EPIPE || rc == -ECONNRESET ? "the program closed the connection"
			: rc == -ETIMEDOUT || rc == -EAGAIN
				? "the program reads no questions; it is stopped or hangs"
				: strerror(-rc));
		return NULL;
	}
	got = receive(c, until_ns, err);
	return got < 0 ? NULL : decode(c, (size_t)got, err);
}

/* Tell an answer from a refusal; takes over the reference to it. */
static enum app_telemetry_result
judge(struct app_telemetry *c, const char *command, json_t *json, json_t **answer,
	struct app_error *err)
{
	const json_t *error = json_object_get(json, "error");

	if (json_is_null(json)) {
		app_fail(err, APP_EXIT_RUN,
			"%s: the program has no %s: start it with -d librte_mempool_tide.so, "
			"or one that is newer",
			c->path, command);
		json_decref(json);
		return APP_TELEMETRY_UNKNOWN;
	}
	if (json_is_string(error) && json_object_size(json) == 1) {
		app_fail(err, APP_EXIT_RUN, "%s", json_string_value(error));
		json_decref(json);
		return APP_TELEMETRY_REFUSED;
	}
	*answer = json;
	return APP_TELEMETRY_ANSWERED;
}

enum app_telemetry_result
app_telemetry_ask(struct app_telemetry *client, const char *command, const char *params,
	unsigned int timeout_ms, json_t **answer, struct app_error *err)
{
	uint64_t until_ns = app_now_ns() + UINT64_C(1000000) * timeout_ms;
	char question[QUESTION_LEN + 1];
	json_t *json, *value;
	int len;

	if (client->lost) {
		app_fail(err, APP_EXIT_RUN, "%s: the connection is lost", client->path);
		return APP_TELEMETRY_LOST;
	}
	len = snprintf(question, sizeof(question), "%s%s%s", command, params != NULL ? "," : "",
		params != NULL ? params : "");
	if (len < 0 || (size_t)len >= sizeof(question)) {
		app_fail(err, APP_EXIT_RUN, "%s: a question has %d bytes at most, this one has %d",
			command, QUESTION_LEN, len);
		return APP_TELEMETRY_REFUSED;
	}
	if (client->until_ns != 0 && until_ns > client->until_ns)
		until_ns = client->until_ns;
	json = exchange(client, question, (size_t)len, until_ns, err);
	value = json_object_get(json, command);
	if (value == NULL) {
		if (json != NULL)
			app_fail(err, APP_EXIT_RUN,
				"%s: the answer is to another question than %s; this is no "
				"telemetry",
				client->path, command);
		json_decref(json);
		client->lost = true;
		return APP_TELEMETRY_LOST;
	}
	json_incref(value);
	json_decref(json);
	return judge(client, command, value, answer, err);
}

void
app_telemetry_limit(struct app_telemetry *client, unsigned int timeout_ms)
{
	client->until_ns = timeout_ms == 0 ? 0 : app_now_ns() + UINT64_C(1000000) * timeout_ms;
}

void
app_telemetry_interrupt(struct app_telemetry *client)
{
	shutdown(client->fd, SHUT_RDWR);
}

bool
app_telemetry_closed(const struct app_telemetry *client)
{
	struct pollfd end = {.fd = client->fd, .events = POLLRDHUP};

	return poll(&end, 1, 0) > 0;
}

void
app_telemetry_close(struct app_telemetry *client)
{
	if (client == NULL)
		return;
	close(client->fd);
	free(client->answer);
	free(client);
}
