/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * denied COMMAND...: run it like a container runtime that does not grant CAP_SYS_NICE: system calls that
 * query or choose the node of memory fail with EPERM.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "deny.h"

int
main(int argc, char *argv[])
{
	static const unsigned int calls[] = {
		SYS_mbind, SYS_move_pages, SYS_get_mempolicy, SYS_set_mempolicy, SYS_migrate_pages};

	if (argc < 2)
		return 2;
	for (unsigned int i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		int ret = test_deny(calls[i], DENY_ANY, EPERM);

		if (ret != 0) {
			printf("denied: no seccomp filter: %s\n", strerror(-ret));
			return 77;
		}
	}
	execvp(argv[1], argv + 1);
	perror("denied");
	return 99;
}
