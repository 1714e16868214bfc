/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: writes what is printed, on threads of its own. */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "signals.h"
#include "stats.h"
#include "writer.h"

/* A report with a thousand flows is one write of stdio, so it is dropped as a whole. */
#define STDIO_BUFFER (256 * 1024)

/* How often the end checks for signals. */
#define SLICE_NS 50000000

/* What stderr waits for at the end, in slices. */
#define LAST_WORDS 20

struct stream;

/* Bytes of one write of stdio, on their way. */
struct chunk {
	struct chunk *next;
	struct stream *stream;
	size_t len;
	char data[];
};

/* Writes to one file, in order; a thread of its own does them. Every field is under the lock. */
struct lane {
	pthread_mutex_t lock;
	pthread_cond_t more; /* Told to the thread. */
	pthread_cond_t less; /* Told by it. */
	struct chunk *first, **last;
	size_t waiting; /* Bytes, those being written included. */
	uint64_t since; /* When the first that waits got to its turn. */
	uint64_t written; /* Bytes that left, or were refused: progress. */
	bool stuck; /* A wait for it had no success; until it is empty. */
};

/* One of stdout and stderr. Under the lock of its lane. */
struct stream {
	FILE *before; /* What it was. */
	FILE *file; /* What it is. */
	int fd;
	bool waits; /* Each write of stdio waits a little. */
	struct lane *lane;
	uint64_t lost; /* Writes of stdio that were not all written. */
	int error; /* Errno of the last. */
	bool closed; /* EPIPE. */
	bool torn; /* The last write broke off within a line. */
};

static struct lane lanes[2] = {
	{.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER},
	{.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER},
};
static struct stream out = {.fd = STDOUT_FILENO};
static struct stream err = {.fd = STDERR_FILENO, .waits = true};
static bool active, told;
static atomic_bool may_wait = true;

static struct timespec
after(uint64_t ns)
{
	uint64_t at = app_now_ns() + ns;

	return (struct timespec){
		.tv_sec = (time_t)(at / 1000000000), .tv_nsec = (long)(at % 1000000000)};
}

/* 0 or an errno; *done bytes were written. */
static int
write_all(int fd, const char *data, size_t len, size_t *done)
{
	*done = 0;
	while (*done < len) {
		ssize_t n = write(fd, data + *done, len - *done);

		if (n >= 0) {
			*done += (size_t)n;
			continue;
		}
		/* Another process may have made it so. */
		if (errno == EAGAIN)
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		else if (errno != EINTR)
			return errno;
	}
	return 0;
}

/* A line that broke off is ended before the next begins. */
static int
write_chunk(const struct chunk *chunk, bool torn, bool *tears)
{
	size_t done = 0;
	int rc = torn ? write_all(chunk->stream->fd, "\n", 1, &done) : 0;

	*tears = torn;
	if (rc != 0)
		return rc;
	rc = write_all(chunk->stream->fd, chunk->data, chunk->len, &done);
	*tears = rc != 0 && done > 0 && chunk->data[done - 1] != '\n';
	return rc;
}

static void
end_chunk(struct lane *lane, struct stream *stream, int rc, bool tears)
{
	stream->torn = tears;
	if (rc != 0) {
		stream->lost++;
		stream->error = rc;
		stream->closed |= rc == EPIPE;
	}
	if (lane->waiting == 0)
		lane->stuck = false;
	pthread_cond_broadcast(&lane->less);
}

static void *
work(void *arg)
{
	struct lane *lane = arg;

	pthread_mutex_lock(&lane->lock);
	for (;;) {
		struct chunk *chunk = lane->first;
		bool torn, tears;
		int rc;

		if (chunk == NULL) {
			pthread_cond_wait(&lane->more, &lane->lock);
			continue;
		}
		torn = chunk->stream->torn;
		pthread_mutex_unlock(&lane->lock);
		rc = write_chunk(chunk, torn, &tears);
		pthread_mutex_lock(&lane->lock);
		lane->first = chunk->next;
		if (lane->first == NULL)
			lane->last = &lane->first;
		lane->waiting -= chunk->len;
		lane->since = app_now_ns();
		lane->written += chunk->len;
		end_chunk(lane, chunk->stream, rc, tears);
		free(chunk);
	}
	return NULL;
}

static struct chunk *
chunk_of(struct stream *stream, const char *data, size_t len)
{
	struct chunk *chunk = malloc(sizeof(*chunk) + len);

	if (chunk == NULL)
		return NULL;
	chunk->next = NULL;
	chunk->stream = stream;
	chunk->len = len;
	memcpy(chunk->data, data, len);
	return chunk;
}

static void
wait_a_little(struct lane *lane)
{
	struct timespec until = after(FWD_WRITER_GRACE_NS);

	while (lane->waiting != 0 && !lane->stuck)
		lane->stuck = pthread_cond_timedwait(&lane->less, &lane->lock, &until) != 0;
}

/* Until len bytes have room, or nothing has moved for a while; then it is not waited for again. */
static void
wait_for_room(struct lane *lane, size_t len)
{
	while (lane->waiting != 0 && lane->waiting + len > FWD_WRITER_QUEUE && !lane->stuck) {
		struct timespec until = after(FWD_WRITER_PATIENCE_S * UINT64_C(1000000000));
		uint64_t written = lane->written;

		pthread_cond_timedwait(&lane->less, &lane->lock, &until);
		lane->stuck = lane->written == written;
	}
}

