/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_PROBE_PROTOCOL_H
#define BENCH_PROBE_PROTOCOL_H

/* What a trial of mempool ops writes to its standard output, a line each. */

/* What it is about to do; the last one tells where it crashed. */
#define PROBE_STAGE   "probe-stage: "
/* Why the ops do not serve. */
#define PROBE_REFUSAL "probe-refusal: "

/* All went well. The exit code does not tell: there are drivers that call exit(0). */
#define PROBE_SERVES "probe-serves"

/* A trial that takes longer is ended by SIGALRM. */
#define PROBE_SECONDS 10

#endif /* BENCH_PROBE_PROTOCOL_H */
