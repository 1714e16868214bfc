/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads on which CPU a thread of this process is. */

#include <stdio.h>
#include <string.h>

#include "sys_friend.h"

/* Fields of /proc/PID/stat between the name and "processor": see proc_pid_stat(5). */
#define FIELDS_BEFORE_CPU 37

int
tidei_thread_cpu(pid_t tid)
{
	struct tidei_textfile file;
	const char *at;
	int cpu;

	if (tidei_textfile_read(&file, "", "/proc/self/task/%d/stat", (int)tid) < 0)
		return -1;
	/* The name of a thread can have spaces and brackets. */
	at = strrchr(file.text, ')');
	for (unsigned int i = 0; at != NULL && i < FIELDS_BEFORE_CPU; i++)
		at = strchr(at + 1, ' ');
	return at != NULL && sscanf(at, " %d", &cpu) == 1 ? cpu : -1;
}
