/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: how a figure is compared with its target. */

#include <stddef.h>
#include <string.h>

#include "frame/targets.h"

double
target_figure(const struct target *target, bool more_is_better, double own, double reference)
{
	if (target->against == TARGET_NOTHING)
		return own;
	if (target->kind == TARGET_MORE)
		return own - reference;
	if (target->kind == TARGET_TIMES && !more_is_better)
		return reference / own;
	return own / reference;
}

bool
target_fits(const struct target *target, const char *label)
{
	size_t len;

	if (target->label == NULL)
		return true;
	len = strlen(target->label);
	if (len > 0 && target->label[len - 1] == ',')
		return strncmp(target->label, label, len) == 0;
	return strcmp(target->label, label) == 0;
}

bool
target_counts(const struct target *target, enum ledger_mode ledger)
{
	return target->ledger == LEDGER_MODE_ANY || target->ledger == ledger;
}

bool
target_reached(const struct target *target, double figure)
{
	return target->kind == TARGET_TIMES ? figure >= target->limit : figure <= target->limit;
}

const char *
ledger_mode_name(enum ledger_mode ledger)
{
	switch (ledger) {
	case LEDGER_MODE_FULL:
		return "full";
	case LEDGER_MODE_OFF:
		return "off";
	default:
		return "sampled";
	}
}
