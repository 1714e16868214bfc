/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Finds the stacks of the threads, and the part of each that is in use.
 *
 * The kernel names the stack of the main thread alone. It tells the stack pointer of a thread that does not run.
 */

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "locate_descriptor.h"
#include "locate_survey.h"
#include "sys_friend.h"

/* Most threads; further ones have no name. */
#define THREADS 1024

/* A function may use so many bytes below the stack pointer (x86-64 System V ABI, 3.2.2). */
#define RED_ZONE 128

/* Where the bounds of the calling thread's stack are not known, the scan leaves out so much of it. */
#define OWN_DEPTH ((size_t)32 << 10)

struct thread {
	uint32_t tid;
	uintptr_t sp; /* Stack pointer; 0: the thread runs. */
	bool placed; /* Its stack was found. */
	char name[16];
};

struct threads {
	struct thread thread[THREADS];
	unsigned int nb;
	struct tidei_textfile file;
};

/* The file is "running", or ends in stack pointer and program counter: "... 0x7ffc 0x7f12". */
static uintptr_t
stack_pointer(const char *text)
{
	const char *last = strrchr(text, ' '), *before = last;

	if (last == NULL || strncmp(text, "running", 7) == 0)
		return 0;
	while (before > text && before[-1] != ' ')
		before--;
	return strtoul(before, NULL, 16);
}

static void
add_thread(struct threads *all, const char *id, uintptr_t entry)
{
	struct thread *t = &all->thread[all->nb];
	struct tidei_textfile *file = &all->file;

	*t = (struct thread){.tid = (uint32_t)strtoul(id, NULL, 10)};
	if (t->tid == 0)
		return;
	if (tidei_textfile_read(file, "", "/proc/self/task/%s/comm", id) == 0)
		snprintf(t->name, sizeof(t->name), "%.15s", file->text);
	if ((pid_t)t->tid == gettid())
		t->sp = entry;
	else if (tidei_textfile_read(file, "", "/proc/self/task/%s/syscall", id) == 0)
		t->sp = stack_pointer(file->text);
	all->nb++;
}

static void
list_threads(struct threads *all, uintptr_t entry)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *found;

	all->nb = 0;
	if (dir == NULL)
		return;
	while (all->nb < THREADS && (found = readdir(dir)) != NULL)
		add_thread(all, found->d_name, entry);
	closedir(dir);
}

/* Add the stack of a thread, and leave out the part that is not in use. */
static void
add_stack(struct tidei_layout *l, struct thread *t, uintptr_t from, uintptr_t to)
{
	char name[TIDE_LOCATE_NAME_MAX];
	struct tidei_span *span;

	snprintf(name, sizeof(name), "stack of thread %s (%u)%s", t->name, t->tid,
		t->sp == 0 ? ", which was running: may be an old value" : "");
	span = tidei_layout_add(l, TIDEI_LAYER_STACK, from, to, TIDE_LOCATE_STACK, name);
	if (span != NULL)
		span->weak = t->sp == 0;
	/* A thread on another stack, such as that of a coroutine, uses this one too. */
	if (t->sp > from && t->sp < to)
		tidei_layout_leave_out(l, from, t->sp - RED_ZONE);
	t->placed = true;
}

/* Return the thread with an id; NULL: it is not in the list. */
static struct thread *
thread_of(struct threads *all, uint32_t tid)
{
	for (unsigned int i = 0; i < all->nb; i++)
		if (all->thread[i].tid == tid)
			return &all->thread[i];
	return NULL;
}

/* Find out whether a mapping is the stack of a thread, or of one that ended. */
static void
add_mapping(struct tidei_layout *l, struct threads *all, const struct tidei_span *mapping)
{
	struct tidei_descriptor d;
	struct thread *t;

	/* The kernel calls it [stack]. */
	if (mapping->kind == TIDE_LOCATE_STACK) {
		t = thread_of(all, (uint32_t)getpid());
		if (t != NULL)
			add_stack(l, t, mapping->from, mapping->to);
		return;
	}
	if (mapping->has_file || !tidei_descriptor_find(&d, mapping->from, mapping->to))
		return;
	t = thread_of(all, d.tid);
	if (t != NULL && !t->placed)
		add_stack(l, t, d.stack, mapping->to);
	else if (d.ended)
		/* The C library keeps the stack for the next thread. */
		tidei_layout_leave_out(l, d.stack, d.at);
}

/* The scan itself has pointers in the stack of the calling thread. */
static void
leave_out_own(struct tidei_layout *l, const struct thread *t)
{
	const struct tidei_span *mapping = tidei_layout_find(l, TIDEI_LAYER_MAPPING, t->sp);

	if (mapping != NULL)
		tidei_layout_leave_out(
			l, RTE_MAX(mapping->from, t->sp - OWN_DEPTH), t->sp - RED_ZONE);
}

void
tidei_survey_threads(struct tidei_layout *l, uintptr_t entry)
{
	struct threads *all = tidei_scratch_alloc(l->scratch, sizeof(*all));
	struct thread *own;

	if (all == NULL) {
		l->failed = true;
		return;
	}
	list_threads(all, entry);
	for (size_t i = 0; i < l->layer[TIDEI_LAYER_MAPPING].nb; i++)
		add_mapping(l, all, (struct tidei_span *)l->layer[TIDEI_LAYER_MAPPING].at + i);
	own = thread_of(all, (uint32_t)gettid());
	if (own != NULL && !own->placed)
		leave_out_own(l, own);
	for (unsigned int i = 0; i < all->nb; i++)
		l->asleep += all->thread[i].sp != 0;
	l->threads = all->nb;
	tidei_layout_sort(l, TIDEI_LAYER_STACK);
}
