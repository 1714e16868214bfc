/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info show: chooses the outputs. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file_whole.h"
#include "show.h"

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
	struct machine *m;
	int rc;

	if (opt->dump && opt->json)
		return app_fail(
			err, APP_EXIT_USAGE, "--dump and --json are two outputs; give one of them");
	m = malloc(sizeof(*m));
	if (m == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory");
	rc = machine_init(m, opt->machine, opt->latency, err);
	if (rc == 0)
		rc = show(m, opt, err);
	machine_fini(m);
	free(m);
	return rc;
}
