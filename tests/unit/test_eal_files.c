/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* EAL's files in a hugetlbfs: grouped, alive or dead, and removed; on mounts made of directories. */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "eal_internal.h"
#include "machine.h"
#include "tree.h"

static const char *root;

static int
make_tree(void **state)
{
	root = test_tree_make();
	test_tree_write("/proc/self/mounts", "proc /proc proc rw 0 0\n"
					     "hugetlbfs /huge hugetlbfs rw,pagesize=2M 0 0\n"
					     "none /gone hugetlbfs rw 0 0\n"
					     "tmpfs /tmp tmpfs rw 0 0\n");
	return 0;
}

static int
remove_tree(void **state)
{
	test_tree_free();
	return 0;
}

static void
full_path(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/huge/%s", root, name);
}

/* Make a file that is older than the time in which its EAL would lock it. */
static void
make_file(const char *name)
{
	const struct timespec past[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	char path[256];

	test_machine_write("pages", "/huge/%s", name);
	full_path(path, sizeof(path), name);
	assert_int_equal(utimensat(AT_FDCWD, path, past, 0), 0);
}

static int
lock(const char *name)
{
	char path[256];
	int fd;

	full_path(path, sizeof(path), name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_SH), 0);
	return fd;
}

static bool
exists(const char *name)
{
	char path[256];

	full_path(path, sizeof(path), name);
	return access(path, F_OK) == 0;
}

static void
only_files_of_eal_in_a_hugetlbfs_are_listed(void **state)
{
	struct tide_eal_files files[4];

	make_file("rtemap_0");
	make_file("rtemap_17");
	make_file("rtemap_");
	make_file("map_3");
	make_file("rtemap_3x");
	make_file("other");
	test_tree_write("/tmp/rtemap_0", "x");
	test_tree_write("/huge/dirmap_0/x", "x");
	assert_int_equal(tidei_eal_files_read(root, files, 4), 1);
	assert_string_equal(files[0].prefix, "rte");
	assert_string_equal(files[0].directory, "/huge");
	assert_int_equal(files[0].files, 2);
	assert_int_equal(files[0].owner, TIDE_EAL_OWNER_DEAD);
	assert_int_equal(files[0].pid, 0);
}

static void
each_prefix_is_a_group(void **state)
{
	struct tide_eal_files files[4];

	make_file("amap_0");
	make_file("my.map_map_1");
	assert_int_equal(tidei_eal_files_read(root, files, 1), 2);
	assert_int_equal(tidei_eal_files_read(root, files, 4), 2);
	assert_true(
		strcmp(files[0].prefix, "my.map_") == 0 || strcmp(files[1].prefix, "my.map_") == 0);
}

static void
a_locked_file_has_an_owner(void **state)
{
	struct tide_eal_files files[4];
	int fd;

	make_file("rtemap_0");
	make_file("rtemap_1");
	fd = lock("rtemap_0");
	/* Its process is not known, as from within another container. */
	assert_int_equal(tidei_eal_files_read(root, files, 4), 2);
	assert_int_not_equal(files[0].owner, files[1].owner);
	close(fd);
	assert_int_equal(tidei_eal_files_read(root, files, 4), 1);
	assert_int_equal(files[0].owner, TIDE_EAL_OWNER_DEAD);
}

static void
the_kernel_names_the_process_that_has_the_lock(void **state)
{
	struct tide_eal_files files[4];
	char path[256], line[128];
	struct stat st;

	make_file("rtemap_0");
	full_path(path, sizeof(path), "rtemap_0");
	assert_int_equal(stat(path, &st), 0);
	snprintf(line, sizeof(line),
		"1: POSIX  ADVISORY  WRITE 7 %02x:%02x:%lu 0 EOF\n"
		"2: FLOCK  ADVISORY  READ 4711 %02x:%02x:%lu 0 EOF\n",
		major(st.st_dev), minor(st.st_dev), (unsigned long)st.st_ino, major(st.st_dev),
		minor(st.st_dev), (unsigned long)st.st_ino);
	test_tree_write("/proc/locks", line);
	assert_int_equal(tidei_eal_files_read(root, files, 4), 1);
	assert_int_equal(files[0].owner, TIDE_EAL_OWNER_ALIVE);
	assert_int_equal(files[0].pid, 4711);
}

static void
a_new_file_may_be_about_to_be_locked(void **state)
{
	struct tide_eal_files files[4];

	test_tree_write("/huge/rtemap_0", "x");
	assert_int_equal(tidei_eal_files_read(root, files, 4), 1);
	assert_int_equal(files[0].owner, TIDE_EAL_OWNER_ALIVE);
}

static void
removal_takes_the_unlocked_files_of_one_prefix(void **state)
{
	int fd;

	make_file("rtemap_0");
	make_file("rtemap_1");
	make_file("rte2map_0");
	make_file("otherrtemap_0");
	fd = lock("rtemap_1");
	assert_int_equal(tidei_eal_files_remove(root, "rtemap"), 0);
	assert_int_equal(tidei_eal_files_remove(root, "rte"), 1);
	assert_false(exists("rtemap_0"));
	assert_true(exists("rtemap_1"));
	assert_true(exists("rte2map_0"));
	assert_true(exists("otherrtemap_0"));
	close(fd);
}

static void
without_mounts_there_are_no_files(void **state)
{
	test_tree_remove("/proc/self/mounts");
	assert_int_equal(tidei_eal_files_read(root, NULL, 0), 0);
	assert_int_equal(tidei_eal_files_remove(root, "rte"), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_tree, remove_tree)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(only_files_of_eal_in_a_hugetlbfs_are_listed),
		CASE(each_prefix_is_a_group),
		CASE(a_locked_file_has_an_owner),
		CASE(the_kernel_names_the_process_that_has_the_lock),
		CASE(a_new_file_may_be_about_to_be_locked),
		CASE(removal_takes_the_unlocked_files_of_one_prefix),
		CASE(without_mounts_there_are_no_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
