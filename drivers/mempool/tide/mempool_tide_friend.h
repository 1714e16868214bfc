/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef MEMPOOL_TIDE_FRIEND_H
#define MEMPOOL_TIDE_FRIEND_H

/* The part of the driver that the library may use: lib/mempool queries mempools of any copy of the driver. */

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_mempool.h>

/* What the driver keeps of a mempool before its allocator, in memory that processes share. */
struct tidei_mempool_extra {
	/* enum tide_misuse_policy. Written by tide_mempool_set_misuse(), read by get and put on misuse. */
	alignas(128) _Atomic uint32_t misuse;
	/* Requested node of the objects, SOCKET_ID_ANY: any. The creator writes it before it publishes the mempool. */
	int32_t home;
};

static inline struct tidei_mempool_extra *
tidei_mempool_extra(const struct rte_mempool *mp)
{
	return RTE_PTR_SUB(mp->pool_data, sizeof(struct tidei_mempool_extra));
}

/* The ops of this driver. */
extern const struct rte_mempool_ops tidei_mempool_ops;

/*
 * Tell whether another copy of this driver has registered the ops. A process has two copies when a program that has the
 * library loads the plugin.
 */
bool tidei_mempool_ops_elsewhere(void);

#endif /* MEMPOOL_TIDE_FRIEND_H */
