/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_LIVE_H
#define TOP_LIVE_H

#include "blocks.h"
#include "options.h"
#include "telemetry_find.h"

/* The observed program ended. */
#define TOP_EXIT_ENDED 3

/*
 * Be the live screen of a program until a key, a signal, --count or the end of the program; takes over the client.
 * 0, or -1 with err filled.
 */
int top_live(const struct top_options *options, const struct app_telemetry_peer *peer,
	const struct top_facts *facts, struct app_telemetry *client, struct app_error *err);

#endif /* TOP_LIVE_H */
