/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef LOCATE_PEERS_H
#define LOCATE_PEERS_H

#include <stdbool.h>

/*
 * Tell whether other processes use the memory of this EAL: primary or secondary processes with the same file prefix.
 * They can have pointers that a scan of this process does not see.
 */
bool tidei_peers_exist(void);

#endif /* LOCATE_PEERS_H */
