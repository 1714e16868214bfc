/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Lets a test read the log lines of the code under test. */

#include <stdio.h>
#include <stdlib.h>

#include <rte_log.h>

#include "log.h"

static FILE *stream;
static char *text;
static size_t size;

static void
stop(void)
{
	rte_openlog_stream(stderr);
	if (stream != NULL)
		fclose(stream);
	stream = NULL;
}

static void
drop(void)
{
	stop();
	free(text);
	text = NULL;
}

void
test_log_catch(void)
{
	static int registered;

	if (!registered) {
		atexit(drop);
		registered = 1;
	}
	drop();
	stream = open_memstream(&text, &size);
	if (stream == NULL)
		abort();
	rte_openlog_stream(stream);
}

const char *
test_log_caught(void)
{
	stop();
	return text == NULL ? "" : text;
}
