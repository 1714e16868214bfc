/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Runs the exporter until a signal. */

#include "export.h"
#include "http.h"
#include "signals.h"

#define SWEEP_NS UINT64_C(1000000000)

int
top_export_serve(const struct top_address *address, const struct app_telemetry_choice *choice,
	struct app_error *err)
{
	struct top_http http;

	if (top_http_start(&http, address, choice, err) < 0)
		return -1;
	while (!app_signals_end(app_signals_wait(SWEEP_NS)))
		top_http_sweep(&http);
	top_http_stop(&http);
	return 0;
}
