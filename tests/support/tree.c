/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Builds directories of small files for tests that read the sysfs of another machine. */

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tree.h"

static char root[64];

static void
fail(const char *what, const char *path)
{
	fprintf(stderr, "%s %s: %s\n", what, path, strerror(errno));
	exit(1);
}

/* Return root/path; its directories are made. */
static void
full_path(char *full, size_t size, const char *path)
{
	if (snprintf(full, size, "%s%s", root, path) >= (int)size) {
		errno = ENAMETOOLONG;
		fail("path", path);
	}
	for (char *slash = full + strlen(root); (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		if (mkdir(full, 0755) != 0 && errno != EEXIST)
			fail("mkdir", full);
		*slash = '/';
	}
}

const char *
test_tree_make(void)
{
	snprintf(root, sizeof(root), "/tmp/tide_tree_XXXXXX");
	if (mkdtemp(root) == NULL)
		fail("mkdtemp", root);
	return root;
}

const char *
test_tree_root(void)
{
	return root;
}

void
test_tree_write(const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *f;

	full_path(full, sizeof(full), path);
	f = fopen(full, "w");
	if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0)
		fail("write", full);
}

void
test_tree_link(const char *path, const char *target)
{
	char full[PATH_MAX];

	full_path(full, sizeof(full), path);
	if (symlink(target, full) != 0)
		fail("symlink", full);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void
test_tree_remove(const char *path)
{
	char full[PATH_MAX];

	full_path(full, sizeof(full), path);
	if (nftw(full, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		fail("remove", full);
}

void
test_tree_free(void)
{
	test_tree_remove("");
}
