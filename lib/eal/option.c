/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Recognizes EAL's long options as EAL does. */

#include <string.h>

#include "eal_internal.h"

bool
tidei_eal_is_option(const char *arg, const char *option)
{
	size_t len = strcspn(arg, "=");

	return len >= strlen("--in-") && strncmp(arg, option, len) == 0;
}
