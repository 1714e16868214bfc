/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_TABLE_H
#define TOP_TABLE_H

/*
 * A table of text. Columns are as wide as their widest cell. Where they do not fit, those with the highest rank are
 * left out, the rightmost first, and then numbers that would be cut.
 */

#include <stdbool.h>

#include "lines.h"

#define TOP_TABLE_COLUMNS 64U

struct top_column {
	char heading[48];
	bool left; /* Text; numbers are on the right. */
	unsigned int rank; /* 0: it is never left out. */
	unsigned int width;
	bool used; /* It is shown. */
};

struct top_table {
	struct top_column column[TOP_TABLE_COLUMNS];
	unsigned int nb_columns;
	char **cell; /* Row after row; NULL: empty. */
	unsigned int nb_rows, room;
};

void top_table_init(struct top_table *table);

/* Add a column, before the first row. */
void top_table_column(struct top_table *table, const char *heading, bool left, unsigned int rank);

/* Begin a row; cells that are not set are empty. false: no memory for it, and there is no row to fill. */
bool top_table_row(struct top_table *table);

/* Set a cell of the last row. */
void top_table_cell(struct top_table *table, unsigned int column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Choose the columns that fit, 0: all fit. Returns the width of the table. */
unsigned int top_table_fit(struct top_table *table, unsigned int columns);

/* Write the headings, or a row, after top_table_fit(), as text for free(); NULL: out of memory. */
char *top_table_headings(const struct top_table *table);
char *top_table_text(const struct top_table *table, unsigned int row);

/* Add the headings and all rows to lines. */
void top_table_add(struct top_table *table, struct top_lines *lines);

void top_table_fini(struct top_table *table);

#endif /* TOP_TABLE_H */
