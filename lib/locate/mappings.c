/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Lists the mappings of this process that can be read and written. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "locate_survey.h"

/* The shadow of a sanitizer is larger, and has no pointers. A scan would take minutes to step over its holes. */
#define SHADOW ((uint64_t)256 << 30)

/* Only a program that was built with the sanitizer has these. */
#pragma weak __asan_init
#pragma weak __tsan_init
void __asan_init(void);
void __tsan_init(void);

/* glibc's malloc aligns the heaps of its further arenas to this. */
#define ARENA ((uintptr_t)64 << 20)

static bool
starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Tell whether a mapping is of a device: a read can have effects there. */
static bool
of_device(const char *file)
{
	return starts(file, "/sys/") || starts(file, "/dev/vfio") || starts(file, "/dev/uio") ||
	       starts(file, "/dev/infiniband") || starts(file, "/dev/mem") || starts(file, "[v");
}

static void
add_mapping(struct tidei_layout *l, uintptr_t from, uintptr_t to, const char *file)
{
	enum tide_locate_kind kind = TIDE_LOCATE_MEMORY;
	struct tidei_span *span;
	char name[TIDE_LOCATE_NAME_MAX];

	if (to - from > SHADOW && file[0] == '\0' && (__asan_init != NULL || __tsan_init != NULL))
		return;
	if (strcmp(file, "[heap]") == 0 ||
		(file[0] == '\0' && from % ARENA == 0 && to - from <= ARENA)) {
		kind = TIDE_LOCATE_C_HEAP;
		snprintf(name, sizeof(name), "C heap");
	} else if (strcmp(file, "[stack]") == 0) {
		kind = TIDE_LOCATE_STACK;
		snprintf(name, sizeof(name), "stack of the main thread");
	} else {
		snprintf(name, sizeof(name), "%s, %zu kB",
			file[0] == '\0' ? "anonymous memory" : file, (size_t)(to - from) / 1024);
	}
	span = tidei_layout_add(l, TIDEI_LAYER_MAPPING, from, to, kind, name);
	if (span != NULL)
		span->has_file = file[0] != '\0';
}

/* One line: "from-to rw-p offset device inode    file". */
static void
parse_line(struct tidei_layout *l, const char *line)
{
	unsigned long from, to;
	char mode[5];
	int file = 0;

	if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %n", &from, &to, mode, &file) != 3 || file == 0)
		return;
	if (mode[0] == 'r' && mode[1] == 'w' && !of_device(line + file))
		add_mapping(l, from, to, line + file);
}

int
tidei_survey_mappings(struct tidei_layout *l)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	char text[8192 + 1];
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	while ((got = read(fd, text + len, sizeof(text) - 1 - len)) > 0) {
		char *line = text, *end;

		text[len += (size_t)got] = '\0';
		for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
			*end = '\0';
			parse_line(l, line);
		}
		len = strlen(line);
		memmove(text, line, len + 1);
		if (len == sizeof(text) - 1)
			len = 0;
	}
	close(fd);
	/* This adds to its own memory too, which the scan must not read. */
	tidei_layout_leave_out(
		l, (uintptr_t)l->scratch->base, (uintptr_t)l->scratch->base + l->scratch->reserved);
	tidei_layout_sort(l, TIDEI_LAYER_MAPPING);
	return got < 0 ? -EIO : 0;
}
