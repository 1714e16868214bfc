/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TIDE_SHORTAGE_H
#define TIDE_SHORTAGE_H

/**
 * @file
 * Mempools that run dry: a line in the log, or a report that tells where the buffers are.
 *
 * The control thread that also serves the telemetry socket looks at all mempools of a primary process twice a second. With
 * the tide ops, a mempool is short of buffers if gets have failed since the last look: a get counts its failures anyway, and
 * does nothing else. With other ops, it is short of buffers if none is free at that moment, in no cache either; they are
 * watched only if TIDE_SHORTAGE_ENV is set or tide_shortage_set_policy() names the mempool, because some programs take all
 * objects of a mempool on purpose.
 *
 * A mempool that stays short is named again after one minute, then after two, four and so on up to an hour. A look names
 * four mempools, and there is one report at a time: the others follow. If a report takes more than a minute, or has no
 * thread, there is a line in the log instead. A report takes no buffer.
 *
 * An example:
 * @include shortage.c
 */

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** The consequence of a shortage. */
enum tide_shortage_policy {
	TIDE_SHORTAGE_OFF, /**< Nothing. */
	TIDE_SHORTAGE_LOG, /**< A line in the log: counts, and who has most of the buffers. */
	TIDE_SHORTAGE_REPORT, /**< The report of tide_shortage_report(), in the log or in a file. */
};

/**
 * Environment variable with the policy of all mempools: "off", "log" or "report".
 *
 * The default is "log" for mempools with the tide ops, and "off" for others. It is read when EAL starts.
 */
#define TIDE_SHORTAGE_ENV "TIDE_SHORTAGE"

/**
 * Environment variable with the path of a file to which reports are appended, instead of the log.
 *
 * It is read when EAL starts; a relative path begins at the directory that the program has then. A program with more rights
 * than its user, such as a setuid one, ignores it.
 *
 * A file that is made is for the owner of the process alone. A symbolic link, a file with several names, one of another
 * user, or one that others may read is refused; then reports go to the log.
 */
#define TIDE_SHORTAGE_FILE_ENV "TIDE_SHORTAGE_FILE"

/**
 * Choose the policy of one mempool. MT-safe.
 *
 * It has precedence over the environment, before the mempool is made and after. If the environment has both
 * TIDE_SOCKET=0 and TIDE_SHORTAGE=off, there is no thread that could notice a shortage.
 *
 * @param pool    Name of the mempool.
 * @param policy  Policy.
 * @return
 *   - 0: the next look obeys it.
 *   - -EINVAL: there is no such policy.
 *   - -ENAMETOOLONG: no mempool can have that name.
 *   - -ENOSPC: 64 mempools have a policy of their own already.
 */
int tide_shortage_set_policy(const char *pool, enum tide_shortage_policy policy);

/**
 * Write a report about a mempool of any ops, dry or not: counts, caches, owners, and where the buffers are.
 *
 * The owners are known with the tide ops alone. The rest is that of tide_locate_create(), with its cost and its limits.
 * The call takes no buffer. It is for control threads, and lasts about half a second; it waits up to 10 s for another scan.
 *
 * @param pool  Name of the mempool.
 * @param out   Stream to write to.
 * @return
 *   - 0: written, as far as the stream took it. If there could be no scan, the report says why.
 *   - -ENOENT: no mempool has that name, or it has no memory yet.
 *   - -ECANCELED: EAL has ended, and nothing was written.
 */
int tide_shortage_report(const char *pool, FILE *out);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* TIDE_SHORTAGE_H */
