/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TELEMETRY_CONTROL_THREAD_H
#define TELEMETRY_CONTROL_THREAD_H

/* Control threads of EAL: on the CPUs that no lcore has. They get no signals, which belong to the application. */

#include <pthread.h>
#include <stdint.h>

#include <rte_version.h>

/* Functions of control threads return this, always 0. */
#if RTE_VERSION < RTE_VERSION_NUM(23, 11, 0, 0)
typedef void *tidei_control_result;
#else
typedef uint32_t tidei_control_result;
#endif

/* Start a control thread, from the plugins' load on. name has less than 16 bytes. 0 or negative errno. */
int tidei_control_thread_start(
	pthread_t *thread, const char *name, tidei_control_result (*work)(void *arg), void *arg);

#endif /* TELEMETRY_CONTROL_THREAD_H */
