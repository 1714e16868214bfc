/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes the man page of tide-bench: man TEMPLATE. */

#include "frame/options.h"

int
main(int argc, char **argv)
{
	return app_man_main(&bench_program, NULL, argc, argv);
}
