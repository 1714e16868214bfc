/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Tells which program is observed, and since when it runs. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blocks.h"

/* Seconds between 1970 and the start of the machine; 0: it cannot be read. */
static double
boot_time(void)
{
	FILE *f = fopen("/proc/stat", "r");
	unsigned long long seconds = 0;
	char line[256];

	/* The lines before btime are short but the one of interrupts, which comes in parts. */
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "btime %llu", &seconds) == 1)
			break;
	}
	if (f != NULL)
		fclose(f);
	return (double)seconds;
}

double
top_started(pid_t pid)
{
	unsigned long long ticks = 0;
	char path[32], line[1024];
	double boot = boot_time();
	const char *at = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = pid > 0 ? fopen(path, "r") : NULL;
	if (f == NULL)
		return 0;
	/* Field 22 is the start; field 2 is a name in parentheses, which can have any bytes. */
	if (fgets(line, sizeof(line), f) != NULL)
		at = strrchr(line, ')');
	fclose(f);
	for (unsigned int field = 2; at != NULL && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at == NULL || sscanf(at, " %llu", &ticks) != 1 || boot == 0)
		return 0;
	return boot + (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static void
age(double seconds, char *text, size_t len)
{
	unsigned long long s = seconds > 0 ? (unsigned long long)seconds : 0;

	if (s >= 86400)
		snprintf(text, len, "%llu d %llu:%02llu:%02llu", s / 86400, s / 3600 % 24,
			s / 60 % 60, s % 60);
	else
		snprintf(text, len, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
}

void
top_block_title(const struct top_facts *facts, const struct top_sample *sample, const char *more,
	struct top_lines *lines)
{
	char pid[32] = "", up[64] = "";

	if (facts->pid != 0)
		snprintf(pid, sizeof(pid), "  pid %d", (int)facts->pid);
	if (facts->started > 0) {
		strcpy(up, "  up ");
		age(sample->time - facts->started, up + strlen(up), sizeof(up) - strlen(up));
	}
	top_lines_add(lines, TOP_TITLE, "%s%s%s  %s  prefix %s%s", facts->program, pid, up,
		facts->version, facts->prefix, more);
}
