/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Finds huge pages that dead processes keep. */

#include <inttypes.h>
#include <stdlib.h>

#include "audit_internal.h"

/* A file that an EAL has opened meanwhile is locked, and stays. */
static char *
remedy(const struct tide_eal_files *files)
{
	char directory[2 * sizeof(files->directory)], prefix[2 * sizeof(files->prefix)];

	tidei_audit_quote(files->directory, directory, sizeof(directory));
	tidei_audit_quote(files->prefix, prefix, sizeof(prefix));
	return tidei_audit_text("start a program with --file-prefix %s: EAL removes them; or "
				"for f in %s/%smap_*; do flock -n \"$f\" rm \"$f\"; done",
		prefix, directory, prefix);
}

static void
check(struct tide_audit *audit, const struct tide_eal_files *files)
{
	struct tide_audit_finding f = AUDIT_FINDING(TIDE_AUDIT_DEAD_PAGES, TIDE_AUDIT_WARNING);
	char *where = files->node == TIDE_NODE_UNKNOWN
	                      ? tidei_audit_text("%s", "")
	                      : tidei_audit_text(" on node %d", files->node);

	f.node = files->node;
	tidei_audit_figure(&f, "files", files->files);
	tidei_audit_figure(&f, "bytes", files->bytes);
	tidei_audit_figure(&f, "page_size", files->page_size);
	tidei_audit_note(audit, &f,
		where == NULL
			? NULL
			: tidei_audit_text("%u files of EAL's prefix %s in %s have no process any "
					   "more, but they keep %" PRIu64 " huge pages of %" PRIu64
					   " kB%s",
				  files->files, files->prefix, files->directory,
				  files->bytes / files->page_size, files->page_size >> 10, where),
		remedy(files));
	free(where);
}

void
tidei_check_dead(struct tide_audit *audit, const struct tidei_audit_facts *facts)
{
	TIDEI_LIST_EACH (facts->files, const struct tide_eal_files, files)
		if (files->owner == TIDE_EAL_OWNER_DEAD && files->bytes != 0)
			check(audit, files);
}
