/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* What the programs share: standard output that is lost is noticed. */

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "output.h"

void
app_output_begin(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
app_output_end(const char *program, int rc)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return rc;
	fprintf(stderr,
		"%s: the output was not all written: the disk is full or its reader is gone; "
		"send it elsewhere\n",
		program);
	return rc == 0 ? 1 : rc;
}
