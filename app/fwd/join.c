/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: waits for the lcores when forwarding ends. */

#include <unistd.h>

#include <rte_launch.h>
#include <rte_lcore.h>

#include "control.h"
#include "signals.h"

/* Count the lcores that still run, and list them in text: "1, 3". */
static unsigned int
still_running(const struct fwd *fwd, char *text, size_t len)
{
	unsigned int n = 0;
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < fwd->plan.nb_lcores; i++) {
		unsigned int id = fwd->lcore[i].id;

		if (id == rte_lcore_id() || rte_eal_get_lcore_state(id) != RUNNING)
			continue;
		if (used < len)
			used += snprintf(text + used, len - used, "%s%u", n == 0 ? "" : ", ", id);
		n++;
	}
	return n;
}

unsigned int
fwd_join(const struct fwd *fwd)
{
	uint64_t begin = app_now_ns();
	bool warned = false, hurried = false;
	char names[128];
	unsigned int n;

	while ((n = still_running(fwd, names, sizeof(names))) != 0) {
		uint64_t waited = app_now_ns() - begin;

		if (waited >= FWD_JOIN_S * SECOND || hurried)
			break;
		if (waited >= FWD_JOIN_WARN_S * SECOND && !warned) {
			fprintf(stderr,
				"tide-fwd: warning: lcore %s does not stop: a function of a driver "
				"does not return; it is given up after %d s, or on another "
				"signal\n",
				names, FWD_JOIN_S);
			warned = true;
		}
		if (!warned)
			usleep(100);
		else
			hurried = app_signals_end(app_signals_wait(POLL_NS));
	}
	if (n == 0)
		rte_eal_mp_wait_lcore();
	else
		fprintf(stderr,
			"tide-fwd: lcore %s did not stop in %.1f s and is given up: its ports stay "
			"open and their buffers with them\n",
			names, (double)(app_now_ns() - begin) / SECOND);
	return n;
}
