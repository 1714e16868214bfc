/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info: shows the machine, checks where this process is on it, and plans the buffers of an application. */

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "output.h"

int
main(int argc, char **argv)
{
	struct app_error err = {0};
	int rc;

	app_output_begin();
	rc = command_run(argc, argv, &err);
	if (err.code != 0)
		fprintf(stderr, "tide-info: %s\n", err.text);
	return app_output_end("tide-info", err.code != 0 ? err.code : rc);
}
