/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads the small files of sysfs and procfs. */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "sys_friend.h"

/* Fill the buffer from a descriptor; the length, or negative errno. */
static ssize_t
read_all(int fd, char *text, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t got = read(fd, text + len, size - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return len;
		len += got;
	}
	return -EFBIG;
}

int
tidei_textfile_read(struct tidei_textfile *file, const char *root, const char *fmt, ...)
{
	size_t len = snprintf(file->path, sizeof(file->path), "%s", root);
	ssize_t got;
	va_list ap;
	int fd;

	if (len >= sizeof(file->path))
		return -ENAMETOOLONG;
	va_start(ap, fmt);
	len += vsnprintf(file->path + len, sizeof(file->path) - len, fmt, ap);
	va_end(ap);
	if (len >= sizeof(file->path))
		return -ENAMETOOLONG;
	fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	got = read_all(fd, file->text, sizeof(file->text));
	close(fd);
	if (got < 0)
		return got;
	if (got > 0 && file->text[got - 1] == '\n')
		got--;
	file->text[got] = '\0';
	return 0;
}
