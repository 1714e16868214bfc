/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads memory of this process through the kernel. */

#include <sys/uio.h>
#include <unistd.h>

#include "locate_peek.h"

bool
tidei_peek_allowed(void)
{
	char byte = 0, copy;

	return tidei_peek(&copy, (uintptr_t)&byte, 1) == 1;
}

size_t
tidei_peek(void *to, uintptr_t from, size_t len)
{
	size_t done = 0;

	/* A call ends early at a page that is missing, or when a signal arrives. */
	while (done < len) {
		const struct iovec local = {(char *)to + done, len - done};
		const struct iovec remote = {(void *)(from + done), len - done};
		ssize_t got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

/* Copy the first pieces with one call. Returns how many it copied whole. */
static unsigned int
copy_some(struct tidei_piece *pieces, unsigned int n)
{
	struct iovec local[TIDEI_PIECES], remote[TIDEI_PIECES];
	unsigned int done = 0;
	ssize_t got;

	for (unsigned int i = 0; i < n; i++) {
		local[i] = (struct iovec){pieces[i].to, pieces[i].len};
		remote[i] = (struct iovec){(void *)pieces[i].from, pieces[i].len};
	}
	got = process_vm_readv(getpid(), local, n, remote, n, 0);
	while (done < n && got >= (ssize_t)pieces[done].len) {
		got -= (ssize_t)pieces[done].len;
		pieces[done].got = pieces[done].len;
		done++;
	}
	return done;
}

void
tidei_peek_many(struct tidei_piece *pieces, unsigned int n)
{
	unsigned int i = 0;

	while (i < n) {
		i += copy_some(pieces + i, n - i);
		if (i == n)
			break;
		/* This one could not be read whole. */
		if (tidei_peek(pieces[i].to, pieces[i].from, pieces[i].len) == pieces[i].len)
			pieces[i].got = pieces[i].len;
		else
			pieces[i].got = 0;
		i++;
	}
}
