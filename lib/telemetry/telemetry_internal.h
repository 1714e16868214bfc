/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TELEMETRY_INTERNAL_H
#define TELEMETRY_INTERNAL_H

/* Shared by the sources of lib/telemetry. */

#include <rte_telemetry.h>
#include <rte_version.h>

#include "tide_telemetry.h"

/* Bytes of the longest name that tidei_metric_name() writes. */
#define TIDEI_METRIC_NAME_LEN 64

/* Write the name of a metric for an output without objects: its group, if it has one, and its name. */
void tidei_metric_name(const struct tide_metric *metric, char name[TIDEI_METRIC_NAME_LEN]);

/* Add an unsigned number to an answer, with the function that this version of DPDK has for it. */
static inline int
tidei_answer_add(struct rte_tel_data *answer, const char *name, uint64_t value)
{
#if RTE_VERSION < RTE_VERSION_NUM(23, 3, 0, 0)
	return rte_tel_data_add_dict_u64(answer, name, value);
#else
	return rte_tel_data_add_dict_uint(answer, name, value);
#endif
}

/* The format of tidei_answer_refuse() for a command that lacks the name of a mempool. */
#define TIDEI_ANSWER_UNNAMED "name a mempool after a comma: /tide/pools lists them%s"

/* Answer with an error alone: format has one %s, for name. */
int tidei_answer_refuse(struct rte_tel_data *answer, const char *format, const char *name);

/* Answer /tide/scan: where the outstanding buffers of the mempool are whose name is in params. */
int tidei_telemetry_scan(const char *cmd, const char *params, struct rte_tel_data *answer);

#endif /* TELEMETRY_INTERNAL_H */