/* Stdio's write: it takes all bytes in any case. */
static ssize_t
enqueue(void *cookie, const char *data, size_t len)
{
	struct stream *stream = cookie;
	struct lane *lane = stream->lane;
	struct chunk *chunk = chunk_of(stream, data, len);

	pthread_mutex_lock(&lane->lock);
	if (may_wait)
		wait_for_room(lane, len);
	if (chunk == NULL || lane->waiting + len > FWD_WRITER_QUEUE || stream->closed) {
		stream->lost++;
		free(chunk);
	} else {
		if (lane->first == NULL)
			lane->since = app_now_ns();
		*lane->last = chunk;
		lane->last = &chunk->next;
		lane->waiting += len;
		pthread_cond_signal(&lane->more);
		if (stream->waits)
			wait_a_little(lane);
	}
	pthread_mutex_unlock(&lane->lock);
	return (ssize_t)len;
}

static int
begin_lane(struct lane *lane)
{
	pthread_condattr_t attr;
	pthread_attr_t detached;
	pthread_t thread;
	int rc;

	lane->last = &lane->first;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&lane->less, &attr);
	pthread_condattr_destroy(&attr);
	/* It may be stuck in a write when the program ends. */
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &detached, work, lane);
	pthread_attr_destroy(&detached);
	if (rc == 0)
		pthread_setname_np(thread, "tide-writer");
	return -rc;
}

static int
begin_stream(struct stream *stream, FILE *before, struct lane *lane, int buffering)
{
	static const cookie_io_functions_t functions = {.write = enqueue};

	stream->lane = lane;
	stream->before = before;
	stream->file = fopencookie(stream, "w", functions);
	if (stream->file == NULL)
		return -ENOMEM;
	return setvbuf(stream->file, NULL, buffering, STDIO_BUFFER) == 0 ? 0 : -ENOMEM;
}

/* Tell whether both go to the same file: then their order is kept. */
static bool
same_file(void)
{
	struct stat a, b;

	return fstat(STDOUT_FILENO, &a) == 0 && fstat(STDERR_FILENO, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Where the program is ended by others, as by rte_exit(). */
static void
at_exit(void)
{
	fwd_writer_stop(0);
}

int
fwd_writer_start(void)
{
	struct lane *second = same_file() ? &lanes[0] : &lanes[1];
	int rc = begin_lane(&lanes[0]);

	fflush(stdout);
	if (rc == 0 && second != &lanes[0])
		rc = begin_lane(second);
	if (rc == 0)
		rc = begin_stream(&out, stdout, &lanes[0], _IOFBF);
	if (rc == 0)
		rc = begin_stream(&err, stderr, second, _IONBF);
	if (rc != 0)
		return rc;
	stdout = out.file;
	stderr = err.file;
	active = true;
	atexit(at_exit);
	return 0;
}

void
fwd_writer_wait(bool may)
{
	may_wait = may;
}

bool
fwd_writer_behind(size_t most)
{
	struct lane *lane = out.lane;
	bool behind;

	if (!active)
		return false;
	pthread_mutex_lock(&lane->lock);

	behind = lane->waiting > most ||
	         (lane->waiting != 0 && app_now_ns() - lane->since > FWD_WRITER_SLOW_NS);
	pthread_mutex_unlock(&lane->lock);
	return behind;
}

void
fwd_writer_drop(void)
{
	if (!active)
		return;
	pthread_mutex_lock(&out.lane->lock);
	out.lost++;
	pthread_mutex_unlock(&out.lane->lock);
}

static uint64_t
losses(int *error, bool *closed)
{
	uint64_t lost;

	if (!active)
		return 0;
	pthread_mutex_lock(&out.lane->lock);
	lost = out.lost;
	*error = out.error;
	*closed = out.closed;
	pthread_mutex_unlock(&out.lane->lock);
	return lost;
}

uint64_t
fwd_writer_lost(void)
{
	bool closed;
	int error;

	return losses(&error, &closed);
}

bool
fwd_writer_closed(void)
{
	bool closed = false;
	int error;

	losses(&error, &closed);
	return closed;
}

bool
fwd_writer_news(int *error)
{
	bool closed;

	if (told || losses(error, &closed) == 0)
		return false;
	told = true;
	return true;
}

/* Until the lane is empty, it made no progress for so many slices, or a signal came. */
static bool
drained(struct lane *lane, unsigned int slices)
{
	uint64_t written = UINT64_MAX;
	unsigned int idle = 0;
	bool empty = false;

	while (!empty && idle < slices) {
		struct timespec until = after(SLICE_NS);

		pthread_mutex_lock(&lane->lock);
		if (lane->waiting != 0)
			pthread_cond_timedwait(&lane->less, &lane->lock, &until);
		idle = lane->written == written ? idle + 1 : 0;
		written = lane->written;
		empty = lane->waiting == 0;
		pthread_mutex_unlock(&lane->lock);
		if (!empty && app_signals_end(app_signals_wait(0)))
			break;
	}
	return empty;
}

static void
tell_losses(uint64_t lost, int error, bool whole)
{
	const char *reason = "it was not taken in time";

	if (error != 0)
		reason = strerror(error);
	fprintf(stderr,
		"tide-fwd: the output was not all written (%s): %" PRIu64 " reports were lost%s; "
		"the disk is full, its reader is gone or does not read: send it elsewhere\n",
		reason, lost, whole ? "" : ", and what waited at the end");
}

int
fwd_writer_stop(int rc)
{
	bool closed, whole;
	uint64_t lost;
	int error = 0;

	if (!active)
		return rc;
	fflush(stdout);
	whole = drained(out.lane, FWD_WRITER_PATIENCE_S * (1000000000 / SLICE_NS));
	lost = losses(&error, &closed);
	if (lost != 0 || !whole) {
		tell_losses(lost, error, whole);
		rc = rc == 0 ? 1 : rc;
	}
	fflush(stderr);
	drained(err.lane, LAST_WORDS);
	active = false;
	stdout = out.before;
	stderr = err.before;
	return rc;
}
