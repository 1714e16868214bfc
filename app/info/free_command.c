/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info: the command that frees the huge pages of a dead process. */

#include <stdio.h>
#include <string.h>

#include "machine.h"

/* Append a word for the shell, in quotes if a character of it needs them. */
static void
append_quoted(char *text, size_t size, const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-";
	bool quoted = word[strspn(word, plain)] != '\0';
	size_t used = strlen(text);

	used += (size_t)snprintf(text + used, size - used, "%s", quoted ? "'" : "");
	for (; *word != '\0' && used + 8 < size; word++)
		used += (size_t)snprintf(
			text + used, size - used, *word == '\'' ? "'\\''" : "%c", *word);
	snprintf(text + used, size - used, "%s", quoted ? "'" : "");
}

void
machine_free_command(const struct tide_eal_files *files, char text[FREE_COMMAND])
{
	char start[sizeof(files->directory) + sizeof(files->prefix)];

	snprintf(start, sizeof(start), "%s/%s", files->directory, files->prefix);
	snprintf(text, FREE_COMMAND, "for f in ");
	append_quoted(text, FREE_COMMAND - 64, start);
	strcat(text, "map_*; do flock -n \"$f\" rm \"$f\"; done");
}
