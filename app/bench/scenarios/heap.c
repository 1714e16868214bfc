/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: loads general allocators to compare with. */

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/heap.h"

/*
 * glibc by name too: in a process started with LD_PRELOAD, malloc() may be another. The libraries are
 * those of Debian's libjemalloc2 and libmimalloc2.0.
 */
static const struct {
	const char *name, *library, *get, *put;
} known[] = {
	{"glibc", "libc.so.6", "malloc", "free"},
	{"jemalloc", "libjemalloc.so.2", "malloc", "free"},
	{"mimalloc", "libmimalloc.so.2", "mi_malloc", "mi_free"},
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

const char *
heap_name(unsigned int i)
{
	return i < KNOWN ? known[i].name : NULL;
}

int
heap_load(unsigned int i, struct heap *heap, char *why, size_t len)
{
	/* Local: the rest of the process keeps its own malloc(). */
	void *library = dlopen(known[i].library, RTLD_NOW | RTLD_LOCAL), *get = NULL, *put = NULL;
	const char *reason;

	if (library != NULL)
		get = dlsym(library, known[i].get);
	if (get != NULL)
		put = dlsym(library, known[i].put);
	if (put == NULL) {
		reason = dlerror();
		/* As Debian builds jemalloc. */
		snprintf(why, len, "%s%s", reason,
			strstr(reason, "static TLS") != NULL
				? "; start with GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384"
				: "");
		return -1;
	}
	/* By POSIX these are functions; C has no cast for that. */
	memcpy(&heap->get, &get, sizeof(get));
	memcpy(&heap->put, &put, sizeof(put));
	return 0;
}
