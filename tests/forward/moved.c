/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * To be preloaded: the kernel's answer about pages, but as long as the file $TIDE_MOVED exists all
 * that are on a node are on node 1, and while $TIDE_REFUSED exists it gives none. So a move can be
 * shown on a machine with one node. It stands before libnuma's move_pages(3), a plain system call.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

long
move_pages(int pid, unsigned long count, void **pages, const int *nodes, int *status, int flags);

/* Whether the file exists that the variable names. */
static bool
wanted(const char *variable)
{
	const char *file = getenv(variable);

	return file != NULL && access(file, F_OK) == 0;
}

__attribute__((visibility("default"))) long
move_pages(int pid, unsigned long count, void **pages, const int *nodes, int *status, int flags)
{
	long rc = syscall(SYS_move_pages, pid, count, pages, nodes, status, flags);

	if (wanted("TIDE_REFUSED")) {
		errno = EPERM;
		return -1;
	}
	if (rc < 0 || !wanted("TIDE_MOVED"))
		return rc;
	for (unsigned long i = 0; i < count; i++) {
		if (status[i] >= 0)
			status[i] = 1;
	}
	return rc;
}
