/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Draws lines with ncurses. */

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Without this, curses.h defines a macro for every common word. */
#define NCURSES_NOMACROS
#include <curses.h>

#include "screen.h"
#include "terminal.h"
#include "view.h"

static SCREEN *screen;
static chtype looks[TOP_LOOKS];

static void
choose_looks(void)
{
	looks[TOP_PLAIN] = A_NORMAL;
	looks[TOP_TITLE] = A_BOLD;
	looks[TOP_HEADING] = A_BOLD;
	looks[TOP_SELECTED] = A_REVERSE;
	looks[TOP_ALARM] = A_BOLD;
	if (!has_colors() || start_color() == ERR || use_default_colors() == ERR)
		return;
	init_pair(1, COLOR_CYAN, -1);
	init_pair(2, COLOR_RED, -1);
	looks[TOP_HEADING] = COLOR_PAIR(1);
	looks[TOP_ALARM] = COLOR_PAIR(2) | A_BOLD;
}

/* Let Ctrl-\ be a key: its signal would end the program without giving the terminal back. */
static void
make_quit_a_key(void)
{
	struct termios modes;

	if (tcgetattr(STDOUT_FILENO, &modes) < 0)
		return;
	modes.c_cc[VQUIT] = _POSIX_VDISABLE;
	tcsetattr(STDOUT_FILENO, TCSANOW, &modes);
	/* Ctrl-Z and a return keep it. */
	def_prog_mode();
}

int
top_screen_begin(struct app_error *err)
{
	if (top_terminal_check(err) < 0)
		return -1;
	screen = newterm(NULL, stdout, stdin);
	if (screen == NULL)
		return app_fail(err, APP_EXIT_RUN, "ncurses cannot use this terminal; give --once");
	set_term(screen);
	set_escdelay(25);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	make_quit_a_key();
	curs_set(0);
	choose_looks();
	return 0;
}

void
top_screen_size(unsigned int *rows, unsigned int *columns)
{
	int height, width;

	height = getmaxy(stdscr);
	width = getmaxx(stdscr);
	*rows = height > 0 ? (unsigned int)height : 1;
	*columns = width > 0 ? (unsigned int)width : 1;
}

void
top_screen_resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
		return;
	resizeterm(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
}

void
top_screen_draw(const struct top_lines *lines)
{
	unsigned int rows, columns;

	top_screen_size(&rows, &columns);
	erase();
	for (unsigned int i = 0; i < lines->nb && i < rows; i++) {
		attrset((int)looks[lines->line[i].look]);
		mvaddnstr((int)i, 0, lines->line[i].text, (int)columns);
	}
	refresh();
}

int
top_screen_key(void)
{
	int key = getch();

	switch (key) {
	case ERR:
		return -1;
	case KEY_UP:
		return TOP_KEY_UP;
	case KEY_DOWN:
		return TOP_KEY_DOWN;
	case KEY_HOME:
		return TOP_KEY_HOME;
	case KEY_END:
		return TOP_KEY_END;
	case KEY_PPAGE:
		return TOP_KEY_PAGE_UP;
	case KEY_NPAGE:
		return TOP_KEY_PAGE_DOWN;
	default:
		return key;
	}
}

void
top_screen_end(void)
{
	endwin();
	delscreen(screen);
}
