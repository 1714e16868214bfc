/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_INTERRUPTS_H
#define FWD_INTERRUPTS_H

/*
 * Wait until EAL's interrupt thread has seen that ports are closed; to be called right before
 * rte_eal_cleanup().
 *
 * Closing a port wakes that thread, to rebuild the list of what it waits for. Some drivers leave an
 * entry on it whose memory is EAL's own (memif, the socket it listened on): a thread that comes to
 * it after rte_eal_cleanup() crashes.
 */
void fwd_interrupts_wait(void);

#endif /* FWD_INTERRUPTS_H */
