/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef TEST_TREE_H
#define TEST_TREE_H

/* A folder of small files, to stand in for sysfs and procfs. */

/* Make an empty one; its path is valid until the next call. */
const char *test_tree_make(void);

/* That path. */
const char *test_tree_root(void);

/* Write a file below it, with the folders that lead there. */
void test_tree_write(const char *path, const char *text);

/* Make a symbolic link below it, with the folders that lead there. */
void test_tree_link(const char *path, const char *target);

/* Remove a file or a folder with all that is in it. */
void test_tree_remove(const char *path);

/* Remove all. */
void test_tree_free(void);

#endif /* TEST_TREE_H */
