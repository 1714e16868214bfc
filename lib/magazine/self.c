/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes the identity of a thread, and finds out whether another thread is dead. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "barrier.h"
#include "magazine_friend.h"
#include "self.h"

_Thread_local struct tidei_self tidei_self
	__attribute__((tls_model("initial-exec"), visibility("hidden"))) = {.id = SELF_UNKNOWN};

static _Atomic uint64_t identities;
static _Atomic uint64_t process; /* For tidei_self.process; 0: not chosen yet. */

/* Mix the bits of a word: the finaliser of SplitMix, a bijection (Steele et al., OOPSLA 2014). */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* Fields of /proc/PID/task/TID/stat, see proc(5). */
struct stat_of {
	char state; /* Field 3. */
	uint64_t start; /* Field 22, in clock ticks since boot. */
};

/* Read the stat file of a thread. Returns all 0 if it cannot. */
static struct stat_of
read_stat(uint32_t pid, uint32_t tid)
{
	struct stat_of of = {0};
	char path[64], text[1024];
	const char *at;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/task/%u/stat", pid, tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return of;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return of;
	text[len] = '\0';
	/* The name, field 2, is in brackets and can hold any character. */
	at = strrchr(text, ')');
	if (at == NULL || at[1] != ' ')
		return of;
	of.state = at[2];
	for (int field = 2; at != NULL && field < 22; field++)
		at = strchr(at + 1, ' ');
	of.start = at == NULL ? 0 : strtoull(at, NULL, 10);
	return of;
}

/*
 * Tell whether the thread with an id has ended, or is another than the one that started at `start`.
 * A process without a parent that waits keeps its id, as does a main thread that ends before others.
 */
static bool
ended_or_another(uint32_t pid, uint32_t tid, uint64_t start)
{
	struct stat_of of = read_stat(pid, tid);

	return of.state == 'Z' || of.state == 'X' ||
	       (start != 0 && of.start != 0 && of.start != start);
}

/* Reset the identity in the only thread of a child of fork(). */
static void
forked(void)
{
	tidei_self = (struct tidei_self){.id = SELF_UNKNOWN};
	atomic_store_explicit(&process, 0, memory_order_relaxed);
	tidei_barrier_forked();
}

__attribute__((constructor)) static void
watch_fork(void)
{
	pthread_atfork(NULL, NULL, forked);
}

/*
 * Return the random number of the process, which the first caller chooses. Relaxed: no other memory
 * depends on it.
 */
static uint64_t
process_of(uint64_t seed)
{
	uint64_t none = 0, own = mix(~seed) | 1;

	return atomic_compare_exchange_strong_explicit(
		       &process, &none, own, memory_order_relaxed, memory_order_relaxed)
	               ? own
	               : none;
}

void
tidei_self_make(void)
{
	/* 16 random bytes that the kernel gives each program it starts, getauxval(3). */
	const void *random = (const void *)getauxval(AT_RANDOM);
	struct tidei_self *self = &tidei_self;
	uint64_t seed[2] = {0};
	struct timespec now;
	struct stat st;
	int saved = errno;

	tidei_barrier_register();
	self->pid = (uint32_t)getpid();
	self->tid = (uint32_t)syscall(SYS_gettid);
	self->ns = stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
	self->start = read_stat(self->pid, self->tid).start;
	errno = saved;
	if (random != NULL)
		memcpy(seed, random, sizeof(seed));
	clock_gettime(CLOCK_MONOTONIC, &now);
	seed[0] ^= mix((uint64_t)now.tv_sec << 32 ^ (uint64_t)now.tv_nsec);
	seed[0] ^= mix((uint64_t)self->pid << 32 | self->tid);
	self->process = process_of(seed[0]);
	seed[1] += atomic_fetch_add_explicit(&identities, 1, memory_order_relaxed);
	/* Last: a signal handler that interrupts this makes an identity of its own, which is used. */
	atomic_signal_fence(memory_order_seq_cst);
	if (self->id == SELF_UNKNOWN)
		self->id = identity_of(self->tid, self->ns, mix(seed[0] ^ mix(seed[1])));
}

uint64_t
tidei_self_identity(void)
{
	if (tidei_self.id == SELF_UNKNOWN)
		tidei_self_make();
	return tidei_self.id;
}

/* Tell whether no thread of this PID namespace has an id. Leaves errno alone. */
static bool
no_thread(uint32_t tid)
{
	int saved = errno;
	bool gone = syscall(SYS_tkill, tid, 0) != 0 && errno == ESRCH;

	errno = saved;
	return gone;
}

/* Tell whether an owner that has not signed its cell is dead. */
static bool
claimer_dead(uint64_t owner)
{
	if (tidei_self.ns == 0 || (owner >> IDENTITY_NS_SHIFT & IDENTITY_NS_MASK) !=
					  (tidei_self.ns & IDENTITY_NS_MASK))
		return false;
	return no_thread((uint32_t)(owner >> IDENTITY_TID_SHIFT & IDENTITY_TID_MASK));
}

bool
tidei_borrower_dead(uint32_t mark)
{
	if (!(mark & BORROWER) || tidei_self.ns == 0 ||
		((mark ^ borrower_mark()) & BORROWER_NS_MASK << BORROWER_NS_SHIFT) != 0)
		return false;
	return no_thread(mark & (uint32_t)IDENTITY_TID_MASK);
}

/* Tell whether the owner of a cell is dead. owner: the identity of a thread. */
static bool
signer_dead(const struct tidei_cell *cell, uint64_t owner, bool thorough)
{
	uint64_t ns, start;
	uint32_t pid, tid;
	int saved = errno;
	bool gone;

	/* Acquire: pairs with the release at the end of tidei_cell_sign(). */
	if (atomic_load_explicit(&cell->signed_by, memory_order_acquire) != owner)
		return claimer_dead(owner);
	pid = atomic_load_explicit(&cell->pid, memory_order_relaxed);
	tid = atomic_load_explicit(&cell->tid, memory_order_relaxed);
	ns = atomic_load_explicit(&cell->ns, memory_order_relaxed);
	start = atomic_load_explicit(&cell->start, memory_order_relaxed);
	/* Pairs with the fence in tidei_cell_sign(): the next load sees a later owner that wrote these words. */
	atomic_thread_fence(memory_order_acquire);
	if (atomic_load_explicit(&cell->owner, memory_order_relaxed) != owner)
		return false;
	if (ns == 0 || ns != tidei_self.ns)
		return false;
	gone = syscall(SYS_tgkill, pid, tid, 0) != 0 && errno == ESRCH;
	if (!gone && thorough)
		gone = ended_or_another(pid, tid, start);
	errno = saved;
	return gone;
}

bool
tidei_owner_dead(const struct tidei_magazines *mags, const struct tidei_cell *cell, uint64_t owner,
	bool thorough)
{
	uint64_t reclaimer;

	if (owner == 0 || owner == tidei_self.id)
		return false;
	if (owner & 1)
		return signer_dead(cell, owner, thorough);
	cell = &mags->cell[owner >> 1 & RECLAIMER_CELL_MASK];
	reclaimer = atomic_load_explicit(&cell->owner, memory_order_acquire);
	/* A reclaimer keeps its cell until it is done. If the cell has another owner, the reclaimer died. */
	if ((reclaimer ^ owner) & RECLAIMER_OWNER_MASK)
		return true;
	return (reclaimer & 1) && reclaimer != tidei_self.id &&
	       signer_dead(cell, reclaimer, thorough);
}
