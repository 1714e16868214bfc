/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Findings of tide-info about facts that the text of a machine cannot state. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check.h"
#include "plan.h"
#include "show.h"

#define MB (UINT64_C(1) << 20)

static struct machine *m;
static struct findings findings;
static struct check_nodes nodes;

static int
make_machine(void **state)
{
	char text[] = "node 0 cpus 0-3 memory 16G huge 2M:512\n"
		      "node 1 cpus 4-7 memory 16G huge 2M:512\n"
		      "nic 01:00.0 node 0\n";
	struct app_error err = {0};

	m = calloc(1, sizeof(*m));
	if (m == NULL || !findings_init(&findings))
		return -1;
	m->memory_room = UINT64_MAX;
	memset(m->huge_room, 0xff, sizeof(m->huge_room));
	return machine_parse(m, "test", text, &err);
}

static int
remove_machine(void **state)
{
	findings_fini(&findings);
	machine_fini(m);
	free(m);
	return 0;
}

static const struct finding *
only_finding(const char *code)
{
	assert_int_equal(findings.nb, 1);
	assert_string_equal(findings.list[0].code, code);
	assert_true(findings.list[0].remedy[0] != '\0');
	return &findings.list[0];
}

static void
without_sysfs_nothing_is_known(void **state)
{
	check_sysfs(m, &findings);
	assert_int_equal(findings.nb, 0);
	m->no_sysfs = true;
	check_sysfs(m, &findings);
	only_finding("sysfs-missing");
	assert_int_equal(findings_exit(&findings), FINDING_EXIT_UNKNOWN);
}

static void
a_limit_of_huge_pages_below_the_need_is_wrong(void **state)
{
	m->huge_room[0] = 50;
	check_limits(m, 100 * MB, 2 * MB, &findings);
	assert_int_equal(findings.nb, 0);
	check_limits(m, 100 * MB + 1, 2 * MB, &findings);
	only_finding("pages-limited");
	assert_int_equal(findings_exit(&findings), FINDING_EXIT_WRONG);
}

/* Replace the machine by one that has huge pages of two sizes; the room of sizes is by the first node. */
static void
make_two_sizes(const char *pages)
{
	struct app_error err = {0};
	char text[256];

	snprintf(text, sizeof(text),
		"node 0 cpus 0-3 memory 16G %s\nnode 1 cpus 4-7 memory 16G %s\n", pages, pages);
	machine_fini(m);
	assert_int_equal(machine_parse(m, "test", text, &err), 0);
	memset(m->huge_room, 0xff, sizeof(m->huge_room));
}

static void
set_room(uint64_t page_size, uint64_t pages)
{
	const struct tide_node *first = tide_topology_node_at(m->topo, 0);

	for (unsigned int i = 0; i < first->nb_huge; i++) {
		if (first->huge[i].page_size == page_size)
			m->huge_room[i] = pages;
	}
}

static void
the_limit_of_the_size_that_is_used_counts(void **state)
{
	struct check_request request = {.bytes = 50 * MB, .cpus = 1};

	m->nb_nics = 0;
	make_two_sizes("huge 2M:512 huge 1G:0");
	set_room(2 * MB, 50);
	check_machine(m, &request, &nodes, &findings);
	assert_int_equal(findings.nb, 0);
	/* Both nodes together take more; that 1 GB pages have no limit does not help. */
	request.bytes++;
	check_machine(m, &request, &nodes, &findings);
	only_finding("pages-limited");
}

static void
a_limit_of_a_size_that_is_not_used_does_not_count(void **state)
{
	const struct check_request request = {.bytes = 100 * MB, .cpus = 1};

	m->nb_nics = 0;
	make_two_sizes("huge 2M:512 huge 1G:4");
	set_room(2 * MB, 0);
	check_machine(m, &request, &nodes, &findings);
	assert_int_equal(findings.nb, 0);
}

static void
without_free_pages_the_remedy_is_to_reserve_small_ones(void **state)
{
	const struct check_request request = {.bytes = 100 * MB, .cpus = 1};

	m->nb_nics = 0;
	make_two_sizes("huge 2M:0 huge 1G:0");
	check_machine(m, &request, &nodes, &findings);
	assert_int_equal(findings.nb, 2);
	assert_non_null(strstr(findings.list[0].remedy, "echo 50 > "));
}

static void
the_remedy_of_a_limit_names_the_resource_of_the_size(void **state)
{
	make_two_sizes("huge 2M:512 huge 1G:4");
	set_room(2 * MB, 1);
	set_room(1024 * MB, 1);
	check_limits(m, 4 * MB, 2 * MB, &findings);
	check_limits(m, 2048 * MB, 1024 * MB, &findings);
	assert_int_equal(findings.nb, 2);
	assert_non_null(strstr(findings.list[0].remedy, "hugepages-2Mi"));
	assert_non_null(strstr(findings.list[1].remedy, "hugepages-1Gi"));
}

static void
the_limit_of_huge_pages_counts_for_all_nodes_of_a_plan(void **state)
{
	const struct plan_request request = {.port = {{.node = 0}, {.node = 1}}, .nb_ports = 2};
	struct plan *plan = calloc(1, sizeof(*plan));
	struct app_error err = {0};

	assert_non_null(plan);
	assert_int_equal(plan_init(plan, m, &request, &err), 0);
	assert_int_equal(plan->nb_nodes, 2);
	m->huge_room[0] = plan->node[0].pages + plan->node[1].pages;
	plan_check(plan, &findings);
	assert_int_equal(findings.nb, 0);
	m->huge_room[0]--;
	plan_check(plan, &findings);
	only_finding("pages-limited");
	plan_fini(plan);
	free(plan);
}

