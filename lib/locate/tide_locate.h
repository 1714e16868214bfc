/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_LOCATE_H
#define TIDE_LOCATE_H

/**
 * @file
 * The pointer scan: for each outstanding buffer of a mempool, the place that refers to it.
 *
 * A scan reads all memory of the process that can be written, and looks for pointers to the objects of
 * mempools. It names the place of each: an rte_ring, a queue of a port, a memzone, a variable, EAL's heap, the C
 * heap, the stack of a thread, or another buffer. A buffer to which no scan finds a pointer, and that did not move
 * meanwhile, is leaked. Mempools of any ops can be scanned; with the tide ops the report has owners and ages too.
 *
 * **Cost.** The observed program goes on. The scan takes one CPU; it reads about 1 GB in less than a second. It takes
 * no lock of the data path. It holds EAL's locks of lists and heaps for a moment, so a thread that creates or frees a
 * mempool, or allocates with rte_malloc(), can wait. If the program calls rte_eal_cleanup() meanwhile, the scan ends
 * with ECANCELED. To survive that, it handles SIGSEGV and SIGBUS while it reads EAL's lists, and hands each other fault on
 * to the handler of the program.
 *
 * **Limits.** The scan does not see pointers that are compressed, unaligned or replaced by an index, those that only a
 * CPU register has, and memory of devices and other processes. Old pointers in freed memory, or in the stack of a
 * thread that runs, hide a leak. Where the scan cannot know, it calls no buffer leaked: in particular not while other
 * processes share the mempools. tide_locate_limit() says which of this applies to a report.
 *
 * An example:
 * @include locate.c
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Scans without a reference to a buffer after which it can be leaked. */
#define TIDE_LOCATE_SCANS 3

/** Bytes of the longest name of a place, with its end. */
#define TIDE_LOCATE_NAME_MAX 120

/**
 * Kinds of places. If several places refer to a buffer, the report names the first kind of this list. Among memzones,
 * variables and blocks of EAL's heap it names the one that refers to most outstanding buffers.
 */
enum tide_locate_kind {
	TIDE_LOCATE_ALLOCATOR, /**< Memory of mempool ops that the scan does not know: free, perhaps. */
	TIDE_LOCATE_RING, /**< Entries of an rte_ring or rte_stack; exact. */
	TIDE_LOCATE_QUEUE, /**< Memory of a receive or transmit queue. */
	TIDE_LOCATE_BUFFER, /**< Another outstanding buffer. */
	TIDE_LOCATE_MEMZONE, /**< A memzone. */
	TIDE_LOCATE_DATA, /**< A variable of the program or of a library. */
	TIDE_LOCATE_EAL_HEAP, /**< Memory of rte_malloc(). */
	TIDE_LOCATE_C_HEAP, /**< Memory of malloc(3), which can be freed memory. */
	TIDE_LOCATE_MEMORY, /**< Another mapping. */
	TIDE_LOCATE_STACK, /**< Stack of a thread, or its thread-local variables. */
	TIDE_LOCATE_UNKNOWN, /**< No reference was found, but the buffer moved, or its ops hide it. */
	TIDE_LOCATE_LEAKED, /**< No reference was found and the buffer did not move. */
};

/** The request. Zero is a good default in every field. */
struct tide_locate_conf {
	const char *pool; /**< Name of a mempool; NULL: all. */
	/**
	 * Scans, 1 to 100; 0: 3. More follow, 20 at most, while they find references to buffers that had none
	 * before. With fewer than 3 no buffer is called leaked.
	 */
	unsigned int scans;
	unsigned int interval_ms; /**< Pause between scans, milliseconds, up to 60,000; 0: 200. */
	unsigned int oldest; /**< Buffers whose content the report shows, up to 1,000; 0: 4. */
};

/** What the scans found as a whole. */
struct tide_locate_summary {
	uint32_t pools; /**< Mempools in the report. */
	uint32_t objects; /**< Their objects. */
	uint32_t cached; /**< Those in per-lcore mempool caches. */
	uint32_t outstanding; /**< Those that the application or a driver has. */
	uint32_t located; /**< Outstanding ones to which a place refers. */
	uint32_t leaked; /**< Outstanding ones that are leaked. */
	uint32_t unknown; /**< The other outstanding ones. */
	uint32_t
		unclustered; /**< Outstanding ones that are in no cluster, since there are too many. */
	uint32_t scans; /**< Scans that were made. */
	uint32_t threads; /**< Threads of the process. */
	uint32_t asleep; /**< Those that were in a system call during the last scan. */
	uint64_t bytes_read; /**< Bytes that the last scan read. */
	uint64_t scan_us; /**< Microseconds of the last scan. */
	uint64_t total_us; /**< Microseconds of the whole call, pauses included. */
	bool shared; /**< Other processes share the mempools; nothing is called leaked. */
	bool restless; /**< The last scan still found what others had missed; nothing is called leaked. */
};

