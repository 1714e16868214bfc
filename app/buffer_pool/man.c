/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes the man page of tide-buffer-pool: man TEMPLATE. */

#include "options.h"

int
main(int argc, char **argv)
{
	struct app_error err;

	if (argc == 2 && app_man_page(&buffer_pool_program, argv[1], NULL, stdout, &err) == 0)
		return 0;
	fprintf(stderr, "%s\n", argc == 2 ? err.text : "usage: man TEMPLATE");
	return 1;
}
