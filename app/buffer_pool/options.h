/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef BUFFER_POOL_OPTIONS_H
#define BUFFER_POOL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"

/* Bytes in a chunk: small, so that a pool has some for every lcore. */
#define CHUNK_BYTES 4096

struct options {
	uint32_t node_bytes; /* In the pool of each node; a multiple of CHUNK_BYTES. */
	unsigned int hold; /* Seconds to wait at the end; 0: not at all. */
	bool help;
	bool version;
};

/* argv[0] is passed over. */
int options_parse(int argc, char **argv, struct options *opt, struct app_error *err);

void options_help(FILE *out);

#endif /* BUFFER_POOL_OPTIONS_H */