/** A place, with the outstanding buffers to which it refers. */
struct tide_locate_place {
	enum tide_locate_kind kind; /**< Kind. */
	bool weak; /**< The pointers can be old values: stack of a thread that was running. */
	const char
		*name; /**< Name, such as "ring rx_to_worker"; valid until the report is freed. */
	uint32_t buffers; /**< Buffers whose best place this is. */
};

/** No lcore, port or Ethernet type. */
#define TIDE_LOCATE_NONE UINT32_MAX

/** Age or length of a cluster: more than the last class, which is one hour or 9,018 bytes. */
#define TIDE_LOCATE_MORE (UINT32_MAX - 1)

/** One buffer, or a cluster of buffers that agree in these fields. */
struct tide_locate_buffer {
	const char *pool; /**< Name of its mempool. */
	void *object; /**< Its address; NULL for a cluster. */
	enum tide_locate_kind kind; /**< Kind of its place. */
	const char *place; /**< Name of its place. */
	uint32_t buffers; /**< Buffers of a cluster; 1 for a buffer. */
	uint32_t lcore_id; /**< Lcore that got it; TIDE_LOCATE_NONE: unknown, or a thread. */
	uint32_t tid; /**< Thread that got it; 0: unknown, or an lcore. */
	uint32_t age_min_ms; /**< Lower bound of the time since it was got, in milliseconds. */
	uint32_t age_max_ms; /**< Upper bound; 0: the age is unknown. */
	uint32_t references; /**< Pointers found in the last scan. */
	uint32_t port; /**< Port id in the mbuf; TIDE_LOCATE_NONE: none, or it is no mbuf. */
	uint32_t length; /**< Bytes of the packet; of a cluster the upper end of its class. */
	uint32_t ether_type; /**< Ethernet type behind VLAN tags; TIDE_LOCATE_NONE: unknown. */
	bool fragment; /**< The packet is an IP fragment. */
	unsigned int nb_bytes; /**< Bytes in bytes[]. */
	uint8_t bytes[64]; /**< The first bytes of the packet. */
};

/** A report; opaque. */
struct tide_locate;

/**
 * Scan the memory of this process several times and report where outstanding buffers are.
 *
 * For a control thread of any process, after rte_eal_init(). One scan runs at a time in a process. The call lasts about
 * 0.5 s with the default configuration.
 *
 * @param conf  Request; NULL: all defaults.
 * @return
 *   The report, which the caller frees with tide_locate_free(); NULL with rte_errno set:
 *   - EINVAL: a number is out of range, or the name is longer than that of a mempool.
 *   - ENOENT: no mempool has that name.
 *   - EBUSY: another thread scans.
 *   - EPERM: the kernel does not allow process_vm_readv(2).
 *   - ECANCELED: all mempools were freed meanwhile, or EAL was.
 *   - ENOMEM: there is not enough memory; a scan needs about 50 bytes per object.
 *   - ENOTSUP: EAL is not initialised.
 */
struct tide_locate *tide_locate_create(const struct tide_locate_conf *conf);

/**
 * Free a report.
 *
 * @param report  Report; NULL: nothing happens.
 */
void tide_locate_free(struct tide_locate *report);

/**
 * Return the summary of a report. MT-safe.
 *
 * @param report  Report; not NULL.
 * @return  The summary.
 */
struct tide_locate_summary tide_locate_summary(const struct tide_locate *report);

/**
 * Read a place of a report, most buffers first. MT-safe.
 *
 * @param report  Report; not NULL.
 * @param i       Index from 0.
 * @param place   Where to store it; written only on success.
 * @return  true, or false if there is no such place.
 */
bool tide_locate_place(
	const struct tide_locate *report, unsigned int i, struct tide_locate_place *place);

/** Lists of buffers in a report. */
enum tide_locate_list {
	TIDE_LOCATE_LIST_CLUSTERS, /**< Clusters of outstanding buffers, largest first, 1,024 at most. */
	TIDE_LOCATE_LIST_LEAKED, /**< Leaked buffers, 65,536 at most. */
	TIDE_LOCATE_LIST_OLDEST, /**< The oldest outstanding buffers, with their content. */
};

/**
 * Read a buffer of a list of a report. MT-safe.
 *
 * @param report  Report; not NULL.
 * @param list    List.
 * @param i       Index from 0.
 * @param buffer  Where to store it; written only on success.
 * @return  true, or false if the list has no such entry.
 */
bool tide_locate_buffer(const struct tide_locate *report, enum tide_locate_list list,
	unsigned int i, struct tide_locate_buffer *buffer);

/**
 * Read a limit of the scans: something that they cannot know. MT-safe.
 *
 * @param report  Report; not NULL.
 * @param i       Index from 0.
 * @return  A constant sentence of less than 128 bytes; NULL if there is no such limit.
 */
const char *tide_locate_limit(const struct tide_locate *report, unsigned int i);

/**
 * Print a report, with the limits of the scan. MT-safe.
 *
 * @param report  Report; not NULL.
 * @param out     Stream; not NULL.
 */
void tide_locate_dump(const struct tide_locate *report, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_LOCATE_H */
