/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_EAL_OPS_H
#define APP_EAL_OPS_H

/*
 * Put our mempool ops behind all others, in a primary process that has no mempool yet.
 *
 * A mempool names its ops by their number. This library is loaded before the drivers of DPDK, so it is
 * number 0 and every driver has one more than in a program without it: a secondary process that knows
 * nothing of tidepool, such as dpdk-dumpcap, would make its own mempool with the ops of another driver.
 *
 * Only right behind rte_eal_init(), before another thread uses a mempool.
 */
void app_eal_ops_last(const char *name);

#endif /* APP_EAL_OPS_H */
