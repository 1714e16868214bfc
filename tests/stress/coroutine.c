/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * Coroutines: ucontext makes the stack, setjmp and longjmp switch, because swapcontext makes a system
 * call each time.
 */

/* A fortified longjmp refuses to leave a stack. */
#undef _FORTIFY_SOURCE

#include <stdlib.h>
#include <ucontext.h>

#include "coroutine.h"

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN
#endif
#endif

/* AddressSanitizer does not know these stacks, nor frames that are left on them: announce both. */
#ifdef UNDER_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define LEAVE_FOR(stack, size) __sanitizer_start_switch_fiber(NULL, stack, size)
#define ARRIVE(stack, size)    __sanitizer_finish_switch_fiber(NULL, stack, size)
#define CLEAN(stack, size)     ASAN_UNPOISON_MEMORY_REGION(stack, size)
#else
#define LEAVE_FOR(stack, size) ((void)(stack))
#define ARRIVE(stack, size)    ((void)(stack), (void)(size))
#define CLEAN(stack, size)     ((void)(stack))
#endif

#define STACK_BYTES (256 * 1024)

static jmp_buf resumer;
static const void *resumer_stack;
static size_t resumer_size;
static struct coroutine *running;

static void
enter(void)
{
	ARRIVE(&resumer_stack, &resumer_size);
	running->run(running->arg);
	running->ended = true;
	LEAVE_FOR(resumer_stack, resumer_size);
	_longjmp(resumer, 1);
}

void
coroutine_init(struct coroutine *c, void (*run)(void *arg), void *arg)
{
	void *stack = c->stack != NULL ? c->stack : malloc(STACK_BYTES);

	CLEAN(stack, STACK_BYTES);
	*c = (struct coroutine){.run = run, .arg = arg, .stack = stack};
}

void
coroutine_resume(struct coroutine *c)
{
	static ucontext_t first;

	running = c;
	if (_setjmp(resumer) != 0) {
		ARRIVE(NULL, NULL);
		return;
	}
	LEAVE_FOR(c->stack, STACK_BYTES);
	if (c->started)
		_longjmp(c->at, 1);
	c->started = true;
	getcontext(&first);
	first.uc_stack.ss_sp = c->stack;
	first.uc_stack.ss_size = STACK_BYTES;
	first.uc_link = NULL;
	makecontext(&first, enter, 0);
	setcontext(&first);
}

void
coroutine_pause(void)
{
	if (_setjmp(running->at) == 0) {
		LEAVE_FOR(resumer_stack, resumer_size);
		_longjmp(resumer, 1);
	}
	ARRIVE(&resumer_stack, &resumer_size);
}

void
coroutine_fini(struct coroutine *c)
{
	free(c->stack);
	c->stack = NULL;
}
