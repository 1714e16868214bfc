/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef SHORTAGE_FRIEND_H
#define SHORTAGE_FRIEND_H

/* lib/shortage offers this to the part that has the control thread. */

#include <stdbool.h>
#include <stdint.h>

/* Read the environment, before all other calls. */
void tidei_shortage_init(void);

/* Tell whether the environment requests no watch of mempools. */
bool tidei_shortage_is_off(void);

/*
 * Look at all mempools. now_ms is a time that only grows; calls are some hundred milliseconds apart, by one thread. A report
 * gets a thread of its own, one at a time.
 */
void tidei_shortage_look(int64_t now_ms);

#endif /* SHORTAGE_FRIEND_H */
