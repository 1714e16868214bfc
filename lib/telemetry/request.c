/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads requests and writes replies as DPDK's telemetry does. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_version.h>

#include "request.h"
#include "sys_json.h"

/* Commands of the protocol itself, before those of the table of endpoints. */
static const struct tidei_endpoint built_in[] = {
	{.command = "/", .help = "Returns list of available commands, Takes no parameters"},
	{.command = "/help", .help = "Returns help text for a command. Parameters: string command"},
	{.command = "/info", .help = "Returns information about this socket. Takes no parameters"},
};

/* The i-th command; NULL: there is none. */
static const struct tidei_endpoint *
command_at(unsigned int i)
{
	if (i < RTE_DIM(built_in))
		return &built_in[i];
	return tidei_endpoint(i - RTE_DIM(built_in));
}

static const char *
help_for(const char *command)
{
	const struct tidei_endpoint *e;

	for (unsigned int i = 0; (e = command_at(i)) != NULL; i++) {
		if (strcmp(e->command, command) == 0)
			return e->help;
	}
	return NULL;
}

void
tidei_request_read(struct tidei_request *request, size_t len)
{
	char *comma;

	request->text[RTE_MIN(len, sizeof(request->text) - 1)] = '\0';
	request->command = request->text;
	request->params = NULL;
	comma = strchr(request->text, ',');
	if (comma != NULL) {
		*comma = '\0';
		request->params = comma[1] != '\0' ? comma + 1 : NULL;
	}
	request->endpoint = tidei_endpoint_find(request->command);
}

static void
list_commands(struct tidei_answer *answer)
{
	const struct tidei_endpoint *e;

	tidei_answer_start_array(answer);
	for (unsigned int i = 0; (e = command_at(i)) != NULL; i++)
		tidei_answer_string(answer, NULL, e->command);
}

static void
describe(struct tidei_answer *answer)
{
	tidei_answer_start(answer);
	tidei_answer_string(answer, "version", rte_version());
	tidei_answer_signed(answer, "pid", getpid());
	tidei_answer_unsigned(answer, "max_output_len", TIDEI_ANSWER_REPLY);
}

/* Fill an answer. Returns false if the reply is null, as for a command that DPDK's telemetry does not know. */
static bool
fill(const struct tidei_request *request, struct tidei_answer *answer)
{
	const char *help;

	if (request->endpoint != NULL) {
		request->endpoint->answer(request->params != NULL ? request->params : "", answer);
		return true;
	}
	if (strcmp(request->command, "/") == 0) {
		list_commands(answer);
		return true;
	}
	if (strcmp(request->command, "/info") == 0) {
		describe(answer);
		return true;
	}
	if (strcmp(request->command, "/help") != 0 || request->params == NULL)
		return false;
	help = help_for(request->params);
	if (help == NULL)
		return false;
	tidei_answer_start(answer);
	tidei_answer_string(answer, request->params, help);
	return true;
}

/* Write {"COMMAND": with as much of the command as a client needs to recognize it. */
static size_t
write_head(const struct tidei_request *request, char *reply)
{
	const char *at = request->command;
	size_t len = 0, n;

	memcpy(reply, "{\"", 2);
	len = 2;
	while (len < TIDEI_ANSWER_REPLY - TIDEI_ANSWER_ROOM - 16 &&
		(n = tidei_json_escape(&at, reply + len)) > 0)
		len += n;
	memcpy(reply + len, "\":", 2);
	return len + 2;
}

static size_t
write_tail(char *reply, size_t len)
{
	reply[len] = '}';
	return len + 1;
}

size_t
tidei_request_reply(const struct tidei_request *request, char *reply)
{
	size_t head = write_head(request, reply);
	struct tidei_answer answer;

	tidei_answer_to_json(&answer, reply + head);
	if (fill(request, &answer)) {
		tidei_answer_end(&answer);
		return write_tail(reply, head + answer.len);
	}
	/* DPDK replies to /help alone with a string. */
	if (strcmp(request->command, "/help") == 0 && request->params == NULL)
		return write_tail(
			reply, head + (size_t)sprintf(reply + head, "\"%s\"", help_for("/help")));
	memcpy(reply + head, "null", 4);
	return write_tail(reply, head + 4);
}

size_t
tidei_request_refuse(const struct tidei_request *request, const char *reason, char *reply)
{
	size_t head = write_head(request, reply);
	struct tidei_answer answer;

	tidei_answer_to_json(&answer, reply + head);
	tidei_answer_refuse(&answer, "%s", reason);
	tidei_answer_end(&answer);
	return write_tail(reply, head + answer.len);
}

size_t
tidei_request_greeting(char *greeting, size_t size)
{
	return (size_t)snprintf(greeting, size,
		"{\"version\":\"%s\",\"pid\":%d,\"max_output_len\":%d}", rte_version(),
		(int)getpid(), TIDEI_ANSWER_REPLY);
}
