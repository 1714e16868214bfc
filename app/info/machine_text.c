/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info: reads and writes a machine as text. Lines of NICs are read here, all others by the library. */

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_lcore.h>
#include <rte_pci.h>

#include "machine.h"

#define BLANKS " \t\r"

/* The line being read. */
struct line {
	const char *name; /* Of the file. */
	unsigned int number;
	char *rest;
};

static char *
next_word(struct line *line)
{
	char *word;

	do
		word = strsep(&line->rest, BLANKS);
	while (word != NULL && *word == '\0');
	return word;
}

static int
wrong(const struct line *line, struct app_error *err, const char *what)
{
	return app_fail(err, APP_EXIT_USAGE,
		"%s, line %u: %s; a line of a NIC is \"nic ADDRESS [node N] [driver NAME] "
		"[interface NAME]\"",
		line->name, line->number, what);
}

/* Store a name if it fits and every program can print it. */
static bool
store_name(char *to, size_t size, const char *name)
{
	for (const char *c = name; *c != '\0'; c++) {
		if (!isgraph((unsigned char)*c))
			return false;
	}
	return (size_t)snprintf(to, size, "%s", name) < size;
}

static bool
store_node(struct tide_nic *nic, const char *text)
{
	char *end;
	long node = strtol(text, &end, 10);

	nic->node = (int)node;
	return end != text && *end == '\0' && node >= TIDE_NODE_UNKNOWN && node < TIDE_NODE_MAX;
}

static int
parse_fields(struct line *line, struct tide_nic *nic, struct app_error *err)
{
	const char *key, *value;

	while ((key = next_word(line)) != NULL) {
		bool ok;

		value = next_word(line);
		if (value == NULL)
			return wrong(line, err, "the last word has no value");
		if (strcmp(key, "node") == 0)
			ok = store_node(nic, value);
		else if (strcmp(key, "driver") == 0)
			ok = store_name(nic->driver, sizeof(nic->driver), value);
		else if (strcmp(key, "interface") == 0)
			ok = store_name(nic->interface, sizeof(nic->interface), value);
		else
			return wrong(line, err, "an unknown word");
		if (!ok)
			return wrong(line, err, "a value that is out of range");
	}
	return 0;
}

static int
parse_nic(struct machine *m, struct line *line, struct app_error *err)
{
	struct tide_nic nic = {.node = TIDE_NODE_UNKNOWN};
	const char *address = next_word(line);
	struct rte_pci_addr addr;

	if (address == NULL || rte_pci_addr_parse(address, &addr) != 0)
		return wrong(line, err, "no PCI address");
	if (machine_nic(m, address) != NULL)
		return wrong(line, err, "the address is named twice");
	if (m->nb_nics == MACHINE_NICS_MAX)
		return wrong(line, err, "too many NICs");
	rte_pci_device_name(&addr, nic.address, sizeof(nic.address));
	if (parse_fields(line, &nic, err) != 0)
		return -1;
	m->nic[m->nb_nics++] = nic;
	return 0;
}

/* Parse the lines of NICs, and blank them out: the library counts the same lines. */
static int
take_nics(struct machine *m, const char *name, char *text, struct app_error *err)
{
	struct line line = {.name = name};

	for (char *at = text; *at != '\0';) {
		size_t len = strcspn(at, "\n"), start = strspn(at, BLANKS);
		bool last = at[len] == '\0';

		line.number++;
		if (strncmp(at + start, "nic", 3) == 0 &&
			strchr(BLANKS "\n", at[start + 3]) != NULL) {
			at[start + 3 + strcspn(at + start + 3, "#\n")] = '\0';
			line.rest = at + start + 3;
			if (parse_nic(m, &line, err) != 0)
				return -1;
			memset(at, ' ', len);
		}
		if (last)
			break;
		at[len] = '\n';
		at += len + 1;
	}
	return 0;
}

/* A NIC is on the stated node, else where the fallback chain puts it. */
static int
place_nics(struct machine *m, const char *name, struct app_error *err)
{
	for (unsigned int i = 0; i < m->nb_nics; i++) {
		struct tide_nic *nic = &m->nic[i];
		const struct tide_device_facts facts = {
			nic->node, TIDE_NODE_UNKNOWN, TIDE_NODE_UNKNOWN};

		if (nic->node != TIDE_NODE_UNKNOWN &&
			tide_topology_node(m->topo, nic->node) == NULL)
			return app_fail(err, APP_EXIT_USAGE,
				"%s: NIC %s is on node %d, which the text does not have", name,
				nic->address, nic->node);
		nic->node = tide_topology_device_node(m->topo, &facts, LCORE_ID_ANY, &nic->source);
	}
	return 0;
}

int
machine_parse(struct machine *m, const char *name, char *text, struct app_error *err)
{
	if (take_nics(m, name, text, err) != 0)
		return -1;
	m->topo = tide_topology_parse(text);
	if (m->topo == NULL)
		return app_fail(err, APP_EXIT_USAGE,
			"%s: not the text of a machine, see the line above; tide-info --dump "
			"writes "
			"such a text",
			name);
	return place_nics(m, name, err);
}

void
machine_dump(const struct machine *m, FILE *out)
{
	tide_topology_dump(m->topo, out);
	for (unsigned int i = 0; i < m->nb_nics; i++) {
		const struct tide_nic *nic = &m->nic[i];

		fprintf(out, "nic %s node %d", nic->address, nic->node);
		if (nic->driver[0] != '\0')
			fprintf(out, " driver %s", nic->driver);
		if (nic->interface[0] != '\0')
			fprintf(out, " interface %s", nic->interface);
		fputc('\n', out);
	}
}
