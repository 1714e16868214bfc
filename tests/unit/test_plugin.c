/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* When the plugin registers its ops. This program has none of its own and loads it by dlopen(3). */

#include <dirent.h>
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_bus_vdev.h>
#include <rte_dev.h>
#include <rte_log.h>
#include <rte_mempool.h>

#include "child.h"
#include "eal.h"

static const char *plugin;

static unsigned int
registered(void)
{
	unsigned int found = 0;

	for (uint32_t i = 0; i < rte_mempool_ops_table.num_ops; i++)
		found += strcmp(rte_mempool_ops_table.ops[i].name, "tide") == 0;
	return found;
}

static bool
is_last(void)
{
	return registered() == 1 &&
	       strcmp(rte_mempool_ops_table.ops[rte_mempool_ops_table.num_ops - 1].name, "tide") ==
	               0;
}

static void *
load(void)
{
	void *handle = dlopen(plugin, RTLD_NOW);

	if (handle == NULL)
		fprintf(stderr, "%s\n", dlerror());
	return handle;
}

/* A pool of the ops gives what it has. */
static void
try_ops(void)
{
	struct rte_mempool *mp = rte_mempool_create_empty("tried", 100, 64, 0, 0, SOCKET_ID_ANY, 0);
	void *objs[100];

	EXPECT(mp != NULL && rte_mempool_set_ops_byname(mp, "tide", NULL) == 0);
	EXPECT(rte_mempool_populate_default(mp) == 100);
	EXPECT(rte_mempool_get_bulk(mp, objs, 100) == 0);
	rte_mempool_put_bulk(mp, objs, 100);
	EXPECT(rte_mempool_avail_count(mp) == 100);
	rte_mempool_free(mp);
}

static void
before_eal(void)
{
	EXPECT(load() != NULL);
	EXPECT(registered() == 0);
	test_eal_start(false, 64, "0");
	EXPECT(is_last());
	try_ops();
}

static void
after_eal(void)
{
	test_eal_start(false, 64, "0");
	EXPECT(registered() == 0);
	EXPECT(load() != NULL);
	EXPECT(is_last());
	try_ops();
}

static void
closed_before_eal(void)
{
	void *handle = load();

	EXPECT(handle != NULL);
	dlclose(handle);
	test_eal_start(false, 64, "0");
	EXPECT(is_last());
	try_ops();
}

/* A device that is plugged in has the bus scanned again. */
static void
plug(void)
{
	EXPECT(rte_eal_hotplug_add("vdev", "net_null9", "") == 0);
	EXPECT(rte_eal_hotplug_remove("vdev", "net_null9") == 0);
}

static void
hotplug(void)
{
	uint32_t all;

	EXPECT(load() != NULL);
	test_eal_start(false, 64, "0");
	all = rte_mempool_ops_table.num_ops;
	plug();
	EXPECT(is_last() && rte_mempool_ops_table.num_ops == all);
}

static void
full(void)
{
	struct rte_mempool_ops ops = {.alloc = (rte_mempool_alloc_t)(uintptr_t)full,
		.enqueue = (rte_mempool_enqueue_t)(uintptr_t)full,
		.dequeue = (rte_mempool_dequeue_t)(uintptr_t)full,
		.get_count = (rte_mempool_get_count)(uintptr_t)full};
	unsigned int said = 0;
	char line[1024];
	FILE *log = tmpfile();

	for (unsigned int i = 0; rte_mempool_ops_table.num_ops < RTE_MEMPOOL_MAX_OPS_IDX; i++) {
		snprintf(ops.name, sizeof(ops.name), "filler%u", i);
		EXPECT(rte_mempool_register_ops(&ops) >= 0);
	}
	EXPECT(log != NULL && rte_openlog_stream(log) == 0);
	EXPECT(load() != NULL);
	test_eal_start(false, 64, "0");
	plug();
	EXPECT(registered() == 0);
	rewind(log);
	while (fgets(line, sizeof(line), log) != NULL) {
		if (strstr(line, "no place for mempool ops \"tide\"") == NULL)
			continue;
		said++;
		EXPECT(strstr(line, "filler0, filler1") != NULL);
		EXPECT(strstr(line, "-Ddisable_drivers=mempool/") != NULL);
	}
	EXPECT(said == 1);
}

/* Sockets in EAL's run-time directory. */
static unsigned int
sockets(void)
{
	DIR *dir = opendir(rte_eal_get_runtime_dir());
	struct dirent *entry;
	unsigned int found = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		found += strncmp(entry->d_name, "tide_telemetry.", 15) == 0;
	if (dir != NULL)
		closedir(dir);
	return found;
}

static void
expect_one_socket(void)
{
	for (unsigned int i = 0; i < 500 && sockets() == 0; i++)
		usleep(10000);
	usleep(300000);
	EXPECT(sockets() == 1);
}

static void
socket_before_eal(void)
{
	setenv("TIDE_SOCKET", "1", 1);
	EXPECT(load() != NULL);
	test_eal_start(false, 64, "0");
	expect_one_socket();
}

static void
socket_after_eal(void)
{
	test_eal_start(false, 64, "0");
	setenv("TIDE_SOCKET", "1", 1);
	EXPECT(load() != NULL);
	expect_one_socket();
}

static void
two_copies(void)
{
	char copy[] = "/tmp/tide_plugin_XXXXXX", command[600];
	int fd = mkstemp(copy);

	EXPECT(fd >= 0);
	close(fd);
	snprintf(command, sizeof(command), "cp '%s' '%s'", plugin, copy);
	EXPECT(system(command) == 0);
	setenv("TIDE_SOCKET", "1", 1);
	EXPECT(load() != NULL && dlopen(copy, RTLD_NOW) != NULL);
	unlink(copy);
	test_eal_start(false, 64, "0");
	expect_one_socket();
}

static void (*work)(void);

static void
work_and_clean_up(void)
{
	work();
	/* Not _exit(): EAL leaves a directory behind that an exit handler removes. */
	exit(0);
}

static void
in_child(void (*what)(void))
{
	fflush(NULL);
	work = what;
	test_in_child(work_and_clean_up);
}

static void
loaded_before_eal_its_ops_are_last(void **state)
{
	in_child(before_eal);
}

static void
loaded_after_eal_its_ops_are_there_at_once(void **state)
{
	in_child(after_eal);
}

static void
closed_before_eal_it_stays(void **state)
{
	in_child(closed_before_eal);
}

static void
a_later_scan_registers_nothing_again(void **state)
{
	in_child(hotplug);
}

static void
a_full_table_is_logged_once_with_the_remedy(void **state)
{
	in_child(full);
}

static void
loaded_before_or_after_eal_it_has_a_telemetry_socket(void **state)
{
	in_child(socket_before_eal);
	in_child(socket_after_eal);
}

static void
two_copies_of_it_have_one_telemetry_socket(void **state)
{
	in_child(two_copies);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loaded_before_eal_its_ops_are_last),
		cmocka_unit_test(loaded_after_eal_its_ops_are_there_at_once),
		cmocka_unit_test(closed_before_eal_it_stays),
		cmocka_unit_test(a_later_scan_registers_nothing_again),
		cmocka_unit_test(a_full_table_is_logged_once_with_the_remedy),
		cmocka_unit_test(loaded_before_or_after_eal_it_has_a_telemetry_socket),
		cmocka_unit_test(two_copies_of_it_have_one_telemetry_socket),
	};

	plugin = argc > 1 ? argv[1] : "librte_mempool_tide.so";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
