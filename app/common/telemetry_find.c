/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Chooses one running program by its file prefix, its PID or its socket. */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "monotonic.h"
#include "telemetry_client.h"
#include "telemetry_find.h"
#include "telemetry_socket.h"

/* Describe programs as "pid 7 testpmd (prefix rte), ...", as far as there is room. */
static void
describe(const struct app_telemetry_peer *peers, int nb, char *text, size_t len)
{
	size_t used = 0;

	text[0] = '\0';
	for (int i = 0; i < nb; i++) {
		char one[2 * NAME_MAX];
		int n = snprintf(one, sizeof(one), "%spid %d %s (prefix %.64s)", i > 0 ? ", " : "",
			(int)peers[i].pid, peers[i].program, peers[i].prefix);

		if (used + (size_t)n + sizeof(", and 1000 more") > len) {
			snprintf(text + used, len - used, ", and %d more", nb - i);
			return;
		}
		memcpy(text + used, one, (size_t)n + 1);
		used += (size_t)n;
	}
}

static bool
matches(const struct app_telemetry_choice *choice, const struct app_telemetry_peer *peer)
{
	if (choice->prefix != NULL)
		return strcmp(choice->prefix, peer->prefix) == 0;
	return choice->pid == 0 || choice->pid == peer->pid;
}

/* Tell what was wanted and not found. */
static void
name_choice(const struct app_telemetry_choice *choice, char *text, size_t len)
{
	if (choice->prefix != NULL)
		snprintf(text, len, "no program with the file prefix %.64s has a telemetry socket",
			choice->prefix);
	else if (choice->pid == 0)
		snprintf(text, len, "no program with a telemetry socket runs");
	else if (kill(choice->pid, 0) < 0 && errno == ESRCH)
		snprintf(text, len, "no process with PID %d runs", (int)choice->pid);
	else
		snprintf(text, len, "process %d has no telemetry socket", (int)choice->pid);
}

static int
fail_none(const struct app_telemetry_choice *choice, const struct app_telemetry_peer *peers, int nb,
	unsigned int hidden, struct app_error *err)
{
	char wanted[200], directory[256] = "", others[400], more[100] = "";

	name_choice(choice, wanted, sizeof(wanted));
	if (hidden > 0)
		snprintf(more, sizeof(more), "; %u of other users are there: try as root", hidden);
	else if (choice->directory == NULL && getuid() != 0)
		snprintf(more, sizeof(more), "; those of root are elsewhere: try as root");
	if (nb > 0) {
		describe(peers, nb, others, sizeof(others));
		return app_fail(err, APP_EXIT_RUN, "%s%s; running are: %s", wanted, more, others);
	}
	if (choice->directory != NULL)
		snprintf(directory, sizeof(directory), "%.200s", choice->directory);
	else if (app_telemetry_directory(directory, sizeof(directory), err) < 0)
		return -1;
	return app_fail(err, APP_EXIT_RUN,
		"%s below %s%s; start it without --no-telemetry, or with -d librte_mempool_tide.so",
		wanted, directory, more);
}

static int
find_by_socket(const char *socket, struct app_telemetry_peer *peer, struct app_error *err)
{
	struct app_telemetry *client = app_telemetry_connect(socket, APP_TELEMETRY_TIMEOUT_MS, err);

	if (client == NULL)
		return -1;
	*peer = (struct app_telemetry_peer){.pid = app_telemetry_greeting(client)->pid};
	app_telemetry_close(client);
	snprintf(peer->path, sizeof(peer->path), "%s", socket);
	app_telemetry_describe(peer);
	return 0;
}

/* Move the peers that the choice matches to the front. Returns their number. */
static int
keep_matching(const struct app_telemetry_choice *choice, struct app_telemetry_peer *peers, int nb)
{
	int kept = 0;

	for (int i = 0; i < nb; i++) {
		struct app_telemetry_peer peer = peers[i];

		if (!matches(choice, &peer))
			continue;
		memmove(&peers[kept + 1], &peers[kept], (size_t)(i - kept) * sizeof(*peers));
		peers[kept++] = peer;
	}
	return kept;
}

/* The peer of a socket, whether its program answers or not. */
static int
match_socket(const char *socket, struct app_telemetry_peer **peers, unsigned int *hidden,
	struct app_error *err)
{
	struct app_telemetry_peer *peer = calloc(1, sizeof(*peer));
	int fd;

	*peers = peer;
	*hidden = 0;
	if (peer == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory");
	snprintf(peer->path, sizeof(peer->path), "%s", socket);
	fd = app_telemetry_socket(socket, app_now_ns() + APP_TELEMETRY_PATIENCE_NS, &peer->pid);
	*hidden = fd == -EACCES || fd == -EPERM;
	if (fd < 0 && fd != -ETIMEDOUT) {
		app_fail(err, APP_EXIT_RUN, "%.200s: %s", socket, app_telemetry_refusal(-fd));
		return 0;
	}
	if (fd >= 0)
		peer->own_pid = app_telemetry_leave(fd, app_now_ns() + APP_TELEMETRY_PATIENCE_NS);
	app_telemetry_describe(peer);
	return 1;
}

int
app_telemetry_matching(const struct app_telemetry_choice *choice, struct app_telemetry_peer **peers,
	unsigned int *hidden, struct app_error *err)
{
	int nb, kept;

	*peers = NULL;
	if (choice->socket != NULL)
		return match_socket(choice->socket, peers, hidden, err);
	nb = app_telemetry_list(choice->directory, peers, hidden, err);
	if (nb < 0)
		return -1;
	kept = keep_matching(choice, *peers, nb);
	if (kept == 0)
		fail_none(choice, *peers, nb, *hidden, err);
	return kept;
}

int
app_telemetry_find(const struct app_telemetry_choice *choice, struct app_telemetry_peer *peer,
	struct app_error *err)
{
	struct app_telemetry_peer *peers;
	unsigned int hidden;
	char several[700];
	int nb;

	if (choice->socket != NULL)
		return find_by_socket(choice->socket, peer, err);
	nb = app_telemetry_matching(choice, &peers, &hidden, err);
	if (nb == 1) {
		*peer = peers[0];
	} else if (nb > 1) {
		describe(peers, nb, several, sizeof(several));
		app_fail(err, APP_EXIT_USAGE,
			"%d programs match: %s; choose one by PID, file prefix or socket", nb,
			several);
	}
	free(peers);
	return nb == 1 ? 0 : -1;
}
