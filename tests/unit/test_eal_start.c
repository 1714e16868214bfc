/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The arguments that programs start EAL with: none twice, which EAL refuses from DPDK 25.11 on. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>

#include "eal_start.h"

#define ARGS_MAX 32

static char *seen[ARGS_MAX];
static int nb_seen;

int __wrap_rte_eal_init(int argc, char **argv);

/* Keep the arguments instead of starting. */
int
__wrap_rte_eal_init(int argc, char **argv)
{
	assert_true(argc < ARGS_MAX);
	for (nb_seen = 0; nb_seen < argc; nb_seen++) {
		free(seen[nb_seen]);
		seen[nb_seen] = strdup(argv[nb_seen]);
	}
	return argc - 1;
}

/* How many of the arguments are this option, with a value or without. */
static int
times(const char *option)
{
	size_t len = strlen(option);
	int nb = 0;

	for (int i = 1; i < nb_seen; i++)
		nb += strncmp(seen[i], option, len) == 0 &&
		      (seen[i][len] == '\0' || seen[i][len] == '=');
	return nb;
}

static int
place(const char *arg)
{
	for (int i = 1; i < nb_seen; i++)
		if (strcmp(seen[i], arg) == 0)
			return i;
	fail_msg("%s is not among the arguments", arg);
	return 0;
}

static char *ours[] = {"--log-level=lib.tide.arena:error", "--no-pci", "--no-telemetry",
	"--file-prefix=mine.1", "--in-memory", NULL};

static void
assert_once(char *first[])
{
	for (int i = 0; first[i] != NULL; i++) {
		char *option = strndup(first[i], strcspn(first[i], "="));

		if (strcmp(option, "--log-level") != 0)
			assert_int_equal(times(option), 1);
		free(option);
	}
	assert_int_equal(times("--in-memory") + times("--no-huge"), 1);
}

static void
start(int argc, char *argv[], char *first[])
{
	struct app_error err;

	assert_int_equal(app_eal_start("test", argc, argv, first, &err), 0);
}

static void
what_the_program_and_the_choice_of_memory_add_stands_once(void **state)
{
	char *alone[] = {"test", NULL};

	start(1, alone, ours);
	assert_once(ours);
}

static void
what_the_user_gave_is_not_added(void **state)
{
	char *each[] = {
		"--in-memory", "--no-huge", "--no-pci", "--no-telemetry", "--file-prefix=theirs"};

	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		char *given[] = {"test", each[i], "-m", "64", NULL};
		/* --no-huge and --in-memory exclude each other; the program asks for neither then. */
		char *others[] = {ours[0], ours[1], ours[2], ours[3], NULL};

		start(4, given, strcmp(each[i], "--no-huge") == 0 ? others : ours);
		assert_once(strcmp(each[i], "--no-huge") == 0 ? others : ours);
		place(each[i]);
		place("64");
	}
}

static void
a_value_of_its_own_place_is_seen_too(void **state)
{
	char *given[] = {"test", "--file-prefix", "theirs", NULL};

	start(3, given, ours);
	assert_int_equal(times("--file-prefix"), 1);
	assert_int_equal(place("theirs"), place("--file-prefix") + 1);
}

static void
log_levels_of_the_user_come_last(void **state)
{
	char *given[] = {
		"test", "--log-level=lib.eal:debug", "--log-level=lib.tide.arena:debug", NULL};

	start(3, given, ours);
	assert_true(place("--log-level=lib.eal:error") < place(given[1]));
	assert_true(place(ours[0]) < place(given[2]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_program_and_the_choice_of_memory_add_stands_once),
		cmocka_unit_test(what_the_user_gave_is_not_added),
		cmocka_unit_test(a_value_of_its_own_place_is_seen_too),
		cmocka_unit_test(log_levels_of_the_user_come_last),
	};

	return cmocka_run_group_tests_name("eal_start", tests, NULL, NULL);
}
