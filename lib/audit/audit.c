/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Makes an audit: copies the facts, then runs the checks over them. */

#include <errno.h>
#include <stdlib.h>

#include <rte_errno.h>

#include "audit_internal.h"
#include "locate_friend.h"
#include "region_friend.h"
#include "topology_friend.h"

/* Longest look, milliseconds. */
#define LOOK_MAX 10000

struct run {
	struct tidei_audit_facts facts;
	unsigned int look_ms;
};

/* All that reads EAL's memory; rte_eal_cleanup() can end it anywhere. */
static int
read_eal(void *arg)
{
	struct run *run = arg;
	int ret = tidei_eal_is_up() ? tidei_audit_facts_read(&run->facts) : -ENOTSUP;

	if (ret == 0 && run->look_ms != 0)
		ret = tidei_audit_look(&run->facts, run->look_ms);
	return ret;
}

static int
audit(struct run *run, struct tide_audit **made)
{
	int ret = tidei_audit_look_begin(run->look_ms);

	if (ret < 0)
		return ret;
	ret = tidei_eal_guarded(read_eal, run);
	tidei_audit_look_end(run->look_ms);
	if (ret == 0)
		ret = tidei_audit_read_files(&run->facts);
	if (ret == 0)
		ret = tidei_audit_measure(&run->facts);
	if (ret < 0)
		return ret;
	*made = calloc(1, sizeof(**made));
	ret = *made == NULL ? -ENOMEM : tidei_audit_check(*made, &run->facts);
	if (ret < 0) {
		tide_audit_free(*made);
		*made = NULL;
	}
	return ret;
}

struct tide_audit *
tide_audit_create(const struct tide_audit_conf *conf)
{
	struct run run = {.look_ms = conf == NULL ? 0 : conf->look_ms};
	const struct tide_topology *given = conf == NULL ? NULL : conf->topo;
	struct tide_topology *own = NULL;
	struct tide_audit *made = NULL;
	int ret = run.look_ms > LOOK_MAX ? -EINVAL : 0;

	if (ret == 0)
		ret = tidei_topology_own(given, &own);
	if (ret == 0) {
		run.facts.topo = given != NULL ? given : own;
		ret = audit(&run, &made);
	}
	tidei_audit_facts_free(&run.facts);
	tide_topology_free(own);
	if (ret < 0)
		rte_errno = -ret;
	return made;
}
