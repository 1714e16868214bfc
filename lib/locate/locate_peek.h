/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_PEEK_H
#define LOCATE_PEEK_H

/*
 * Reads memory of this process that can be unmapped at any time. The kernel copies it with process_vm_readv(2), so
 * nothing faults, and it refuses the registers of devices.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tell whether the kernel allows it. */
bool tidei_peek_allowed(void);

/* Copy memory. Returns the bytes before the first one that cannot be read. */
size_t tidei_peek(void *to, uintptr_t from, size_t len);

/* One of many small pieces. */
struct tidei_piece {
	uintptr_t from;
	uint32_t len;
	uint32_t got; /* Set by tidei_peek_many(): len, or 0 if it cannot be read. */
	void *to;
};

/* The most pieces of one call. */
#define TIDEI_PIECES 128

/* Copy up to TIDEI_PIECES pieces with few system calls. */
void tidei_peek_many(struct tidei_piece *pieces, unsigned int n);

#endif /* LOCATE_PEEK_H */
