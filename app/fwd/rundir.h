/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_RUNDIR_H
#define FWD_RUNDIR_H

/*
 * EAL leaves its run-time folder (/var/run/dpdk/PREFIX) behind when it ends; the program removes
 * it.
 */

/*
 * Remove the folder when the program exits, unless another primary process holds it. To be called
 * before EAL starts: exit handlers run last to first, and those of EAL still need the folder.
 */
void fwd_rundir_remove_at_exit(void);

#endif /* FWD_RUNDIR_H */
