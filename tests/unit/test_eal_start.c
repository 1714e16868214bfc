/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The arguments that programs start EAL with: none twice, which EAL refuses from DPDK 25.11 on. The exit code, where EAL
 * calls exit() itself.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_eal.h>

#include "eal_start.h"
#include "tide_eal.h"

#define ARGS_MAX 32

static char *seen[ARGS_MAX];
static int nb_seen;

/* If set, EAL calls exit() with exit_status. */
static bool eal_exits;
static int exit_status;

/* If set, this machine has no memory for EAL. */
static bool memory_lacks;

int __wrap_rte_eal_init(int argc, char **argv);
int __wrap_tide_eal_memory(int argc, char *const argv[], struct tide_eal_memory *memory);
int __real_tide_eal_memory(int argc, char *const argv[], struct tide_eal_memory *memory);

int
__wrap_tide_eal_memory(int argc, char *const argv[], struct tide_eal_memory *memory)
{
	if (!memory_lacks)
		return __real_tide_eal_memory(argc, argv, memory);
	*memory = (struct tide_eal_memory){.reason = "no page is free", .hint = "echo 64 > file"};
	return -ENOMEM;
}

/* Keep the arguments instead of starting. */
int
__wrap_rte_eal_init(int argc, char **argv)
{
	if (eal_exits)
		exit(exit_status);
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

/* Without free huge pages --no-huge is added, which no program of ours asks for together with --in-memory. */
static void
need_huge_pages(void)
{
	char *alone[] = {"test", NULL};
	struct tide_eal_memory memory;

	assert_int_equal(tide_eal_memory(1, alone, &memory), 0);
	if (strcmp(memory.argument, "--no-huge") != 0)
		return;
	print_message("needs memory on huge pages: %s\n", memory.reason);
	skip();
}

static void
what_the_program_and_the_choice_of_memory_add_stands_once(void **state)
{
	char *alone[] = {"test", NULL};

	need_huge_pages();
	start(1, alone, ours);
	assert_once(ours);
}

static void
what_the_user_gave_is_not_added(void **state)
{
	char *each[] = {
		"--in-memory", "--no-huge", "--no-pci", "--no-telemetry", "--file-prefix=theirs"};

	need_huge_pages();
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

static void
earlier_handler(void)
{
	fputs("handler of the program\n", stderr);
}

/* In a child: start with an EAL that calls exit(), or call exit() after the start. */
static void
start_and_exit(bool started, int status)
{
	char *alone[] = {"test", NULL};

	atexit(earlier_handler);
	eal_exits = !started;
	exit_status = status;
	start(1, alone, ours);
	exit(started ? status : 99);
}

/* Return the exit code of start_and_exit(), and what it wrote to stderr. */
static int
exit_of(bool started, int status, char *text, size_t size)
{
	FILE *file = tmpfile();
	size_t len;
	int result;
	pid_t pid;

	assert_non_null(file);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fileno(file), STDERR_FILENO);
		start_and_exit(started, status);
	}
	assert_int_equal(waitpid(pid, &result, 0), pid);
	rewind(file);
	len = fread(text, 1, size - 1, file);
	text[len] = '\0';
	fclose(file);
	assert_true(WIFEXITED(result));
	return WEXITSTATUS(result);
}

static void
memory_that_eal_cannot_have_is_said_before_eal_starts(void **state)
{
	char *alone[] = {"test", NULL};
	struct app_error err = {0};

	nb_seen = 0;
	memory_lacks = true;
	assert_int_equal(app_eal_start("test", 1, alone, ours, &err), -1);
	memory_lacks = false;
	assert_int_equal(err.code, APP_EXIT_RUN);
	assert_string_equal(err.text, "no page is free: echo 64 > file");
	assert_int_equal(nb_seen, 0);
}

static void
an_eal_that_exits_for_an_argument_is_wrong_use(void **state)
{
	static const char error[] = "test: EAL did not start: Invalid argument, ";
	char text[1024];

	assert_int_equal(exit_of(false, -EINVAL, text, sizeof(text)), APP_EXIT_USAGE);
	assert_int_equal(strncmp(text, error, strlen(error)), 0);
	/* A program may write its output in a handler. */
	assert_string_equal(strchr(text, '\n'), "\nhandler of the program\n");
}

static void
an_eal_that_exits_for_another_reason_is_a_failure(void **state)
{
	static const int status[] = {-ENOMEM, -1, 1, 3};
	char text[1024];

	for (size_t i = 0; i < sizeof(status) / sizeof(status[0]); i++) {
		assert_int_equal(exit_of(false, status[i], text, sizeof(text)), APP_EXIT_RUN);
		assert_non_null(strstr(text, "test: EAL did not start"));
	}
}

static void
an_eal_that_printed_help_is_no_error(void **state)
{
	char text[1024];

	assert_int_equal(exit_of(false, 0, text, sizeof(text)), 0);
	assert_string_equal(text, "handler of the program\n");
}

static void
exit_after_the_start_keeps_its_code(void **state)
{
	static const int status[] = {0, 1, 234};
	char text[1024];

	for (size_t i = 0; i < sizeof(status) / sizeof(status[0]); i++) {
		assert_int_equal(exit_of(true, status[i], text, sizeof(text)), status[i]);
		assert_string_equal(text, "handler of the program\n");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_program_and_the_choice_of_memory_add_stands_once),
		cmocka_unit_test(what_the_user_gave_is_not_added),
		cmocka_unit_test(a_value_of_its_own_place_is_seen_too),
		cmocka_unit_test(log_levels_of_the_user_come_last),
		cmocka_unit_test(memory_that_eal_cannot_have_is_said_before_eal_starts),
		cmocka_unit_test(an_eal_that_exits_for_an_argument_is_wrong_use),
		cmocka_unit_test(an_eal_that_exits_for_another_reason_is_a_failure),
		cmocka_unit_test(an_eal_that_printed_help_is_no_error),
		cmocka_unit_test(exit_after_the_start_keeps_its_code),
	};

	return cmocka_run_group_tests_name("eal_start", tests, NULL, NULL);
}
