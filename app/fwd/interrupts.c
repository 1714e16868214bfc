/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-fwd: lets EAL's interrupt thread come to rest before EAL ends.
 *
 * An entry of our own on that thread's list says when it came by. An alarm would say so too, but
 * rte_eal_cleanup() takes that off the list, which wakes the thread again. Ours stays until the
 * process ends, in memory that is not EAL's.
 */

#include <errno.h>
#include <semaphore.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <rte_interrupts.h>

#include "interrupts.h"

/* Far more than a thread that is not stuck in a driver's handler needs. */
#define PATIENCE_S 2

/* Static: the thread may come late. */
static sem_t came_by;
static int bell;

static void
answer(void *arg)
{
	eventfd_t rings;

	if (eventfd_read(bell, &rings) == 0)
		sem_post(&came_by);
}

static int
join_list(void)
{
	struct rte_intr_handle *handle;

	bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (bell < 0)
		return -1;
	handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	if (handle == NULL)
		goto close_bell;
	if (rte_intr_fd_set(handle, bell) < 0 ||
		rte_intr_type_set(handle, RTE_INTR_HANDLE_EXT) < 0 ||
		rte_intr_callback_register(handle, answer, NULL) < 0)
		goto free_handle;
	/* The list holds a copy. */
	rte_intr_instance_free(handle);
	return 0;
free_handle:
	rte_intr_instance_free(handle);
close_bell:
	close(bell);
	return -1;
}

static int
ring(const struct timespec *until)
{
	if (eventfd_write(bell, 1) < 0)
		return -1;
	while (sem_clockwait(&came_by, CLOCK_MONOTONIC, until) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return 0;
}

void
fwd_interrupts_wait(void)
{
	struct timespec until;

	if (sem_init(&came_by, 0, 0) < 0 || join_list() < 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += PATIENCE_S;
	/*
	 * The first may be answered in the same round that finds the wake-up, before the list is
	 * rebuilt; the second cannot.
	 */
	if (ring(&until) == 0)
		ring(&until);
}
