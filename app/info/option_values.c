/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info: parses values with units. */

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "option_values.h"

/* No machine has more memory, no link is faster, and no packet is held longer. */
#define SIZE_LARGEST (1ULL << 50)
#define RATE_LARGEST 1e13
#define HOLD_LARGEST 3600000000.0

/* A unit, and how many of the smallest it is. */
struct unit {
	const char *name;
	double times;
};

/* Read a number with digits at its front, and a unit of the table, which an empty name ends. -1: neither. */
static double
parse(const char *value, const struct unit *units)
{
	char *end;
	double number;

	if (!isdigit((unsigned char)value[0]) || tolower((unsigned char)value[1]) == 'x')
		return -1;
	number = strtod(value, &end);
	for (;; units++) {
		if (strcmp(end, units->name) == 0)
			return number * units->times;
		if (units->name[0] == '\0')
			return -1;
	}
}

int
option_size(uint64_t *bytes, const char *value, char *reason, size_t len)
{
	static const struct unit units[] = {{"K", 0x1p10}, {"M", 0x1p20}, {"G", 0x1p30},
		{"T", 0x1p40}, {"k", 0x1p10}, {"m", 0x1p20}, {"g", 0x1p30}, {"", 1}};
	double number = parse(value, units);

	if (!(number >= 0) || number > (double)SIZE_LARGEST) {
		snprintf(reason, len, "not a number of bytes up to 1024T; give one like 512M");
		return -1;
	}
	*bytes = (uint64_t)ceil(number);
	return 0;
}

int
option_page(uint64_t *page_size, const char *value, char *reason, size_t len)
{
	static const struct {
		const char *name;
		uint64_t size;
	} pages[] = {
		{"huge", 0}, {"4K", 4096}, {"2M", UINT64_C(2) << 20}, {"1G", UINT64_C(1) << 30}};

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (strcasecmp(value, pages[i].name) == 0) {
			*page_size = pages[i].size;
			return 0;
		}
	}
	snprintf(reason, len, "no such page size; give huge, 2M, 1G or 4K");
	return -1;
}

int
option_time(uint32_t *us, const char *value, char *reason, size_t len)
{
	static const struct unit units[] = {{"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"", 1}};
	double number = parse(value, units);

	if (!(number >= 0) || number > HOLD_LARGEST) {
		snprintf(reason, len, "not a time up to an hour; give one like 200us, 5ms or 1s");
		return -1;
	}
	*us = (uint32_t)ceil(number);
	return 0;
}

int
option_rate(uint64_t *pps, uint64_t *bps, const char *value, char *reason, size_t len)
{
	static const struct unit packets[] = {
		{"pps", 1}, {"kpps", 1e3}, {"Mpps", 1e6}, {"Gpps", 1e9}, {"", 1}};
	static const struct unit bits[] = {{"bps", 1}, {"kbps", 1e3}, {"Mbps", 1e6}, {"Gbps", 1e9},
		{"Tbps", 1e12}, {"bit", 1}, {"Mbit", 1e6}, {"Gbit", 1e9}, {"", -1}};
	double number = parse(value, packets), bit = parse(value, bits);

	if (!(number >= 0) && !(bit >= 0))
		number = RATE_LARGEST * 2;
	if (number > RATE_LARGEST || bit > RATE_LARGEST) {
		snprintf(reason, len,
			"not a rate; give one like 1.5Mpps, 10Gbps or 200000 (packets/s)");
		return -1;
	}
	*pps = number >= 0 ? (uint64_t)ceil(number) : 0;
	*bps = number >= 0 ? 0 : (uint64_t)ceil(bit);
	return 0;
}
