/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_JSON_STRING_H
#define APP_JSON_STRING_H

#include <stdio.h>

/*
 * Write text as a JSON string, quotes included: the one writer of strings for all programs. The output is valid
 * JSON for any bytes (sys_json.h).
 */
void app_json_string(FILE *out, const char *text);

#endif /* APP_JSON_STRING_H */
