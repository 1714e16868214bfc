/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef AUDIT_INTERNAL_H
#define AUDIT_INTERNAL_H

/*
 * Shared by the sources of the audit part; private to it.
 *
 * An audit first copies facts of EAL, DPDK and the kernel. Then the checks read only these facts, so that tests check
 * machines that are not at hand.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_mempool.h>

#include "mempool_friend.h"
#include "sys_friend.h"
#include "tide_audit.h"
#include "tide_eal_files.h"
#include "tide_mempool.h"
#include "tide_region.h"

/* A mempool. */
struct tidei_audit_pool {
	const struct rte_mempool *mp; /* To recognize it; it can be freed meanwhile. */
	char name[RTE_MEMPOOL_NAMESIZE];
	int node; /* Requested; TIDE_NODE_UNKNOWN: any. */
	uint32_t size; /* Objects that it was created for. */
	uint32_t objects; /* Those that it has memory for. */
	uint32_t cached_most; /* Objects that the caches of all lcores take at most, together. */
	unsigned int caches; /* Lcores that have a cache. */
	uint32_t cache_size;
	bool counts; /* It has the tide ops, and `tide` is filled. */
	struct tide_mempool_stats tide;
	struct tidei_list memory; /* struct tidei_stretch */
	/* What the kernel says of its pages. */
	struct tide_placement found; /* page_size, pages, local, unknown, found[]. */
	uint64_t bytes, away; /* Of these pages, and of those on another node than requested. */
	bool mixed; /* They have several sizes; that of found is one of them. */
	bool external; /* The data of its mbufs is elsewhere. */
	bool refused; /* The kernel does not tell where they are. */
	bool loose; /* Some are neither explicit huge pages nor bound to a node. */
};

/* A port. */
struct tidei_audit_port {
	uint16_t id;
	char device[64]; /* Its name on its bus. */
	int node; /* TIDE_NODE_UNKNOWN: not known. */
	bool is_virtual; /* It has no node by nature. */
	bool is_pci;
};

/* A receive queue. */
struct tidei_audit_queue {
	uint16_t port, queue;
	const struct rte_mempool *mp; /* NULL: not known. */
	uint32_t descriptors; /* 0: not known. */
	/* A look sees the rest. */
	bool polled; /* A thread polls it. */
	uint32_t lcore_id; /* Of that thread; TIDE_AUDIT_NONE: it has none, or it is not known. */
	int poller; /* Node of that thread; TIDE_NODE_UNKNOWN: it may run on several. */
};

/* An lcore: of EAL, a service core, or a registered thread. */
struct tidei_audit_lcore {
	uint32_t id;
	int node; /* TIDE_NODE_UNKNOWN: several, or not known. */
};

/* A node that EAL knows. */
struct tidei_audit_heap {
	int node;
	uint64_t bytes; /* In EAL's heap there. */
	uint64_t free_huge; /* Bytes of free huge pages there. */
};

struct tidei_audit_facts {
	const struct tide_topology *topo;
	struct tidei_list pools, ports, queues, lcores, heaps;
	struct tidei_list files; /* struct tide_eal_files */
	bool looked;
	/* The table of mempool ops. */
	unsigned int nb_ops, max_ops;
	bool has_tide_ops;
	/* EAL's memory. */
	bool uses_huge_pages;
	bool heaps_are_fixed; /* --legacy-mem */
	bool balances; /* numa_balancing of the kernel is on. */
	int pid;
};

/* Copy the facts. 0 or a negative errno; in both cases the caller frees them. */
int tidei_audit_facts_read(struct tidei_audit_facts *facts);
void tidei_audit_facts_free(struct tidei_audit_facts *facts);

/* The parts of that. They read EAL's memory, and return 0 or a negative errno. */
int tidei_audit_read_pools(struct tidei_audit_facts *facts);
int tidei_audit_read_ports(struct tidei_audit_facts *facts);
/* List EAL's files in hugetlbfs mounts. 0 or -ENOMEM. */
int tidei_audit_read_files(struct tidei_audit_facts *facts);
/* Ask the kernel for the pages of the mempools. 0 or -ENOMEM. */
int tidei_audit_measure(struct tidei_audit_facts *facts);
/* Look at received packets for at most that time. 0 or -ENOMEM. */
int tidei_audit_look(struct tidei_audit_facts *facts, unsigned int ms);
/* Around a look, if ms is not 0: 0, or -EBUSY if another audit looks. */
int tidei_audit_look_begin(unsigned int ms);
void tidei_audit_look_end(unsigned int ms);

