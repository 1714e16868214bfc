/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * tide-fwd: the configuration file.
 *
 * rte_cfgfile reads it, but passes over lines it does not understand and knows no line numbers; a
 * first look at the text finds what it would pass over, and the line of a key.
 */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <rte_cfgfile.h>
#include <rte_string_fns.h>

#include "config.h"

#define SECTION "tide-fwd"

/* A line without comment and blanks around it. */
static char *
strip(char *line)
{
	char *end;

	line[strcspn(line, "#\n")] = '\0';
	line += strspn(line, " \t\r");
	end = line + strlen(line);
	while (end > line && strchr(" \t\r", end[-1]) != NULL)
		*--end = '\0';
	return line;
}

/* Splits "name = value" in place; NULL without '='. */
static char *
split(char *line)
{
	char *equals = strchr(line, '=');

	if (equals == NULL)
		return NULL;
	*equals = '\0';
	strip(line);
	return strip(equals + 1);
}

/* rte_cfgfile cuts what is longer without a word. */
static int
check_length(const char *path, unsigned int nr, size_t len, size_t most, struct app_error *err)
{
	if (len <= most)
		return 0;
	return app_fail(err, APP_EXIT_USAGE,
		"%s:%u: the line is too long; names take %d characters, values %d", path, nr,
		CFG_NAME_LEN - 1, CFG_VALUE_LEN - 1);
}

static const char byte_order_mark[] = "\xef\xbb\xbf";

static int
check_line(const char *path, unsigned int nr, char *text, size_t len, struct app_error *err)
{
	char *line, *value;

	/* C strings end there: rte_cfgfile would pass over the rest. */
	if (strlen(text) != len)
		return app_fail(err, APP_EXIT_USAGE,
			"%s:%u: holds a zero byte; save the file as plain text", path, nr);
	if (nr == 1 && strncmp(text, byte_order_mark, strlen(byte_order_mark)) == 0)
		return app_fail(err, APP_EXIT_USAGE,
			"%s:1: begins with a byte order mark; save the file without one", path);
	if (check_length(path, nr, len, CFG_NAME_LEN + CFG_VALUE_LEN, err) < 0)
		return -1;
	line = strip(text);
	if (line[0] == '\0')
		return 0;
	if (line[0] == '[') {
		if (strcmp(line, "[" SECTION "]") != 0)
			return app_fail(err, APP_EXIT_USAGE,
				"%s:%u: unknown heading %.60s; only [" SECTION "] is known", path,
				nr, line);
		return 0;
	}
	value = split(line);
	if (value == NULL)
		return app_fail(err, APP_EXIT_USAGE,
			"%s:%u: '%.60s' has no '='; write name = value", path, nr, line);
	if (check_length(path, nr, strlen(line), CFG_NAME_LEN - 1, err) < 0)
		return -1;
	return check_length(path, nr, strlen(value), CFG_VALUE_LEN - 1, err);
}

static int
cannot_read(const char *path, struct app_error *err)
{
	return app_fail(err, APP_EXIT_USAGE, "%s: cannot be read: %s; name a file with --config",
		path, strerror(errno));
}

static int
check_text(FILE *f, const char *path, struct app_error *err)
{
	char *text = NULL;
	size_t size = 0;
	unsigned int nr = 0;
	ssize_t len;
	int rc = 0;

	while (rc == 0 && (len = getline(&text, &size, f)) >= 0)
		rc = check_line(path, ++nr, text, len, err);
	if (rc == 0 && ferror(f))
		rc = cannot_read(path, err);
	free(text);
	return rc;
}

/* Line of the n-th `name =` in the file, from 1; 0 when there is none. */
static unsigned int
line_of(FILE *f, const char *name, unsigned int nth)
{
	char *text = NULL;
	size_t size = 0;
	unsigned int nr = 0;
	bool found = false;

	rewind(f);
	while (!found && getline(&text, &size, f) >= 0) {
		char *line = strip(text);

		nr++;
		if (line[0] != '[' && split(line) != NULL && strcmp(line, name) == 0)
			found = --nth == 0;
	}
	free(text);
	return found ? nr : 0;
}

static int
set_entry(struct fwd_options *opts, FILE *f, const char *path,
	const struct rte_cfgfile_entry *entry, struct app_error *err)
{
	unsigned int again = line_of(f, entry->name, 2);
	char where[PATH_MAX + 16];

	if (again != 0)
		return app_fail(err, APP_EXIT_USAGE,
			"%s:%u: %s: was set in line %u; keep one of them", path, again, entry->name,
			line_of(f, entry->name, 1));
	snprintf(where, sizeof(where), "%s:%u: ", path, line_of(f, entry->name, 1));
	if (strcmp(entry->name, "config") == 0)
		return app_fail(err, APP_EXIT_USAGE,
			"%sconfig: a file cannot name another; leave it out", where);
	return app_options_set(&fwd_program, opts, where, entry->name,
		entry->value[0] == '\0' ? NULL : entry->value, err);
}

static int
set_section(struct fwd_options *opts, FILE *f, const char *path, struct rte_cfgfile *cfg, int index,
	struct app_error *err)
{
	struct rte_cfgfile_entry *entries;
	char name[CFG_NAME_LEN];
	int n = rte_cfgfile_section_num_entries_by_index(cfg, name, index);
	int rc = 0;

	if (n <= 0)
		return 0;
	entries = calloc(n, sizeof(*entries));
	if (entries == NULL)
		return app_fail(err, APP_EXIT_RUN, "%s: out of memory", path);
	n = rte_cfgfile_section_entries_by_index(cfg, index, name, entries, n);
	for (int i = 0; i < n && rc == 0; i++)
		rc = set_entry(opts, f, path, &entries[i], err);
	free(entries);
	return rc;
}

/* The file is read more than once, which a pipe does not survive; a directory fails when read. */
static int
check_kind(const char *path, struct app_error *err)
{
	struct stat found;

	if (stat(path, &found) < 0)
		return cannot_read(path, err);
	if (S_ISREG(found.st_mode) || S_ISDIR(found.st_mode))
		return 0;
	return app_fail(err, APP_EXIT_USAGE,
		"%s: is a pipe or a device; write the options into a file", path);
}

int
fwd_config_load(struct fwd_options *opts, const char *path, struct app_error *err)
{
	static const struct rte_cfgfile_parameters params = {.comment_character = '#'};
	struct rte_cfgfile *cfg = NULL;
	FILE *f;
	int rc = -1;

	if (check_kind(path, err) < 0)
		return -1;
	f = fopen(path, "r");
	if (f == NULL)
		return cannot_read(path, err);
	if (check_text(f, path, err) < 0)
		goto out;
	cfg = rte_cfgfile_load_with_params(
		path, CFG_FLAG_GLOBAL_SECTION | CFG_FLAG_EMPTY_VALUES, &params);
	if (cfg == NULL) {
		app_fail(err, APP_EXIT_USAGE, "%s: is not a configuration file", path);
		goto out;
	}
	rc = 0;
	for (int i = 0; i < rte_cfgfile_num_sections(cfg, NULL, 0) && rc == 0; i++)
		rc = set_section(opts, f, path, cfg, i, err);
out:
	if (cfg != NULL)
		rte_cfgfile_close(cfg);
	fclose(f);
	return rc;
}
