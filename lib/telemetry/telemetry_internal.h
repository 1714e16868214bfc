/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TELEMETRY_INTERNAL_H
#define TELEMETRY_INTERNAL_H

/* Shared by the sources of lib/telemetry. */

#include "tide_telemetry.h"

/* Bytes of the longest name that tidei_metric_name() writes. */
#define TIDEI_METRIC_NAME_LEN 64

/* Write the name of a metric for an output without objects: its group, if it has one, and its name. */
void tidei_metric_name(const struct tide_metric *metric, char name[TIDEI_METRIC_NAME_LEN]);

#endif /* TELEMETRY_INTERNAL_H */