static void
nics_that_are_left_out_are_counted(void **state)
{
	char *text = NULL, *json = NULL;
	size_t text_len, json_len;
	FILE *out;

	m->nics_left_out = 3;
	out = open_memstream(&text, &text_len);
	assert_non_null(out);
	show_text(m, out);
	fclose(out);
	assert_non_null(strstr(text, "3 more NICs are not shown"));
	out = open_memstream(&json, &json_len);
	assert_non_null(out);
	show_json(m, out);
	fclose(out);
	assert_non_null(strstr(json, "\"nics_left_out\": 3"));
	free(text);
	free(json);
}

static void
a_limit_of_memory_below_the_need_is_wrong(void **state)
{
	m->memory_room = 100 * MB;
	check_limits(m, 100 * MB, 4096, &findings);
	check_limits(m, 101 * MB, 2 * MB, &findings);
	assert_int_equal(findings.nb, 0);
	check_limits(m, 101 * MB, 4096, &findings);
	only_finding("memory-limited");
}

/* Give the machine files that keep 10 pages. */
static void
leave_files(enum tide_eal_owner owner, int node)
{
	m->files[m->nb_files++] = (struct tide_eal_files){.directory = "/dev/hugepages",
		.prefix = "old",
		.owner = owner,
		.node = node,
		.files = 10,
		.page_size = 2 * MB,
		.bytes = 20 * MB};
}

static void
pages_of_dead_processes_are_noted_on_nodes_that_matter(void **state)
{
	const struct check_request request = {.nic = {"0000:01:00.0"}, .nb_nics = 1, .cpus = 1};

	leave_files(TIDE_EAL_OWNER_ALIVE, 0);
	leave_files(TIDE_EAL_OWNER_UNKNOWN, 0);
	leave_files(TIDE_EAL_OWNER_DEAD, 1);
	check_machine(m, &request, &nodes, &findings);
	assert_int_equal(findings.count[FINDING_NOTE], 1);
	only_finding("cpu-elsewhere");
	leave_files(TIDE_EAL_OWNER_DEAD, 0);
	check_machine(m, &request, &nodes, &findings);
	assert_string_equal(findings.list[findings.nb - 1].code, "pages-left");
	assert_string_equal(findings.list[findings.nb - 1].remedy,
		"for f in /dev/hugepages/oldmap_*; do flock -n \"$f\" rm \"$f\"; done");
	assert_int_equal(findings_exit(&findings), FINDING_EXIT_WELL);
}

static void
pages_of_dead_processes_are_part_of_the_remedy(void **state)
{
	leave_files(TIDE_EAL_OWNER_DEAD, 0);
	check_memory(m, tide_topology_node(m->topo, 0), 2048 * MB, 2 * MB, &findings);
	assert_non_null(strstr(only_finding("pages-few")->remedy, "or free 20 MB"));
}

static void
names_that_the_shell_would_read_are_quoted(void **state)
{
	struct tide_eal_files files = {.directory = "/a b", .prefix = "x'$(reboot)"};
	char command[FREE_COMMAND];

	machine_free_command(&files, command);
	assert_string_equal(command,
		"for f in '/a b/x'\\''$(reboot)'map_*; do flock -n \"$f\" rm \"$f\"; done");
	memset(files.directory, '\'', sizeof(files.directory) - 1);
	memset(files.prefix, '\'', sizeof(files.prefix) - 1);
	machine_free_command(&files, command);
	assert_non_null(strstr(command, "map_*; do flock -n \"$f\" rm \"$f\"; done"));
}

static void
findings_without_room_are_counted(void **state)
{
	for (unsigned int i = 0; i < FINDINGS_MAX; i++)
		finding_add(&findings, FINDING_NOTE, "note", "%u", i);
	assert_int_equal(findings_exit(&findings), FINDING_EXIT_WELL);
	finding_remedy(finding_add(&findings, FINDING_UNKNOWN, "unknown", "x"), "y");
	assert_int_equal(findings.nb, FINDINGS_MAX);
	assert_int_equal(findings.left_out, 1);
	assert_int_equal(findings_exit(&findings), FINDING_EXIT_UNKNOWN);
	finding_add(&findings, FINDING_WRONG, "wrong", "x");
	assert_int_equal(findings_exit(&findings), FINDING_EXIT_WRONG);
	assert_string_equal(findings.list[0].text, "0");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, make_machine, remove_machine)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(without_sysfs_nothing_is_known),
		CASE(a_limit_of_huge_pages_below_the_need_is_wrong),
		CASE(the_limit_of_the_size_that_is_used_counts),
		CASE(a_limit_of_a_size_that_is_not_used_does_not_count),
		CASE(without_free_pages_the_remedy_is_to_reserve_small_ones),
		CASE(the_remedy_of_a_limit_names_the_resource_of_the_size),
		CASE(the_limit_of_huge_pages_counts_for_all_nodes_of_a_plan),
		CASE(nics_that_are_left_out_are_counted),
		CASE(a_limit_of_memory_below_the_need_is_wrong),
		CASE(pages_of_dead_processes_are_noted_on_nodes_that_matter),
		CASE(pages_of_dead_processes_are_part_of_the_remedy),
		CASE(names_that_the_shell_would_read_are_quoted),
		CASE(findings_without_room_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
