/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info show: chooses the outputs. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file_whole.h"
#include "show.h"

/* Append a word for the shell, in quotes if a character of it needs them. */
static void
append_quoted(char *text, size_t size, const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-";
	bool quoted = word[strspn(word, plain)] != '\0';
	size_t used = strlen(text);

	used += (size_t)snprintf(text + used, size - used, "%s", quoted ? "'" : "");
	for (; *word != '\0' && used + 8 < size; word++)
		used += (size_t)snprintf(
			text + used, size - used, *word == '\'' ? "'\\''" : "%c", *word);
	snprintf(text + used, size - used, "%s", quoted ? "'" : "");
}

void
show_free_command(const struct tide_eal_files *files, char text[FREE_COMMAND])
{
	char start[sizeof(files->directory) + sizeof(files->prefix)];

	snprintf(start, sizeof(start), "%s/%s", files->directory, files->prefix);
	snprintf(text, FREE_COMMAND, "for f in ");
	append_quoted(text, FREE_COMMAND - 64, start);
	strcat(text, "map_*; do flock -n \"$f\" rm \"$f\"; done");
}

static const char *
last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static int
draw(const struct machine *m, const struct options *opt, struct app_error *err)
{
	char host[65] = "this machine", *text = NULL;
	const char *title = opt->title;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int rc;

	if (out == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory for the picture");
	gethostname(host, sizeof(host) - 1);
	if (title == NULL)
		title = m->file == NULL ? host : last_name(m->file);
	show_svg(m, title, out);
	if (fclose(out) != 0)
		rc = app_fail(err, APP_EXIT_RUN, "out of memory for the picture");
	else
		rc = app_file_write(opt->svg, text, len, err);
	free(text);
	return rc;
}

static int
show(const struct machine *m, const struct options *opt, struct app_error *err)
{
	if (opt->svg != NULL && draw(m, opt, err) != 0)
		return -1;
	if (opt->dump)
		machine_dump(m, stdout);
	else if (opt->json)
		show_json(m, stdout);
	else
		show_text(m, stdout);
	return 0;
}

int
show_run(const struct options *opt, struct app_error *err)
{
	struct machine *m = malloc(sizeof(*m));
	int rc;

	if (m == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory");
	rc = machine_init(m, opt->machine, opt->latency, err);
	if (rc == 0)
		rc = show(m, opt, err);
	machine_fini(m);
	free(m);
	return rc;
}
