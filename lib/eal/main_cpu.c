/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads from EAL's arguments where the main lcore will run; before EAL starts it is known from nothing else. */

#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "eal_internal.h"

/* Return the value of an option in the form "-l 1", "-l1", "--lcores 1" or "--lcores=1"; NULL: none. */
static const char *
value_of(const char *option, int argc, char *const argv[])
{
	size_t len = strlen(option);
	const char *found = NULL;

	for (int i = 1; i < argc; i++) {
		const char *rest;

		if (len == 2 && strncmp(argv[i], option, len) == 0)
			rest = argv[i] + len;
		else if (tidei_eal_is_option(argv[i], option))
			rest = argv[i] + strcspn(argv[i], "=");
		else
			continue;
		if (*rest != '\0')
			found = len == 2 ? rest : rest + 1;
		else if (i + 1 < argc)
			found = argv[i + 1];
	}
	return found;
}

/* Tell whether EAL numbers the lcores by their order, and not by their CPUs. */
static bool
renumbers(int argc, char *const argv[])
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-R") == 0 || tidei_eal_is_option(argv[i], "--remap-lcore-ids"))
			return true;
	}
	return false;
}

/* Read a number and go behind it; -1: there is none. */
static int
number(const char **at)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)**at))
		return -1;
	errno = 0;
	n = strtol(*at, &end, 10);
	*at = end;
	return errno == 0 && n < CPU_SETSIZE ? (int)n : -1;
}

/*
 * Return the CPU of an lcore in a list of "LCORE", "LCORE-LCORE" and either with "@CPU"; lcore -1: of the
 * lowest. -1: it is not there, or the list has sets of CPUs.
 */
static int
cpu_in_list(const char *at, int lcore)
{
	int lowest = -1, found = -1;

	for (;;) {
		int first = number(&at), last = first, cpu = -1, here;

		if (first >= 0 && *at == '-') {
			at++;
			last = number(&at);
		}
		if (first < 0 || last < first)
			return -1;
		if (*at == '@') {
			at++;
			cpu = number(&at);
			if (cpu < 0)
				return -1;
		}
		here = lcore < 0 ? first : lcore;
		if (here >= first && here <= last && (lowest < 0 || here < lowest)) {
			lowest = here;
			found = cpu >= 0 ? cpu : here;
		}
		if (*at == '\0')
			return found;
		if (*at++ != ',')
			return -1;
	}
}

/* Return the same in a mask of hexadecimal digits, where an lcore is on the CPU of its number. */
static int
cpu_in_mask(const char *mask, int lcore)
{
	size_t len;
	int cpu = 0;

	if (strncmp(mask, "0x", 2) == 0 || strncmp(mask, "0X", 2) == 0)
		mask += 2;
	len = strlen(mask);
	if (len == 0 || strspn(mask, "0123456789abcdefABCDEF") != len)
		return -1;
	while (len-- > 0) {
		char digit[2] = {mask[len], '\0'};
		unsigned long bits = strtoul(digit, NULL, 16);

		for (int i = 0; i < 4; i++, cpu++) {
			if ((bits >> i & 1) != 0 && (lcore < 0 || cpu == lcore))
				return cpu;
		}
	}
	return -1;
}

/* Return the same where no lcores are named: all CPUs the process may use, each an lcore of its number. */
static int
cpu_allowed(int lcore)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return -1;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set) && (lcore < 0 || cpu == lcore))
			return cpu;
	}
	return -1;
}

int
tidei_eal_main_cpu(int argc, char *const argv[])
{
	static const char *const lists[] = {"-l", "--lcores"};
	const char *text = value_of("--main-lcore", argc, argv);
	int lcore = -1;

	if (renumbers(argc, argv))
		return -1;
	if (text != NULL) {
		lcore = number(&text);
		if (lcore < 0 || *text != '\0')
			return -1;
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		text = value_of(lists[i], argc, argv);
		if (text != NULL)
			return cpu_in_list(text, lcore);
	}
	text = value_of("-c", argc, argv);
	return text != NULL ? cpu_in_mask(text, lcore) : cpu_allowed(lcore);
}
