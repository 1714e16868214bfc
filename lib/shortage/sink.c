/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Writes reports to a file or to the log. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shortage_internal.h"
#include "tide_log.h"

/* Return why reports do not go to an open file; NULL: they may. */
static const char *
objection(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no regular file";
	if (st.st_uid != geteuid())
		return "another user owns it";
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "others than its owner may use it: chmod 600";
	if (st.st_nlink != 1)
		return "it has several names";
	return NULL;
}

/* Append the text in one call, so that reports of several processes do not mix. Returns why not; NULL: done. */
static const char *
append(const char *path, const char *text, size_t len)
{
	/* O_NONBLOCK: a pipe without a reader must not stop the thread. */
	int fd = open(path,
		O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		S_IRUSR | S_IWUSR);
	const char *why;
	ssize_t done;

	if (fd < 0)
		return errno == ELOOP ? "it is a symbolic link" : strerror(errno);
	why = objection(fd);
	if (why == NULL) {
		done = write(fd, text, len);
		if (done < 0)
			why = strerror(errno);
		else if ((size_t)done < len)
			why = "it is full, or has reached a limit";
	}
	close(fd);
	return why;
}

static void
log_lines(const char *text, size_t len)
{
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t n = end != NULL ? (size_t)(end - text) : len;

		TIDE_LOG(shortage, WARNING, "%.*s", (int)n, text);
		if (end == NULL)
			return;
		text += n + 1;
		len -= n + 1;
	}
}

void
tidei_shortage_write(const char *name, const char *text, size_t len)
{
	const char *path = tidei_shortage_file(), *why;

	if (path == NULL) {
		log_lines(text, len);
		return;
	}
	why = append(path, text, len);
	if (why == NULL) {
		TIDE_LOG(shortage, WARNING, "mempool %s ran dry: the report is in %s", name, path);
		return;
	}
	TIDE_LOG(shortage, ERR, "%s does not take the report, which follows: %s", path, why);
	log_lines(text, len);
}
