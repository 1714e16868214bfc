/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_TREE_H
#define TEST_TREE_H

/* A directory of small files that replaces sysfs and procfs. */

/* Make an empty directory and return its path, valid until the next call. */
const char *test_tree_make(void);

/* Return that path. */
const char *test_tree_root(void);

/* Write a file below it; missing directories are made. */
void test_tree_write(const char *path, const char *text);

/* Make a symbolic link below it; missing directories are made. */
void test_tree_link(const char *path, const char *target);

/* Remove a file, or a directory with its content. */
void test_tree_remove(const char *path);

/* Remove the whole directory. */
void test_tree_free(void);

#endif /* TEST_TREE_H */
