/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Lays out a table of text. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "table.h"

#define GAP      2U
/* A longer cell is cut. */
#define CELL_MAX 64U

void
top_table_init(struct top_table *table)
{
	*table = (struct top_table){.nb_columns = 0};
}

void
top_table_column(struct top_table *table, const char *heading, bool left, unsigned int rank)
{
	struct top_column *column;

	if (table->nb_columns == TOP_TABLE_COLUMNS)
		return;
	column = &table->column[table->nb_columns++];
	*column = (struct top_column){.left = left, .rank = rank, .used = true};
	snprintf(column->heading, sizeof(column->heading), "%s", heading);
	column->width = (unsigned int)strlen(column->heading);
}

bool
top_table_row(struct top_table *table)
{
	if (table->nb_rows == table->room) {
		unsigned int room = 2 * table->room + 16;
		char **more =
			realloc(table->cell, (size_t)room * TOP_TABLE_COLUMNS * sizeof(*more));

		if (more == NULL)
			return false;
		table->cell = more;
		table->room = room;
	}
	memset(&table->cell[table->nb_rows * TOP_TABLE_COLUMNS], 0,
		TOP_TABLE_COLUMNS * sizeof(*table->cell));
	table->nb_rows++;
	return true;
}

void
top_table_cell(struct top_table *table, unsigned int column, const char *format, ...)
{
	char **cell = &table->cell[(table->nb_rows - 1) * TOP_TABLE_COLUMNS + column];
	va_list args;
	int len;

	if (column >= table->nb_columns || *cell != NULL)
		return;
	va_start(args, format);
	len = vasprintf(cell, format, args);
	va_end(args);
	if (len < 0)
		*cell = NULL;
	else if (strlen(*cell) > CELL_MAX)
		(*cell)[CELL_MAX] = '\0';
	if (*cell != NULL)
		table->column[column].width =
			RTE_MAX(table->column[column].width, (unsigned int)strlen(*cell));
}

static unsigned int
width_of(const struct top_table *table)
{
	unsigned int width = 0;

	for (unsigned int i = 0; i < table->nb_columns; i++) {
		if (table->column[i].used)
			width += table->column[i].width + (width > 0 ? GAP : 0);
	}
	return width;
}

/* The rightmost of the columns with the highest rank above 0; NULL: all others stay. */
static struct top_column *
least_important(struct top_table *table)
{
	struct top_column *least = NULL;

	for (unsigned int i = 0; i < table->nb_columns; i++) {
		struct top_column *column = &table->column[i];

		if (column->used && column->rank > 0 &&
			(least == NULL || column->rank >= least->rank))
			least = column;
	}
	return least;
}

/* Leave out numbers that would be cut, since the rest of one is another number. Text may be cut, and the first column. */
static void
drop_cut_numbers(struct top_table *table, unsigned int columns)
{
	unsigned int end = 0;

	for (unsigned int i = 0; i < table->nb_columns; i++) {
		struct top_column *column = &table->column[i];
		unsigned int width = column->width + (end > 0 ? GAP : 0);

		if (!column->used)
			continue;
		if (i > 0 && !column->left && end + width > columns)
			column->used = false;
		else
			end += width;
	}
}

unsigned int
top_table_fit(struct top_table *table, unsigned int columns)
{
	unsigned int width = width_of(table);
	struct top_column *least;

	while (columns != 0 && width > columns && (least = least_important(table)) != NULL) {
		least->used = false;
		width = width_of(table);
	}
	if (columns != 0)
		drop_cut_numbers(table, columns);
	return width_of(table);
}

/* Append a cell to text that has room for it. */
static void
append(char *text, const struct top_column *column, const char *cell)
{
	if (!column->used)
		return;
	text += strlen(text);
	text += sprintf(text, column->left ? "%-*.*s" : "%*.*s", (int)column->width,
		(int)column->width, cell != NULL ? cell : "");
	sprintf(text, "%*s", (int)GAP, "");
}

static char *
line(const struct top_table *table, char *const *cells)
{
	char *text = calloc(1, width_of(table) + GAP + 1);

	for (unsigned int i = 0; text != NULL && i < table->nb_columns; i++)
		append(text, &table->column[i],
			cells != NULL ? cells[i] : table->column[i].heading);
	for (size_t len = text != NULL ? strlen(text) : 0; len > 0 && text[len - 1] == ' '; len--)
		text[len - 1] = '\0';
	return text;
}

char *
top_table_headings(const struct top_table *table)
{
	return line(table, NULL);
}

char *
top_table_text(const struct top_table *table, unsigned int row)
{
	return line(table, &table->cell[row * TOP_TABLE_COLUMNS]);
}

void
top_table_add(struct top_table *table, struct top_lines *lines)
{
	char *text;

	top_table_fit(table, lines->columns);
	text = top_table_headings(table);
	top_lines_add(lines, TOP_HEADING, "%s", text != NULL ? text : "");
	free(text);
	for (unsigned int i = 0; i < table->nb_rows; i++) {
		text = top_table_text(table, i);
		top_lines_add(lines, TOP_PLAIN, "%s", text != NULL ? text : "");
		free(text);
	}
}

void
top_table_fini(struct top_table *table)
{
	for (unsigned int i = 0; i < table->nb_rows * TOP_TABLE_COLUMNS; i++)
		free(table->cell[i]);
	free(table->cell);
	*table = (struct top_table){.nb_columns = 0};
}
