/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds the programs to export, and asks each for a sample. */

#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "export.h"

static void
ask(struct top_exported *program)
{
	struct app_error err = {0};
	struct app_telemetry *client =
		app_telemetry_connect(program->peer.path, APP_TELEMETRY_TIMEOUT_MS, &err);
	bool lost;

	program->started = top_started(program->peer.pid);
	if (client == NULL)
		return;
	program->up = top_sample_take(client, "", &program->sample, &lost, &err) == 0;
	app_telemetry_close(client);
}

/* Find the peers of a choice. A program that was chosen and does not run is none. */
static int
find(const struct app_telemetry_choice *choice, struct app_telemetry_peer **peers)
{
	struct app_error err = {0};
	unsigned int hidden;
	int nb;

	if (choice->pid == 0 && choice->prefix == NULL && choice->socket == NULL) {
		nb = app_telemetry_list(choice->directory, peers, &hidden, &err);
		return nb < 0 ? 0 : nb;
	}
	*peers = malloc(sizeof(**peers));
	if (*peers == NULL || app_telemetry_find(choice, *peers, &err) < 0)
		return 0;
	return 1;
}

int
top_export_collect(const struct app_telemetry_choice *choice, struct top_exported **programs)
{
	struct app_telemetry_peer *peers = NULL;
	int nb = find(choice, &peers);

	*programs = nb > 0 ? calloc((size_t)nb, sizeof(**programs)) : NULL;
	if (*programs == NULL)
		nb = 0;
	for (int i = 0; i < nb; i++) {
		(*programs)[i].peer = peers[i];
		ask(&(*programs)[i]);
	}
	free(peers);
	return nb;
}

void
top_export_fini(struct top_exported *programs, int nb)
{
	for (int i = 0; i < nb; i++)
		top_sample_fini(&programs[i].sample);
	free(programs);
}
