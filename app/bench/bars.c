/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: the figures to reach. */

#include <stddef.h>

#include "bars.h"

/* A work of scenario arena goes by its label. */
#define ARENA(label, against, peer, times, limit)                                         \
	{                                                                                 \
		"arena", "tide_arena", label, 0, 0, 0, false, against, peer, times, limit \
	}

/* clang-format off */
const struct bar bars[] = {
	/*
	 * scenario  subject      label cache    bulk buffers  fresh  against        peer          times  limit
	 */
	{"crowd",    "tide",      NULL, 0,       32,  0,       false, BAR_BEST_PEER, NULL,         true,  4},
	{"crowd",    "tide",      NULL, 64,      32,  0,       false, BAR_BEST_PEER, NULL,         true,  3},
	{"contend",  "tide",      NULL, 0,       0,   0,       false, BAR_BEST_PEER, NULL,         true,  2},
	{"bulk",     "tide",      NULL, 0,       32,  0,       false, BAR_BEST_PEER, NULL,         false, 0.95},
	{"single",   "tide",      NULL, 0,       0,   0,       false, BAR_NAMED,     "ring_mp_mc", false, 1.3},
	{"nic",      "tide",      NULL, 0,       0,   0,       false, BAR_BEST_PEER, NULL,         false, 1.05},
	{"nic",      "tide",      NULL, 256,     0,   0,       false, BAR_BEST_PEER, NULL,         false, 1.03},
	{"sweep",    "tide",      NULL, BAR_ANY, 0,   0,       false, BAR_BEST_PEER, NULL,         false, 1.05},
	{"sweep",    "tide",      NULL, BAR_ANY, 0,   0,       false, BAR_SMALLEST,  NULL,         false, 1.2},
	{"sweep",    "tide",      NULL, BAR_ANY, 0,   131071,  false, BAR_NAMED,     "ring_mp_mc", true,  2},
	{"create",   "tide",      NULL, BAR_ANY, 0,   1048575, false, BAR_NAMED,     "ring_mp_mc", true,  1.5},
	{"create",   "tide_pool", NULL, BAR_ANY, 0,   1048575, true,  BAR_NAMED,     "ring_mp_mc", true,  1.5},
	{"memory",   "tide",      NULL, BAR_ANY, 0,   0,       false, BAR_NOTHING,   NULL,         false, 2},
	ARENA("64 bytes, 1 thread",      BAR_NAMED,     "shared_bump", true,  1.5),
	ARENA("64 bytes, 1 thread",      BAR_BEST_PEER, NULL,          true,  3),
	ARENA("mixed sizes, 1 thread",   BAR_NAMED,     "shared_bump", true,  1.5),
	ARENA("mixed sizes, 1 thread",   BAR_BEST_PEER, NULL,          true,  3),
	ARENA("64 bytes, 2 threads",     BAR_NAMED,     "shared_bump", true,  8),
	ARENA("64 bytes, 2 threads",     BAR_BEST_PEER, NULL,          true,  3),
	ARENA("mixed sizes, 2 threads",  BAR_NAMED,     "shared_bump", true,  8),
	ARENA("mixed sizes, 2 threads",  BAR_BEST_PEER, NULL,          true,  3),
	ARENA("flip of 1000 chunks",     BAR_NOTHING,   NULL,          false, 20),
	{"hold",     "tide_pktbuf", "64 bytes", BAR_ANY, 0, 0,    false, BAR_NAMED,     "plain",      true,  8},
	{NULL,       NULL,        NULL, 0,       0,   0,       false, BAR_NOTHING,   NULL,         false, 0},
};
/* clang-format on */
