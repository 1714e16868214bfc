/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TOP_PRINT_H
#define TOP_PRINT_H

#include <stdio.h>

#include "blocks.h"

/* A sample with what was asked once. */
struct top_print {
	const struct top_facts *facts;
	const char *socket;
	struct top_sample *sample;
	int sort;
	json_t *scan, *audit; /* NULL: not asked, or the next tells why there is none. */
	char no_scan[512], no_audit[512];
};

/* Write it as text, in so many columns; 0: in as many as it takes. */
void top_print_text(const struct top_print *print, unsigned int columns, FILE *out);

/* Write it as one line of JSON. */
void top_print_json(const struct top_print *print, FILE *out);

#endif /* TOP_PRINT_H */
