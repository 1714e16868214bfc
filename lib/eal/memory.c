/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds the kind of memory that EAL can start with on this machine, before it starts. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <rte_common.h>

#include "eal_internal.h"

/* Return the first of n options that is given; NULL: none. */
static const char *
given(const char *const options[], unsigned int n, int argc, char *const argv[])
{
	for (int i = 1; i < argc; i++) {
		for (unsigned int k = 0; k < n; k++) {
			if (tidei_eal_is_option(argv[i], options[k]))
				return options[k];
		}
	}
	return NULL;
}

/* Return the option that chooses the kind of memory; NULL: none. */
static const char *
chosen(int argc, char *const argv[])
{
	static const char *const kinds[] = {"--in-memory", "--no-huge", "--huge-dir",
		"--huge-unlink", "--legacy-mem", "--single-file-segments"};

	return given(kinds, RTE_DIM(kinds), argc, argv);
}

/* Return the option that EAL refuses together with --no-huge; NULL: none. */
static const char *
huge_only(int argc, char *const argv[])
{
	static const char *const options[] = {
		"--socket-mem", "--numa-mem", "--match-allocations", "--huge-worker-stack"};

	return given(options, RTE_DIM(options), argc, argv);
}

static bool
keeps_files(int argc, char *const argv[])
{
	bool keeps = false;

	for (int i = 1; i < argc; i++) {
		if (tidei_eal_is_option(argv[i], "--huge-unlink"))
			keeps = strcmp(argv[i] + strcspn(argv[i], "="), "=never") == 0;
	}
	return keeps;
}

static bool
pages_free(const struct tidei_eal_machine *m)
{
	for (unsigned int i = 0; i < m->nb_sizes; i++) {
		if (tidei_eal_pages_available(&m->size[i]))
			return true;
	}
	return false;
}

/* EAL asks where each huge page is that it takes, and gives it back when the kernel does not tell. */
static bool
may_ask(void)
{
	return syscall(SYS_get_mempolicy, NULL, NULL, 0UL, NULL, 0UL) == 0 || errno == ENOSYS;
}

/* Choose the argument for a caller that named no kind of memory. */
static void
choose(const struct tidei_eal_machine *m, const char *needs_huge, struct tide_eal_memory *memory)
{
	const char *without = needs_huge == NULL ? "--no-huge" : "";

	if (!pages_free(m)) {
		if (m->node >= 0)
			snprintf(memory->reason, sizeof(memory->reason),
				"node %d, of the main lcore, has no free huge page", m->node);
		else
			snprintf(memory->reason, sizeof(memory->reason), "no huge page is free");
	} else if (!may_ask()) {
		snprintf(memory->reason, sizeof(memory->reason),
			"the kernel does not tell this process where huge pages are, and EAL wants "
			"to know: docker run --cap-add SYS_NICE");
	} else if (!tidei_eal_mounts_serve(m, memory->reason, sizeof(memory->reason))) {
		without = "--in-memory";
	} else {
		memory->reason[0] = '\0';
		return;
	}
	snprintf(memory->argument, sizeof(memory->argument), "%s", without);
	if (without[0] == '\0')
		memory->reason[0] = '\0';
}

/* Tell whether the node of the main lcore has huge pages for EAL, which `option` makes it need. */
static bool
has_pages(const struct tidei_eal_machine *m, const char *option)
{
	for (unsigned int i = 0; i < m->nb_sizes; i++) {
		/* Files of a process that is gone can hold pages until EAL removes them. */
		if (tidei_eal_pages_available(&m->size[i]) ||
			(m->size[i].total != 0 && strcmp(option, "--in-memory") != 0))
			return true;
	}
	return false;
}

static int
refuse(const struct tidei_eal_machine *m, const char *option, struct tide_eal_memory *memory)
{
	int node = tidei_eal_free_node(m->root);
	char other[80] = "";

	if (node >= 0)
		snprintf(other, sizeof(other),
			", or name an lcore of node %d, which has some, by --main-lcore", node);
	snprintf(memory->reason, sizeof(memory->reason),
		"node %d, of the main lcore, has no free huge page, and EAL needs some there with "
		"%s",
		m->node, option);
	snprintf(memory->hint, sizeof(memory->hint),
		"echo 64 > /sys/devices/system/node/node%d/hugepages/hugepages-2048kB/"
		"nr_hugepages%s; or give --no-huge instead",
		m->node, other);
	return -ENOMEM;
}

int
tidei_eal_memory(const char *root, int argc, char *const argv[], struct tide_eal_memory *memory)
{
	const char *kind = chosen(argc, argv), *needs_huge = huge_only(argc, argv);
	struct tidei_eal_machine m;

	tidei_eal_machine_read(&m, root, tidei_eal_cpu_node(root, tidei_eal_main_cpu(argc, argv)));
	*memory = (struct tide_eal_memory){.node = m.node, .keeps_files = keeps_files(argc, argv)};
	if (kind == NULL)
		choose(&m, needs_huge, memory);
	else
		needs_huge = strcmp(kind, "--no-huge") == 0 ? NULL : kind;
	if (needs_huge == NULL || m.node < 0 || has_pages(&m, needs_huge))
		return 0;
	return refuse(&m, needs_huge, memory);
}

int
tide_eal_memory(int argc, char *const argv[], struct tide_eal_memory *memory)
{
	if (argc < 1 || argv == NULL || memory == NULL)
		return -EINVAL;
	return tidei_eal_memory("", argc, argv, memory);
}
