/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * where PID FROM TO STEP: prints on which nodes the pages of another process are, as the kernel reports.
 *
 * The program does not use tidepool, so that it can contradict it. It asks for each address from FROM to TO,
 * STEP bytes apart, and prints "NODE PAGES" lines; pages without a node count under their errno.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Addresses per call. */
#define SLICE 512

/* Number of node ids: CONFIG_NODES_SHIFT is at most 10. Errnos are below zero. */
#define IDS_MAX  1024
#define ERRS_MAX 134

static uint64_t pages[ERRS_MAX + IDS_MAX];

static int
ask(pid_t pid, uint64_t from, unsigned int n, uint64_t step)
{
	void *addr[SLICE];
	int status[SLICE];

	for (unsigned int i = 0; i < n; i++)
		addr[i] = (void *)(uintptr_t)(from + i * step);
	if (syscall(SYS_move_pages, pid, (unsigned long)n, addr, NULL, status, 0) != 0)
		return -1;
	for (unsigned int i = 0; i < n; i++) {
		if (status[i] < -ERRS_MAX || status[i] >= IDS_MAX) {
			errno = ERANGE;
			return -1;
		}
		pages[ERRS_MAX + status[i]]++;
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	uint64_t from, to, step;
	pid_t pid;

	if (argc != 5) {
		fprintf(stderr, "usage: where PID FROM TO STEP\n");
		return 2;
	}
	pid = strtol(argv[1], NULL, 10);
	from = strtoull(argv[2], NULL, 0);
	to = strtoull(argv[3], NULL, 0);
	step = strtoull(argv[4], NULL, 0);
	if (pid <= 0 || step == 0 || to <= from) {
		fprintf(stderr, "where: nothing to ask\n");
		return 2;
	}
	for (uint64_t left = (to - from + step - 1) / step; left > 0; from += SLICE * step) {
		unsigned int n = left < SLICE ? left : SLICE;

		if (ask(pid, from, n, step) < 0) {
			perror("where: move_pages");
			return 1;
		}
		left -= n;
	}
	for (int i = 0; i < ERRS_MAX + IDS_MAX; i++) {
		if (pages[i] != 0)
			printf("%d %" PRIu64 "\n", i - ERRS_MAX, pages[i]);
	}
	return 0;
}
