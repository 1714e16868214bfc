/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_REPORT_H
#define TOP_REPORT_H

#include "blocks.h"
#include "options.h"
#include "telemetry_find.h"

/*
 * Print samples, --once or --json, until --count, a signal or the end of the program. 0, or -1 with err filled. The
 * caller closes the client.
 */
int top_report(const struct top_options *options, const struct app_telemetry_peer *peer,
	const struct top_facts *facts, struct app_telemetry *client, struct app_error *err);

#endif /* TOP_REPORT_H */
