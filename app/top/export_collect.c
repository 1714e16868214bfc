/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds the programs to export, and asks each for a sample. */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "export.h"

static void *
ask(void *arg)
{
	struct top_exported *program = arg;
	struct app_error err = {0};
	struct app_telemetry *client =
		app_telemetry_connect(program->peer.path, APP_TELEMETRY_TIMEOUT_MS, &err);
	bool lost;

	program->started = top_started(program->peer.pid);
	if (client == NULL)
		return NULL;
	program->up = top_sample_take(client, "", &program->sample, &lost, &err) == 0;
	app_telemetry_close(client);
	return NULL;
}

/* Programs that hang cost a scrape no more than one that does. */
static void
ask_all(struct top_export *export)
{
	pthread_t *threads = calloc((size_t) export->nb, sizeof(*threads));
	bool *started = calloc((size_t) export->nb, sizeof(*started));

	for (int i = 0; i < export->nb; i++) {
		struct top_exported *program = &export->programs[i];

		if (threads != NULL && started != NULL)
			started[i] = pthread_create(&threads[i], NULL, ask, program) == 0;
		if (started == NULL || !started[i])
			ask(program);
	}
	for (int i = 0; i < export->nb; i++) {
		if (started != NULL && started[i])
			pthread_join(threads[i], NULL);
	}
	free(started);
	free(threads);
}

void
top_export_collect(const struct app_telemetry_choice *choice, struct top_export *export)
{
	struct app_telemetry_peer *peers;
	struct app_error err = {0};
	unsigned int hidden = 0;
	int nb = app_telemetry_matching(choice, &peers, &hidden, &err);

	*export = (struct top_export){
		.programs = calloc((size_t)(nb > 0 ? nb : 1), sizeof(*export->programs))};
	if (nb <= 0)
		strcpy(export->note, err.text);
	else if (hidden > 0)
		snprintf(export->note, sizeof(export->note),
			"%u telemetry sockets of other users are not asked: run tide-top as root",
			hidden);
	if (export->programs != NULL)
		export->nb = nb > 0 ? nb : 0;
	for (int i = 0; i < export->nb; i++)
		export->programs[i].peer = peers[i];
	free(peers);
	ask_all(export);
}

void
top_export_fini(struct top_export *export)
{
	for (int i = 0; i < export->nb; i++)
		top_sample_fini(&export->programs[i].sample);
	free(export->programs);
}
