/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_DESCRIPTOR_H
#define LOCATE_DESCRIPTOR_H

#include <stdbool.h>
#include <stdint.h>

/* What the C library knows of a thread, at the upper end of its stack. */
struct tidei_descriptor {
	uintptr_t at; /* Address of the descriptor. */
	uintptr_t stack; /* Lowest address of the stack, behind its guard. */
	uint32_t tid; /* 0 or UINT32_MAX if it ended. */
	bool ended; /* The thread ended, and the C library keeps its stack. */
};

/* Look for a descriptor at the end of a mapping. Returns false if there is none that is known. */
bool tidei_descriptor_find(struct tidei_descriptor *d, uintptr_t from, uintptr_t to);

#endif /* LOCATE_DESCRIPTOR_H */
