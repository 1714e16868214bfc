/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: keeps notes on what a run leaves out. */

#include <stdarg.h>
#include <stdlib.h>

#include "frame/bench.h"

void
bench_note(struct bench *bench, const char *fmt, ...)
{
	char text[BENCH_REASON_MAX];
	void *more;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printf("note: %s\n", text);
	more = realloc(bench->note, (bench->nb_notes + 1) * sizeof(*bench->note));
	if (more == NULL)
		return;
	bench->note = more;
	memcpy(bench->note[bench->nb_notes++], text, sizeof(text));
}
