/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Asks the description of the terminal; its header has macros for words such as "lines", so this is on its own. */

#include <stdlib.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#include "terminal.h"

int
top_terminal_check(struct app_error *err)
{
	const char *name = getenv("TERM"), *move;
	char *wanted = (char[]){"cup"};
	int rc;

	if (!isatty(STDOUT_FILENO))
		return app_fail(err, APP_EXIT_USAGE,
			"standard output is no terminal: give --once for text, or --json");
	if (name == NULL || setupterm(NULL, STDOUT_FILENO, &rc) == ERR)
		return app_fail(err, APP_EXIT_USAGE,
			"TERM is '%.60s', a terminal that is not described here: give --once "
			"for text, or set TERM",
			name != NULL ? name : "");
	move = tigetstr(wanted);
	rc = move == NULL || move == (char *)-1;
	del_curterm(cur_term);
	if (rc)
		return app_fail(err, APP_EXIT_USAGE,
			"TERM is '%.60s', a terminal that cannot place its cursor: give --once "
			"for text, or set TERM",
			name);
	return 0;
}
