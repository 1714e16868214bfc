/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info check: the options. */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_pci.h>

#include "option_values.h"
#include "options.h"

/* Kubernetes' SR-IOV device plugin names the devices of a container in variables that begin so. */
#define PLUGIN_PREFIX "PCIDEVICE_"

/* Add one address of `len` characters; false: it is none, or there are too many. */
static bool
add_nic(struct check_request *request, const char *address, size_t len)
{
	char *nic = request->nic[request->nb_nics];
	char name[PCI_PRI_STR_SIZE];
	struct rte_pci_addr addr;

	if (len >= sizeof(name) || request->nb_nics == CHECK_NICS_MAX)
		return false;
	memcpy(name, address, len);
	name[len] = '\0';
	if (rte_pci_addr_parse(name, &addr) != 0)
		return false;
	rte_pci_device_name(&addr, nic, sizeof(request->nic[0]));
	for (unsigned int i = 0; i < request->nb_nics; i++) {
		if (strcmp(request->nic[i], nic) == 0)
			return true;
	}
	request->nb_nics++;
	return true;
}

static int
parse_nic(void *options, const char *value, char *reason, size_t len)
{
	struct check_request *request = &((struct options *)options)->check;

	for (;; value++) {
		size_t item = strcspn(value, ",");

		if (request->nb_nics == CHECK_NICS_MAX) {
			snprintf(reason, len, "more than %d NICs", CHECK_NICS_MAX);
			return -1;
		}
		if (!add_nic(request, value, item)) {
			snprintf(reason, len, "not a PCI address; give some like 0000:3b:00.0");
			return -1;
		}
		value += item;
		if (*value == '\0')
			return 0;
	}
}

void
check_nics_of_environment(struct check_request *request, char *const *environment)
{
	for (; *environment != NULL; environment++) {
		const char *value = strchr(*environment, '=');

		if (value == NULL ||
			strncmp(*environment, PLUGIN_PREFIX, strlen(PLUGIN_PREFIX)) != 0)
			continue;
		/* Newer plugins add a variable with JSON, which is no list of addresses. */
		do {
			size_t item = strcspn(++value, ",");

			add_nic(request, value, item);
			value += item;
		} while (*value != '\0');
	}
}

static int
parse_bytes(void *options, const char *value, char *reason, size_t len)
{
	return option_size(&((struct options *)options)->check.bytes, value, reason, len);
}

static int
parse_page(void *options, const char *value, char *reason, size_t len)
{
	return option_page(&((struct options *)options)->check.page_size, value, reason, len);
}

/* clang-format off */
static const struct app_option table[] = {
	OPTION_JSON,
	{.name = "nic", .arg = "LIST", .parse = parse_nic,
		.help = "NICs of this process, PCI addresses with commas between them.",
		.more = "The option can be given several times.",
		.usual = "those in the variables PCIDEVICE_*, which Kubernetes' SR-IOV device plugin sets"},
	{.name = "bytes", .arg = "SIZE", .parse = parse_bytes,
		.help = "Memory that is needed on each node of a NIC, such as 512M.", .usual = "0"},
	{.name = "page", .arg = "SIZE", .parse = parse_page,
		.help = "Pages of that memory: 2M, 1G, 4K or `huge`.",
		.more = "`huge` is the size of which most is free.", .usual = "huge"},
	{.name = "cpus", .arg = "N", .at = offsetof(struct options, check.cpus), .min = 1, .max = 8192,
		.help = "CPUs that are needed on each node of a NIC, 1 to 8192.", .usual = "1"},
	{.name = "single", .at = offsetof(struct options, check.single),
		.help = "CPUs and memory that are allowed elsewhere are wrong too, and so are NICs of two nodes.",
		.usual = "no"},
	OPTION_MACHINE,
};
/* clang-format on */

const struct app_program check_program = {
	.name = "tide-info check",
	.usage =
		"usage: tide-info check [options]\n"
		"\n"
		"Tells whether the CPUs and the memory that this process may use are on the nodes\n"
		"of its NICs. Without a NIC, every node with an allowed CPU must have memory.\n",
	.notes = "exit code: 0 well; 1 wrong, or the output was not all written; 2 wrong use;\n"
		 "3 not known\n",
	.options = table,
	.nb_options = RTE_DIM(table),
	.help_at = offsetof(struct options, help),
	.version_at = offsetof(struct options, version),
	.next = &plan_program,
};
