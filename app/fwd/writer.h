/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_WRITER_H
#define FWD_WRITER_H

/*
 * Output that the data path never waits for. A thread of its own writes what the program prints, so that a reader
 * that does not read, a terminal that hangs or a disk that is full stops that thread and no other.
 *
 * The streams stdout and stderr are replaced: everything printed to them, by EAL and its drivers too, is
 * queued, and dropped and counted once FWD_WRITER_QUEUE bytes wait. The descriptors stay as they are,
 * since others may share them: O_NONBLOCK would change those too.
 *
 * A print to stderr waits for its write, FWD_WRITER_GRACE_NS at most and not again before bytes flow: so
 * the message before an abort is not lost.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that wait at most, for each file that is written. */
#define FWD_WRITER_QUEUE (512 * 1024)

/* How long a line on stderr is waited for. */
#define FWD_WRITER_GRACE_NS 20000000

/* A reader that takes nothing for so long does not read. */
#define FWD_WRITER_SLOW_NS UINT64_C(2000000000)

/* How long the end waits for a reader that takes nothing. */
#define FWD_WRITER_PATIENCE_S 5

/*
 * Take over stdout and stderr. From main, with signals blocked and before EAL pins it to a CPU. On
 * failure both streams are as before. Returns 0 or a negative errno.
 */
int fwd_writer_start(void);

/*
 * Choose whether prints wait while the queue is full, as long as it moves: they do when plan and summary are
 * printed, but not while packets flow. Main only.
 */
void fwd_writer_wait(bool may);

/*
 * Tell whether more than `most` bytes of standard output wait, or the next of them since FWD_WRITER_SLOW_NS. Any
 * thread.
 */
bool fwd_writer_behind(size_t most);

/* Count one report that the caller did not print because the writer is behind. */
void fwd_writer_drop(void);

/* Reports on standard output that were dropped or refused by the system. Any thread. */
uint64_t fwd_writer_lost(void);

/* Tell whether the reader of standard output is gone (EPIPE). Any thread. */
bool fwd_writer_closed(void);

/*
 * Why output is lost, once: true on the first call after the first loss, with the errno the system gave,
 * 0 when it is just not taken. Main only.
 */
bool fwd_writer_news(int *error);

/*
 * Write what waits and put the streams back. A reader that takes nothing for FWD_WRITER_PATIENCE_S
 * seconds ends the wait, and so does a signal. Tells on stderr what was lost. Main only; a second call
 * does nothing.
 *
 * @param rc  The exit code so far.
 * @return    rc, or 1 in place of 0 when some of standard output was lost.
 */
int fwd_writer_stop(int rc);

#endif /* FWD_WRITER_H */
