/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BENCH_PROBE_PROTOCOL_H
#define BENCH_PROBE_PROTOCOL_H

/* The lines that a trial of mempool ops writes to its standard output. */

/* What it does next; the last of these lines tells where it crashed. */
#define PROBE_STAGE   "probe-stage: "
/* Why the ops do not work. */
#define PROBE_REFUSAL "probe-refusal: "

/* The ops work. The exit code is no evidence, as there are drivers that call exit(0). */
#define PROBE_WORKS "probe-works"

/* A trial that takes longer is ended by SIGALRM. */
#define PROBE_SECONDS 10

#endif /* BENCH_PROBE_PROTOCOL_H */
