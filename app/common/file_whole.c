/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Writes a file by way of another one beside it. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_whole.h"

static int
fail(struct app_error *err, const char *path)
{
	return app_fail(err, APP_EXIT_RUN,
		"%.500s: cannot be written: %s; nothing was changed there", path, strerror(errno));
}

/* 0, or -1 with errno set. */
static int
put(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_through(const char *path, const char *text, size_t len, struct app_error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return fail(err, path);
	rc = put(fd, text, len);
	if (rc != 0)
		fail(err, path);
	close(fd);
	return rc;
}

/* mkstemp(3) makes a file for its owner alone. */
static int
open_to_all(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(fd, 0666 & ~mask);
}

int
app_file_write(const char *path, const char *text, size_t len, struct app_error *err)
{
	char beside[PATH_MAX], target[PATH_MAX];
	struct stat st;
	int fd, rc;

	if (stat(path, &st) == 0) {
		if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
			return write_through(path, text, len, err);
		/* A symbolic link stays one. */
		if (realpath(path, target) == NULL)
			return fail(err, path);
	} else if (lstat(path, &st) == 0) {
		/* It leads to no file, and would be replaced. */
		return fail(err, path);
	} else if (snprintf(target, sizeof(target), "%s", path) >= (int)sizeof(target)) {
		errno = ENAMETOOLONG;
		return fail(err, path);
	}
	if (snprintf(beside, sizeof(beside), "%s.XXXXXX", target) >= (int)sizeof(beside)) {
		errno = ENAMETOOLONG;
		return fail(err, path);
	}
	fd = mkstemp(beside);
	if (fd < 0)
		return fail(err, path);
	rc = put(fd, text, len);
	if (rc == 0)
		rc = open_to_all(fd);
	if (close(fd) != 0)
		rc = -1;
	if (rc == 0)
		rc = rename(beside, target);
	if (rc != 0) {
		fail(err, path);
		unlink(beside);
	}
	return rc;
}
