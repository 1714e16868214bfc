/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Ends work on EAL's memory when EAL unmaps it. */

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <rte_common.h>

#include "locate_friend.h"
#include "locate_lock.h"

/* Where an attempt of this thread began; NULL outside. */
static _Thread_local sigjmp_buf *attempted __attribute__((tls_model("initial-exec")));

static const int faults[] = {SIGSEGV, SIGBUS};

/* The program's dispositions, while ours replace them. A handler reads them without the mutex, see handle(). */
static struct sigaction program[RTE_DIM(faults)];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned int inside; /* Threads in tidei_eal_guarded(), under the mutex. */

/* Where the work of this thread began; NULL outside. Initial-exec: a handler must not allocate it. */
static _Thread_local sigjmp_buf *begin __attribute__((tls_model("initial-exec")));

/* Do what the program would have done about the fault. */
static void
hand_on(int signum, siginfo_t *info, void *context)
{
	const struct sigaction *theirs = &program[signum == faults[0] ? 0 : 1];

	if ((theirs->sa_flags & SA_SIGINFO) != 0) {
		theirs->sa_sigaction(signum, info, context);
	} else if (theirs->sa_handler != SIG_DFL && theirs->sa_handler != SIG_IGN) {
		theirs->sa_handler(signum);
	} else {
		/* The kernel does it: the instruction faults again, and a signal of another process waits until here ends. */
		sigaction(signum, theirs, NULL);
		if (info->si_code <= 0)
			raise(signum);
	}
}

static void
handle(int signum, siginfo_t *info, void *context)
{
	int error = errno;
	/* The search for EAL's memory itself can be the first to find it gone. */
	bool ours =
		begin != NULL && info->si_code > 0 && (!tidei_eal_known() || !tidei_eal_mapped());

	errno = error;
	if (ours)
		siglongjmp(*begin, 1);
	if (attempted != NULL && info->si_code > 0)
		siglongjmp(*attempted, 1);
	hand_on(signum, info, context);
}

/*
 * Read a disposition of the program. The C library fills the mask beyond the last signal with what its stack had there, such
 * as a pointer to a buffer, which a scan would find in a variable.
 */
static struct sigaction
disposition(int signum)
{
	struct sigaction now, clean = {0};

	sigaction(signum, NULL, &now);
	clean.sa_flags = now.sa_flags;
	if ((now.sa_flags & SA_SIGINFO) != 0)
		clean.sa_sigaction = now.sa_sigaction;
	else
		clean.sa_handler = now.sa_handler;
	for (int i = 1; i < NSIG; i++)
		if (sigismember(&now.sa_mask, i) == 1)
			sigaddset(&clean.sa_mask, i);
	return clean;
}

static bool
is_ours(const struct sigaction *action)
{
	return (action->sa_flags & SA_SIGINFO) != 0 && action->sa_sigaction == handle;
}

/*
 * A thread that replaces a handler for a time, as EAL's memory does with that of SIGBUS, can have found ours, and put it
 * back when no thread was inside any more. Then the disposition of the program is still the one from before.
 */
static void
replace_handlers(void)
{
	struct sigaction ours;

	pthread_mutex_lock(&mutex);
	if (inside++ == 0) {
		for (unsigned int i = 0; i < RTE_DIM(faults); i++) {
			ours = disposition(faults[i]);
			if (is_ours(&ours))
				continue;
			program[i] = ours;
			ours.sa_sigaction = handle;
			ours.sa_flags =
				SA_SIGINFO | SA_ONSTACK | (program[i].sa_flags & SA_NODEFER);
			sigaction(faults[i], &ours, NULL);
		}
	}
	pthread_mutex_unlock(&mutex);
}

static void
restore_handlers(void)
{
	struct sigaction now;

	pthread_mutex_lock(&mutex);
	if (--inside == 0) {
		for (unsigned int i = 0; i < RTE_DIM(faults); i++) {
			/* The program can have set another one meanwhile, which stays. */
			sigaction(faults[i], NULL, &now);
			if (is_ours(&now))
				sigaction(faults[i], &program[i], NULL);
		}
	}
	pthread_mutex_unlock(&mutex);
}

int
tidei_eal_attempt(int (*work)(void *arg), void *arg)
{
	sigjmp_buf here;
	int ret;

	if (sigsetjmp(here, 1) != 0) {
		attempted = NULL;
		return -EFAULT;
	}
	attempted = &here;
	atomic_signal_fence(memory_order_seq_cst);
	ret = work(arg);
	atomic_signal_fence(memory_order_seq_cst);
	attempted = NULL;
	return ret;
}

/* Do the work up to its end, or up to a fault that the end of EAL caused. */
static int
attempt(int (*work)(void *arg), void *arg)
{
	sigjmp_buf here;

	if (sigsetjmp(here, 1) != 0)
		return -ECANCELED;
	begin = &here;
	atomic_signal_fence(memory_order_seq_cst);
	return tidei_eal_alive() ? work(arg) : -ECANCELED;
}

int
tidei_eal_guarded(int (*work)(void *arg), void *arg)
{
	sigset_t set, before;
	int ret;

	/* A fault whose signal is blocked ends the process. */
	sigemptyset(&set);
	for (unsigned int i = 0; i < RTE_DIM(faults); i++)
		sigaddset(&set, faults[i]);
	replace_handlers();
	pthread_sigmask(SIG_UNBLOCK, &set, &before);
	ret = attempt(work, arg);
	atomic_signal_fence(memory_order_seq_cst);
	begin = attempted = NULL;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	restore_handlers();
	return ret;
}
