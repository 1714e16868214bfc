/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_EAL_MAIN_CPU_H
#define APP_EAL_MAIN_CPU_H

/*
 * Return the CPU that EAL will run the main lcore on, from the arguments up to "--": that of --main-lcore, else
 * of the lowest lcore of -l, --lcores or -c, else the first this process may use. -1: it cannot be
 * told, as with lcores on several CPUs or arguments that EAL will refuse.
 */
int app_eal_main_cpu(int argc, char *const argv[]);

#endif /* APP_EAL_MAIN_CPU_H */
