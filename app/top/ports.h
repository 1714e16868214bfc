/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_PORTS_H
#define TOP_PORTS_H

/* Ports of the observed program, by DPDK's own endpoints /ethdev; the socket of tidepool has none of these. */

#include "sample.h"

/* Fill the ports of a sample; none where the program has no such endpoints. */
enum app_telemetry_result
top_ports_ask(struct app_telemetry *client, struct top_sample *sample, struct app_error *err);

/* Take the counters of the sample before, from which the table of metrics computes rates. */
void top_ports_rates(const struct top_sample *before, struct top_sample *now);

#endif /* TOP_PORTS_H */
