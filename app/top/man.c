/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes the man page of tide-top: man TEMPLATE. */

#include "options.h"

int
main(int argc, char **argv)
{
	return app_man_main(&top_program, NULL, argc, argv);
}
