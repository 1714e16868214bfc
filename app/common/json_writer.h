/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef APP_JSON_WRITER_H
#define APP_JSON_WRITER_H

/*
 * Writes one JSON value: the writer of all programs. It puts commas, line ends and quotes, so that the
 * output is valid for any bytes in keys and texts and for any number.
 *
 * In an object each call has a key; in an array, and for the outermost value, the key is NULL.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct app_json {
	FILE *out;
	unsigned int lines; /* Values to this depth have lines of their own; 0: one line in all. */
	unsigned int depth;
	bool comma; /* The next value follows another. */
};

/* Begin. The outermost object or array follows. */
void app_json_init(struct app_json *json, FILE *out, unsigned int lines);

/* Open and close an object or an array; the end of the outermost one ends the line. */
void app_json_object(struct app_json *json, const char *key);
void app_json_object_end(struct app_json *json);
void app_json_array(struct app_json *json, const char *key);
void app_json_array_end(struct app_json *json);

/* Write a string, quoted by app_json_string(); NULL writes null. */
void app_json_text(struct app_json *json, const char *key, const char *text);

void app_json_uint(struct app_json *json, const char *key, uint64_t value);
void app_json_int(struct app_json *json, const char *key, int64_t value);
void app_json_bool(struct app_json *json, const char *key, bool value);
void app_json_null(struct app_json *json, const char *key);

/* Write a number by a format of printf() for one double; JSON has no infinity: that becomes null. */
void app_json_real(struct app_json *json, const char *key, const char *format, double value);

#endif /* APP_JSON_WRITER_H */
