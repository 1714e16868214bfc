/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef REGION_FRIEND_H
#define REGION_FRIEND_H

/* What lib/region offers to the other parts of the library. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tide_region.h"

/*
 * As tide_region_create(). `told`: the caller says why it failed, from *found, so that the log does not
 * say it a second time but at level INFO.
 */
struct tide_region *
tidei_region_create(const struct tide_region_conf *conf, struct tide_placement *found, bool told);

/* What to do where EAL has no memzone left (ENOSPC), with this version of DPDK. */
const char *tidei_memzones_advice(void);

/*
 * Open the memzone of that name, which the primary process made for a node, and measure it. 0;
 * -ENOENT: there is none; -ENOMEM; -EIO: the kernel does not say where its pages are.
 */
int tidei_region_attach(const char *name, int node, struct tide_region **out);

/*
 * Ask the kernel for the node of every page of [addr, addr + len), which need not be a region. Fills pages, local, unknown
 * and found[] of *now; local are those on `node`. 0; -ENOMEM; or another negative errno: the kernel refuses, and more than
 * one node is possible.
 */
int
tidei_pages_measure(void *addr, size_t len, size_t page_size, int node, struct tide_placement *now);

/*
 * Add the pages of one placement to a sum that begins as zeros: pages, local, unknown and found[]. The page size becomes that
 * of the addend.
 */
void tidei_placement_add(struct tide_placement *sum, const struct tide_placement *more);

/* Tell whether the memory policy of a page is MPOL_BIND, so that the kernel does not move it by itself. */
bool tidei_pages_bound(void *addr);

/*
 * Pages of that size EAL is about to take there for itself, beside any region: its heap on the node is
 * empty, and devices, mempools and rings have to be put somewhere.
 */
uint64_t tidei_eal_takes(int node, size_t page_size);
/* EAL is up: it has set up its memory. */
bool tidei_eal_is_up(void);

/* Bytes in a page of that kind; THP: the huge one. 0: this machine does not have it. */
size_t tidei_page_bytes(enum tide_page page);
/* Base pages of the system. */
size_t tidei_page_base(void);

#endif /* REGION_FRIEND_H */
