/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BUFFER_POOL_OPTIONS_H
#define BUFFER_POOL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "option_table.h"

/* Bytes in a chunk: small, so that a pool has some for every lcore. */
#define CHUNK_BYTES 4096

struct options {
	uint32_t node_bytes; /* In the pool of each node; a multiple of CHUNK_BYTES. */
	uint32_t hold; /* Seconds to wait at the end; 0: not at all. */
	bool help;
	bool version;
};

/* The table. */
extern const struct app_program buffer_pool_program;

/* Set the defaults. */
void options_init(struct options *opt);

#endif /* BUFFER_POOL_OPTIONS_H */
