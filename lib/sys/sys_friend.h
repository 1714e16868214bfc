/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef SYS_FRIEND_H
#define SYS_FRIEND_H

/*
 * lib/sys offers this to the other parts of the library: the small files of sysfs and procfs, the limits of
 * cgroups, huge pages and memory of a node at this moment, threads of this process. It needs libc alone.
 *
 * `root` is where /proc and /sys are, empty but in tests. `node` is a node id; a negative one means the
 * machine.
 */

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A list that grows; zeros: empty. Its elements are in one array, which moves when it grows. */
struct tidei_list {
	void *at; /* malloc(3). */
	unsigned int nb, room;
};

/* Add an element of zeros; NULL: out of memory, and the list is as before. */
void *tidei_list_add(struct tidei_list *list, size_t size);
void tidei_list_free(struct tidei_list *list);

/* For each element of a list; the list is not changed meanwhile. */
#define TIDEI_LIST_EACH(list, type, item)    \
	for (type *item = (type *)(list).at; \
		(list).nb != 0 && item < (type *)(list).at + (list).nb; item++)

/* A small text file, read whole. The largest is a CPU list of every other of thousands of CPUs. */
struct tidei_textfile {
	char path[PATH_MAX];
	char text[32768]; /* NUL-terminated, without the last newline. */
};

/* Read root/path. 0 or negative errno; -EFBIG: larger than text[]. path[] is set in any case. */
int tidei_textfile_read(struct tidei_textfile *file, const char *root, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Read an unsigned decimal number that fills len characters. 0, -EINVAL or -ERANGE (above max). */
int tidei_number_parse(const char *text, size_t len, uint64_t max, uint64_t *value);

/* The bytes behind "Name:" in the text of a meminfo file; false when there is none. */
bool tidei_meminfo_bytes(const char *text, const char *name, uint64_t *bytes);

/* Huge pages of one size the cgroups of this process let it hold; UINT64_MAX without a limit. */
uint64_t tidei_cgroup_huge_limit(const char *root, uint64_t page_size);
/* Those it may still take; as free pages, a number that others change. */
uint64_t tidei_cgroup_huge_room(const char *root, uint64_t page_size);
/* Bytes the cgroups of this process still let it take; UINT64_MAX: no limit. */
uint64_t tidei_cgroup_memory_room(const char *root);

/* Huge pages of one size on a node, now. */
struct tidei_huge_now {
	uint64_t total;
	uint64_t free;
	uint64_t reserved; /* Of the free ones, promised to mappings; known for the machine only. */
	uint64_t spare; /* Pages the kernel may still make on demand (overcommit). */
};

/* 0, or -ENOENT when the kernel has no pages of that size there. */
int tidei_huge_read(const char *root, int node, size_t page_size, struct tidei_huge_now *now);
/* The same for this machine. */
int tidei_huge_now(int node, size_t page_size, struct tidei_huge_now *now);
/*
 * Explicit huge pages that a mapping can still get there. Those promised to other mappings are counted
 * for the machine only: they can come from any node.
 */
uint64_t tidei_huge_to_be_had(int node, size_t page_size, const struct tidei_huge_now *now);
/* Bytes of free huge pages of all sizes there. */
uint64_t tidei_huge_bytes(int node);
/*
 * The command that makes a node have that many pages; empty when they would not fit its memory.
 */
void tidei_huge_command(int node, size_t page_size, uint64_t total, char *text, size_t size);
/* The same command for a machine whose memory the caller knows; it is never empty. */
void tidei_huge_set_command(int node, size_t page_size, uint64_t total, char *text, size_t size);

/* Bytes of memory there; UINT64_MAX where the kernel does not say. */
uint64_t tidei_memory_total(int node);
/* Bytes of base pages that can be had there without the OOM killer. 0, or -ENOENT. */
int tidei_memory_now(int node, uint64_t *bytes);

/*
 * Start a thread on a set of CPUs (NULL: on the caller's), with no signals: those belong to the
 * application's threads. 0 or negative errno; -EINVAL: this machine has none of the CPUs.
 */
int tidei_thread_start(
	pthread_t *thread, void *(*work)(void *arg), void *arg, const cpu_set_t *set, size_t size);

/* Return the CPU where a thread of this process runs or ran last; -1: the kernel has no such thread. */
int tidei_thread_cpu(pid_t tid);

#endif /* SYS_FRIEND_H */
