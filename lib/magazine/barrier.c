/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Registers the process with membarrier(2) and calls it for thieves. */

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "barrier.h"
#include "magazine.h"

/* ThreadSanitizer does not model membarrier(2), so a build with it uses full fences. */
#if defined(__SANITIZE_THREAD__)
#define USE_MEMBARRIER 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define USE_MEMBARRIER 0
#endif
#endif
#ifndef USE_MEMBARRIER
#define USE_MEMBARRIER 1
#endif

enum {
	UNASKED,
	REGISTERED,
	REFUSED
};

atomic_bool tidei_fenced = !USE_MEMBARRIER;

static atomic_int registration = USE_MEMBARRIER ? UNASKED : REFUSED;

static long
membarrier(int command)
{
	int saved = errno;
	long ret = syscall(SYS_membarrier, command, 0, 0);

	errno = saved;
	return ret;
}

void
tidei_barrier_register(void)
{
	/* Two threads may both register; the result is the same. Relaxed: no other memory depends on it. */
	if (atomic_load_explicit(&registration, memory_order_relaxed) != UNASKED)
		return;
	if (membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0) {
		atomic_store_explicit(&registration, REGISTERED, memory_order_relaxed);
		return;
	}
	atomic_store_explicit(&tidei_fenced, true, memory_order_relaxed);
	atomic_store_explicit(&registration, REFUSED, memory_order_relaxed);
}

void
tidei_barrier_forked(void)
{
	if (atomic_load_explicit(&registration, memory_order_relaxed) == REGISTERED) {
		atomic_store_explicit(&registration, UNASKED, memory_order_relaxed);
		tidei_barrier_register();
	}
}

bool
tidei_barrier_heavy(bool own)
{
	if (!USE_MEMBARRIER)
		return false;
	if (own)
		return atomic_load_explicit(&registration, memory_order_relaxed) == REGISTERED &&
		       membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0;
	return membarrier(MEMBARRIER_CMD_GLOBAL) == 0;
}

bool
tidei_magazines_fenced(void)
{
	tidei_barrier_register();
	return atomic_load_explicit(&tidei_fenced, memory_order_relaxed);
}