/* Return the mempool with that address, or NULL. */
const struct tidei_audit_pool *
tidei_audit_pool_of(const struct tidei_audit_facts *facts, const struct rte_mempool *mp);
/* Return the node that has most pages of a mempool, else the requested one. */
int tidei_audit_pool_node(const struct tidei_audit_pool *pool);
const struct tidei_audit_port *
tidei_audit_port_of(const struct tidei_audit_facts *facts, uint32_t id);
/*
 * Count the queues of the same port that are alike, this one included. 0: an earlier one is, whose finding names all of them.
 */
unsigned int
tidei_audit_alike(const struct tidei_audit_facts *facts, const struct tidei_audit_queue *queue,
	bool (*alike)(const struct tidei_audit_queue *a, const struct tidei_audit_queue *b));

/* An audit. */
struct tide_audit {
	struct tidei_list findings; /* struct tide_audit_finding; their strings are the audit's. */
	struct tidei_list limits; /* char *; the audit's. */
	bool failed; /* Out of memory. */
};

/* Add a copy of a finding with its two texts; both are asprintf(3) results, or NULL for out of memory. */
void tidei_audit_note(struct tide_audit *audit, const struct tide_audit_finding *finding,
	char *fact, char *remedy);
/* Format a text for tidei_audit_note(). */
char *tidei_audit_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Add a limit. */
void tidei_audit_cannot_know(struct tide_audit *audit, char *text);

/* A finding about nothing, to begin with. */
#define AUDIT_FINDING(k, s)                                                                       \
	{                                                                                         \
		.kind = (k), .severity = (s), .port = TIDE_AUDIT_NONE, .queue = TIDE_AUDIT_NONE,  \
		.lcore_id = TIDE_AUDIT_NONE, .node = TIDE_NODE_UNKNOWN, .home = TIDE_NODE_UNKNOWN \
	}

/* Add a figure to a finding. */
void tidei_audit_figure(struct tide_audit_finding *finding, const char *name, uint64_t value);

/* Run all checks; then sort. 0 or -ENOMEM. */
int tidei_audit_check(struct tide_audit *audit, const struct tidei_audit_facts *facts);

/* A check: add what is wrong. */
typedef void tidei_audit_check_fn(struct tide_audit *audit, const struct tidei_audit_facts *facts);
tidei_audit_check_fn tidei_check_pages, tidei_check_queues, tidei_check_polling, tidei_check_caches,
	tidei_check_peaks, tidei_check_misuse, tidei_check_ops, tidei_check_balancing,
	tidei_check_dead, tidei_check_devices, tidei_check_heaps;

/* Tell whether this process may use the memory of a node. */
bool tidei_audit_may_use(const struct tidei_audit_facts *facts, int node);
/*
 * Write "reserve huge pages on node 1 (echo ...)" into text, or another step, so that EAL can take that many bytes there;
 * nothing if it can already, or has no heap there. Returns text.
 */
const char *tidei_audit_reserve(
	const struct tidei_audit_facts *facts, int node, uint64_t bytes, char *text, size_t size);
/* Write what must be done before a new mempool of that many bytes is on a node: "...; then ", or nothing. Returns text. */
const char *tidei_audit_prepare(
	const struct tidei_audit_facts *facts, int node, uint64_t bytes, char *text, size_t size);
/* Write the allowed CPUs of a node as a list, "2-3,8", into text; "...": there are more. Returns text. */
const char *tidei_audit_cpus(const struct tide_topology *topo, int node, char *text, size_t size);
/* Write a name so that a shell takes it as a part of one pattern: "?" is for a control character. Returns text. */
const char *tidei_audit_quote(const char *name, char *text, size_t size);

#endif /* AUDIT_INTERNAL_H */
