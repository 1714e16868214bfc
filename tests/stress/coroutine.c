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

#define STACK_BYTES (256 * 1024)

static jmp_buf resumer;
static struct coroutine *running;

static void
enter(void)
{
	running->run(running->arg);
	running->ended = true;
	_longjmp(resumer, 1);
}

void
coroutine_init(struct coroutine *c, void (*run)(void *arg), void *arg)
{
	void *stack = c->stack != NULL ? c->stack : malloc(STACK_BYTES);

	*c = (struct coroutine){.run = run, .arg = arg, .stack = stack};
}

void
coroutine_resume(struct coroutine *c)
{
	static ucontext_t first;

	running = c;
	if (_setjmp(resumer) != 0)
		return;
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
	if (_setjmp(running->at) == 0)
		_longjmp(resumer, 1);
}

void
coroutine_fini(struct coroutine *c)
{
	free(c->stack);
	c->stack = NULL;
}
