/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_FILE_WHOLE_H
#define APP_FILE_WHOLE_H

#include <stddef.h>

#include "error.h"

/*
 * Write a file whole or not at all: a file of that name stays as it was until the new one is complete. A path
 * that exists and is no regular file, such as a pipe, is written to directly. 0, or -1 with err filled.
 */
int app_file_write(const char *path, const char *text, size_t len, struct app_error *err);

#endif /* APP_FILE_WHOLE_H */
