/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_EAL_RUNDIR_H
#define APP_EAL_RUNDIR_H

/*
 * EAL leaves its run-time directory (/var/run/dpdk/PREFIX) behind when it ends; the program removes
 * it.
 */

/*
 * Remove the directory when the program exits, unless another primary process holds it. Call it
 * before EAL starts: exit handlers run last to first, and those of EAL still need the directory.
 */
void app_eal_rundir_remove_at_exit(void);

#endif /* APP_EAL_RUNDIR_H */
