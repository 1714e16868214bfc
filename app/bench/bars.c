/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: the figures to reach. */

#include <stddef.h>

#include "bars.h"

/* clang-format off */
const struct bar bars[] = {
	/* scenario   cache    bulk buffers  against        peer          times_better limit */
	{ "crowd",    0,       32,  0,       BAR_BEST_PEER, NULL,         true,        4 },
	{ "crowd",    64,      32,  0,       BAR_BEST_PEER, NULL,         true,        3 },
	{ "contend",  0,       0,   0,       BAR_BEST_PEER, NULL,         true,        2 },
	{ "bulk",     0,       32,  0,       BAR_BEST_PEER, NULL,         false,       0.95 },
	{ "single",   0,       0,   0,       BAR_NAMED,     "ring_mp_mc", false,       1.3 },
	{ "nic",      0,       0,   0,       BAR_BEST_PEER, NULL,         false,       1.05 },
	{ "nic",      256,     0,   0,       BAR_BEST_PEER, NULL,         false,       1.03 },
	{ "sweep",    BAR_ANY, 0,   0,       BAR_BEST_PEER, NULL,         false,       1.05 },
	{ "sweep",    BAR_ANY, 0,   0,       BAR_SMALLEST,  NULL,         false,       1.2 },
	{ "sweep",    BAR_ANY, 0,   131071,  BAR_NAMED,     "ring_mp_mc", true,        2 },
	{ "create",   BAR_ANY, 0,   1048575, BAR_NAMED,     "ring_mp_mc", true,        1.5 },
	{ "memory",   BAR_ANY, 0,   0,       BAR_NOTHING,   NULL,         false,       2 },
	{ NULL,       0,       0,   0,       BAR_NOTHING,   NULL,         false,       0 },
};
/* clang-format on */
