/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds an argument that EAL was started with. */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eal_friend.h"
#include "eal_internal.h"

bool
tidei_eal_argument(const char *root, const char *option)
{
	char path[PATH_MAX], *arg = NULL;
	bool found = false;
	size_t room = 0;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/proc/self/cmdline", root) >= (int)sizeof(path))
		return false;
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	/* The arguments behind "--" are for the program. */
	while (!found && getdelim(&arg, &room, '\0', f) > 0 && strcmp(arg, "--") != 0)
		found = tidei_eal_is_option(arg, option);
	free(arg);
	fclose(f);
	return found;
}

bool
tidei_eal_has_argument(const char *option)
{
	return tidei_eal_argument("", option);
}
