/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_JSON_STRING_H
#define APP_JSON_STRING_H

#include <stdio.h>

/*
 * Write text as a JSON string, quotes included: the one writer of strings for all programs.
 *
 * Names come from device arguments, files and the command line, so any byte but NUL can be in text, and
 * the output is valid JSON for each. Well-formed UTF-8 (RFC 3629) passes unchanged. A byte that is no part
 * of any is escaped by its value, as \u00ff for the byte ff, and so are control characters.
 */
void app_json_string(FILE *out, const char *text);

#endif /* APP_JSON_STRING_H */
