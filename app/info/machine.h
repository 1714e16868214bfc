/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef INFO_MACHINE_H
#define INFO_MACHINE_H

/* The facts that every command of tide-info is about: of this machine, or of one in a file. */

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "tide_eal_files.h"
#include "tide_nic.h"
#include "tide_process.h"
#include "tide_topology.h"

#define MACHINE_NICS_MAX  512
#define MACHINE_FILES_MAX 256

struct machine {
	struct tide_topology *topo;
	const char *
		file; /* NULL: this machine. The fields behind the NICs are known of this machine only. */
	struct tide_nic nic[MACHINE_NICS_MAX];
	unsigned int nb_nics; /* Entries used in nic[]. */
	unsigned int nics_left_out; /* Further NICs. */
	struct tide_eal_files files[MACHINE_FILES_MAX];
	unsigned int nb_files; /* Entries used in files[]. */
	struct tide_capability_state capability[TIDE_CAPABILITY_COUNT];
	bool no_sysfs; /* Nothing of sysfs can be read, so that its nodes are a guess. */
	uint64_t memory_room; /* Bytes that cgroups still give; UINT64_MAX: no limit. */
	uint64_t huge_room
		[TIDE_HUGE_SIZES_MAX]; /* Pages that they still give, by the huge pages of the first node. */
};

/*
 * Read this machine, or the machine in a file (NULL: none). latency: measure how long each node waits for
 * memory of each other. 0, or -1 with err filled; the caller calls machine_fini() in either case.
 */
int machine_init(struct machine *m, const char *file, bool latency, struct app_error *err);

void machine_fini(struct machine *m);

/*
 * Make the topology and the NICs of a text: lines of tide_topology_parse(), and lines
 * "nic ADDRESS [node N] [driver NAME] [interface NAME]". 0, or -1 with err filled; `name` is what err calls it.
 */
int machine_parse(struct machine *m, const char *name, char *text, struct app_error *err);

/* Write this text. */
void machine_dump(const struct machine *m, FILE *out);

/* Find a NIC by its address, which may lack the domain; NULL: there is none. */
const struct tide_nic *machine_nic(const struct machine *m, const char *address);

/* Return the bytes of huge pages of a node: of all, of free ones, of those that dead processes keep. */
uint64_t machine_huge_total(const struct tide_node *node);
uint64_t machine_huge_free(const struct tide_node *node);
uint64_t machine_huge_left(const struct machine *m, int node);

/* Enough for the command with the longest names, each character of them in quotes. */
#define FREE_COMMAND 2304

/*
 * Write the shell command that frees the huge pages of files which a dead process left. It takes the lock of
 * each file, so it keeps those of a living process with the same prefix.
 */
void machine_free_command(const struct tide_eal_files *files, char text[FREE_COMMAND]);

/* Return how many huge pages of a size cgroups still give; UINT64_MAX: no limit. */
uint64_t machine_huge_room(const struct machine *m, uint64_t page_size);

/* Count the CPUs of a machine, and its bytes of memory. */
unsigned int machine_cpus(const struct machine *m);
uint64_t machine_memory(const struct machine *m);

#endif /* INFO_MACHINE_H */
