/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_COROUTINE_H
#define TEST_COROUTINE_H

/* Functions that run in turns on stacks of their own, in one thread. Not MT-safe. */

#include <setjmp.h>
#include <stdbool.h>

struct coroutine {
	void (*run)(void *arg);
	void *arg;
	void *stack; /* Kept for the next use; NULL before the first. */
	bool started, ended;
	jmp_buf at;
};

/* Prepare a coroutine for run(arg). A function that ran in it before does not continue. */
void coroutine_init(struct coroutine *c, void (*run)(void *arg), void *arg);

/* Run a coroutine that has not ended until it pauses or ends. Never call it from a coroutine. */
void coroutine_resume(struct coroutine *c);

/* Pause the coroutine that runs; its resume returns. */
void coroutine_pause(void);

/* Free the stack. */
void coroutine_fini(struct coroutine *c);

#endif /* TEST_COROUTINE_H */
