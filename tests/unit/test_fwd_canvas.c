/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Lines of any lengths stay within the rows and columns of the terminal they are drawn on. */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "canvas.h"

static struct fwd_canvas canvas;
static char *drawn;
static size_t len;

static void
begin(unsigned int rows, unsigned int columns)
{
	canvas.rows = rows;
	canvas.columns = columns;
	assert_int_equal(fwd_canvas_begin(&canvas), 0);
}

/* What the terminal gets; sequences are taken out, each must be one the canvas may use. */
static const char *
end(void)
{
	FILE *out;
	char *to;

	free(drawn);
	out = open_memstream(&drawn, &len);
	fwd_canvas_end(&canvas, out);
	fclose(out);
	to = drawn;
	for (const char *from = drawn; *from != '\0';) {
		if (*from != '\033') {
			*to++ = *from++;
			continue;
		}
		assert_true(from[1] == '[' && strchr("HKJ", from[2]) != NULL);
		from += 3;
	}
	*to = '\0';
	return drawn;
}

static void
what_fits_is_drawn_as_it_is(void **state)
{
	begin(4, 10);
	fputs("one\n\nten columns\nfour\n", canvas.lines);
	assert_int_equal(fwd_canvas_lines(&canvas), 4);
	assert_string_equal(end(), "one\n\nten column\nfour");
	begin(FWD_CANVAS_UNBOUNDED, FWD_CANVAS_UNBOUNDED);
	fputs("one\n\ntwo\n", canvas.lines);
	assert_string_equal(end(), "one\n\ntwo\n");
}

static void
empty_lines_go_first_and_the_last_row_says_what_is_left_out(void **state)
{
	begin(3, 60);
	fputs("1\n\n2\n\n\n3\n", canvas.lines);
	assert_string_equal(end(), "1\n2\n3");
	begin(3, 60);
	fputs("1\n\n2\n3\n4\n", canvas.lines);
	assert_string_equal(end(), "1\n2\n(2 more lines: a taller terminal shows them)");
	begin(1, 60);
	fputs("1\n2\n", canvas.lines);
	assert_string_equal(end(), "(2 more lines: a taller terminal shows them)");
}

static void
paragraphs_are_wrapped_at_words(void **state)
{
	begin(9, 10);
	fwd_canvas_wrap(&canvas, "warning: of a wordthatislonger thanaline");
	assert_string_equal(end(), "warning:\n  of a\n  wordthat\n  islonger\n  thanalin\n  e");
}

static void
bytes_that_continue_a_character_take_no_column(void **state)
{
	begin(1, 3);
	fputs("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\n", canvas.lines);
	assert_string_equal(end(), "\xc3\xa4\xc3\xb6\xc3\xbc");
	begin(1, 9);
	fputs("a\tb\033[2J\x7f\n", canvas.lines);
	assert_string_equal(end(), "a?b?[2J?");
}

static void
a_part_adds_no_more_lines_than_its_rows(void **state)
{
	for (unsigned int rows = 1; rows < 5; rows++) {
		static const char *const want[] = {"(3 more lines: a taller terminal shows them)",
			"1\n(2 more lines: a taller terminal shows them)", "1\n2\n3", "1\n2\n3"};
		struct fwd_canvas part = {.rows = rows, .columns = 60};
		char all[100];

		begin(9, 60);
		fputs("above\n", canvas.lines);
		assert_int_equal(fwd_canvas_begin(&part), 0);
		fputs("1\n2\n3\n", part.lines);
		fwd_canvas_append(&canvas, &part);
		fputs("below\n", canvas.lines);
		snprintf(all, sizeof(all), "above\n%s\nbelow", want[rows - 1]);
		assert_string_equal(end(), all);
	}
}

/* Nothing is written where the cursor would go to the next line. */
static void
a_terminal_of_one_column_has_no_room(void **state)
{
	struct winsize size = {.ws_row = 24, .ws_col = 1};
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, TIOCSWINSZ, &size), 0);
	fwd_canvas_size(&canvas, fd);
	assert_int_equal(canvas.rows, 24);
	assert_int_equal(canvas.columns, 0);
	size = (struct winsize){.ws_row = 1, .ws_col = 2};
	assert_int_equal(ioctl(fd, TIOCSWINSZ, &size), 0);
	fwd_canvas_size(&canvas, fd);
	assert_int_equal(canvas.rows, 1);
	assert_int_equal(canvas.columns, 1);
	close(fd);
	fwd_canvas_size(&canvas, fd);
	assert_int_equal(canvas.columns, FWD_CANVAS_UNBOUNDED);
}

static void
nothing_ever_leaves_the_terminal(void **state)
{
	long seed = time(NULL);

	print_message("seed %ld\n", seed);
	srand48(seed);
	for (unsigned int round = 0; round < 3000; round++) {
		unsigned int rows = 1 + lrand48() % 30, columns = lrand48() % 100, row = 1;
		char text[400];

		begin(rows, columns);
		for (long n = lrand48() % 40; n > 0; n--) {
			size_t length = (size_t)(lrand48() % (long)sizeof(text));

			for (size_t i = 0; i < length; i++)
				text[i] = lrand48() % 6 == 0 ? ' ' : (char)('a' + lrand48() % 26);
			text[length] = '\0';
			if (lrand48() % 3 == 0)
				fwd_canvas_wrap(&canvas, text);
			else
				fprintf(canvas.lines, "%s\n", lrand48() % 3 == 0 ? "" : text);
		}
		for (const char *line = end();; row++) {
			const char *eol = strchr(line, '\n');

			assert_true(row <= rows);
			assert_true((eol == NULL ? strlen(line) : (size_t)(eol - line)) <= columns);
			if (eol == NULL)
				break;
			line = eol + 1;
		}
	}
	free(drawn);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_drawn_as_it_is),
		cmocka_unit_test(empty_lines_go_first_and_the_last_row_says_what_is_left_out),
		cmocka_unit_test(paragraphs_are_wrapped_at_words),
		cmocka_unit_test(bytes_that_continue_a_character_take_no_column),
		cmocka_unit_test(a_part_adds_no_more_lines_than_its_rows),
		cmocka_unit_test(a_terminal_of_one_column_has_no_room),
		cmocka_unit_test(nothing_ever_leaves_the_terminal),
	};

	return cmocka_run_group_tests_name("fwd_canvas", tests, NULL, NULL);
}
