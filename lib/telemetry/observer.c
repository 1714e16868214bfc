/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * The observer: a control thread that answers on the telemetry socket and notices mempools that run dry, in each program
 * that has the library or the plugin.
 *
 * Constructors run before EAL starts. The first scan of the buses is the earliest event inside rte_eal_init() at which
 * control threads have their CPUs, so the thread starts there, in secondary processes too, and whether or not there are
 * mempools. Then it waits until EAL has its lists. DPDK has no call to ask for that, but in each process
 * rte_eal_init() measures the frequency of the time stamp counter after it has made the lists.
 */

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <rte_bus_vdev.h>
#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_memory.h>

#include "eal_friend.h"
#include "endpoint.h"
#include "locate_friend.h"
#include "mempool_tide_friend.h"
#include "own_socket.h"
#include "server.h"
#include "shortage_friend.h"
#include "tide_log.h"
#include "tide_telemetry.h"

TIDE_LOG_REGISTER(telemetry)

/* Milliseconds between looks at EAL while it starts. */
#define LOOK_FIRST_MS 5
#define LOOK_LAST_MS  200

static struct tidei_server server;
static struct sockaddr_un address;
static pthread_t thread;
static bool with_socket; /* Set before the thread starts. */

/* The process that has the thread: 0, none. A child process inherits the number, which is not its own. */
static _Atomic pid_t owner;
/* The socket has its address, as long as this process lives. Release and acquire, so that the address is seen. */
static _Atomic bool has_address;

static bool
is_owner(void)
{
	/* Relaxed: the writer is this thread, or started it. */
	return atomic_load_explicit(&owner, memory_order_relaxed) == getpid();
}

/* The file goes once: at the end of the thread, in tide_telemetry_close(), or at the exit of the process. */
static void
remove_socket(void)
{
	if (atomic_exchange_explicit(&has_address, false, memory_order_acq_rel))
		unlink(address.sun_path);
}

static int
nothing(void *arg)
{
	RTE_SET_USED(arg);
	return 0;
}

/* Returns false if the program ends before EAL has started, or has ended EAL already. */
static bool
wait_for_eal(void)
{
	int ms = LOOK_FIRST_MS;

	while (rte_get_tsc_hz() == 0) {
		if (!tidei_server_sleep(&server, ms))
			return false;
		ms = RTE_MIN(2 * ms, LOOK_LAST_MS);
	}
	return tidei_eal_guarded(nothing, NULL) == 0;
}

static void
log_no_socket(const char *directory, int error)
{
	TIDE_LOG(telemetry, WARNING, "no telemetry socket in %s: %s; %s",
		directory[0] != '\0' ? directory : "a run-time directory, which EAL did not make",
		strerror(error),
		error == ENAMETOOLONG ? "give a shorter --file-prefix or XDG_RUNTIME_DIR"
				      : TIDE_SOCKET_ENV "=0 requests none");
}

/* Returns false if another copy of the library answers for this process. */
static bool
open_socket(void)
{
	const char *directory = rte_eal_get_runtime_dir();
	int fd;

	tidei_socket_clean(directory);
	fd = tidei_socket_listen(directory, &address);
	if (fd == -EALREADY)
		return false;
	if (fd < 0) {
		log_no_socket(directory, -fd);
		return true;
	}
	atomic_store_explicit(&has_address, true, memory_order_release);
	/* Relaxed: this thread alone uses it. */
	atomic_store_explicit(&server.listener, fd, memory_order_relaxed);
	TIDE_LOG(telemetry, INFO, "%s answers questions about mempools", address.sun_path);
	return true;
}

/* The thread ends with EAL. */
static bool
tick(void)
{
	struct timespec now;

	if (!tidei_eal_alive())
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	tidei_shortage_look((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	return true;
}

static bool
wants_socket(void)
{
	const char *requested = getenv(TIDE_SOCKET_ENV);

	return requested == NULL || strcmp(requested, "0") != 0;
}

static tidei_control_result
observe(void *arg)
{
	RTE_SET_USED(arg);
	if (wait_for_eal() && (!with_socket || open_socket())) {
		tidei_server_run(&server, tick);
		remove_socket();
	}
	return 0;
}

/*
 * The thread can be at work in the last moments of the process; it does no harm then, and is not waited for. A child
 * process made by clone(2) has not run in_child().
 */
static void
at_exit(void)
{
	if (!is_owner())
		return;
	tidei_server_stop(&server);
	remove_socket();
}

static void
in_child(void)
{
	tidei_server_forked(&server);
	atomic_store_explicit(&has_address, false, memory_order_relaxed);
}

static void
start(void)
{
	static bool done;

	/* In one thread: constructors and scans of buses run one after another. */
	if (done)
		return;
	done = true;
	/*
	 * A program that has the library can load the plugin too. What it publishes, and its policies, are in the copy that it
	 * calls. That one registered its ops first, since it is there before rte_eal_init() loads plugins.
	 */
	if (tidei_mempool_ops_elsewhere())
		return;
	tidei_endpoints_register();
	tidei_shortage_init();
	with_socket = wants_socket();
	if (!with_socket && tidei_shortage_is_off())
		return;
	if (tidei_server_init(&server) < 0 || atexit(at_exit) != 0 ||
		pthread_atfork(NULL, NULL, in_child) != 0)
		return;
	atomic_store_explicit(&owner, getpid(), memory_order_relaxed);
	if (tidei_control_thread_start(&thread, "tide-telemetry", observe, NULL) == 0)
		return;
	atomic_store_explicit(&owner, 0, memory_order_relaxed);
	TIDE_LOG(telemetry, WARNING,
		"no thread for the telemetry socket; " TIDE_SOCKET_ENV "=0 requests none");
}

static void
at_scan(void *arg)
{
	RTE_SET_USED(arg);
	start();
}

void
tide_telemetry_close(void)
{
	if (!is_owner())
		return;
	atomic_store_explicit(&owner, 0, memory_order_relaxed);
	tidei_server_stop(&server);
	pthread_join(thread, NULL);
	remove_socket();
}

const char *
tide_telemetry_socket(void)
{
	return atomic_load_explicit(&has_address, memory_order_acquire) ? address.sun_path : NULL;
}

RTE_INIT(tide_telemetry_init)
{
	if (rte_eal_get_physmem_size() != 0)
		start();
	else if (rte_vdev_add_custom_scan(at_scan, NULL) < 0)
		TIDE_LOG(telemetry, WARNING, "no memory to start the telemetry socket with EAL");
}
