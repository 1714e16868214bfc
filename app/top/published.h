/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_PUBLISHED_H
#define TOP_PUBLISHED_H

/* The arenas and flows that the observed program publishes. */

#include "sample.h"

/* Scopes in which a program publishes, each with an endpoint of its name. */
extern const enum tide_metric_scope top_published_scopes[];
#define TOP_PUBLISHED_SCOPES 2

/* Ask the program for them; one whose library is too old for that has none. */
enum app_telemetry_result
top_published_ask(struct app_telemetry *client, struct top_sample *sample, struct app_error *err);

/* Compute the rates of a sample from the one before; each thing is recognized by its scope and name. */
void top_published_rates(const struct top_sample *before, struct top_sample *now);

#endif /* TOP_PUBLISHED_H */
