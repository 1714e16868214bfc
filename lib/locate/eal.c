/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Lists memzones, and the elements of EAL's heaps. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_memzone.h>

#include "locate_lock.h"
#include "locate_survey.h"

static void
add_memzone(const struct rte_memzone *mz, void *arg)
{
	struct tidei_layout *l = arg;
	char name[TIDE_LOCATE_NAME_MAX];

	snprintf(name, sizeof(name), "memzone %s", mz->name);
	tidei_layout_add(l, TIDEI_LAYER_MEMZONE, mz->addr_64, mz->addr_64 + mz->len,
		TIDE_LOCATE_MEMZONE, name);
}

/* The state of the parser of EAL's dump. */
struct dump {
	struct tidei_layout *l;
	char heap[16];
	uintptr_t element;
	bool busy;
	char line[256];
	size_t len;
};

/*
 * The lines of rte_malloc_dump_heaps() that matter:
 *
 *     Heap id: 0
 *     Malloc element at 0x1003fc000 (BUSY)
 *       len: 0x2c0 pad: 0x0
 */
static void
parse_line(struct dump *d)
{
	char state[8];
	unsigned long at, len;

	if (sscanf(d->line, " Heap id: %15s", d->heap) == 1)
		return;
	if (sscanf(d->line, " Malloc element at %lx (%7[A-Z])", &at, state) == 2) {
		d->element = at;
		d->busy = strcmp(state, "FREE") != 0;
		return;
	}
	if (d->element == 0 || sscanf(d->line, " len: %lx", &len) != 1)
		return;
	if (d->busy)
		tidei_layout_add(d->l, TIDEI_LAYER_HEAP, d->element, d->element + len,
			TIDE_LOCATE_EAL_HEAP, d->heap);
	else
		tidei_layout_leave_out(d->l, d->element, d->element + len);
	d->element = 0;
}

static ssize_t
take_text(void *arg, const char *text, size_t size)
{
	struct dump *d = arg;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\n') {
			d->line[d->len] = '\0';
			parse_line(d);
			d->len = 0;
		} else if (d->len < sizeof(d->line) - 1) {
			d->line[d->len++] = text[i];
		}
	}
	return (ssize_t)size;
}

/* EAL has no call that lists elements, but it prints them. In another format they would all be "memory". */
static void
add_elements(struct tidei_layout *l)
{
	const cookie_io_functions_t io = {.write = take_text};
	struct dump d = {.l = l};
	FILE *f = fopencookie(&d, "w", io);

	if (f == NULL) {
		l->failed = true;
		return;
	}
	/* If EAL ends meanwhile, a buffer of the stream would be lost. */
	setvbuf(f, NULL, _IONBF, 0);
	rte_malloc_dump_heaps(f);
	fclose(f);
}

int
tidei_survey_eal(struct tidei_layout *l)
{
	if (!tidei_eal_alive())
		return -ECANCELED;
	rte_memzone_walk(add_memzone, l);
	tidei_layout_sort(l, TIDEI_LAYER_MEMZONE);
	add_elements(l);
	tidei_layout_sort(l, TIDEI_LAYER_HEAP);
	return 0;
}
