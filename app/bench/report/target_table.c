/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-bench: targets as a text table. */

#include "frame/target_check.h"
#include "report/target_table.h"

/* Format the limit, as "<= 1.05x". */
static void
format_limit(char *text, size_t size, const struct target *target)
{
	const bool ratio = target->against != TARGET_NOTHING && target->kind != TARGET_MORE;
	const char *sign = "<=";

	if (target->kind == TARGET_TIMES)
		sign = ">=";
	else if (target->kind == TARGET_MORE)
		sign = "+<=";
	snprintf(text, size, "%s %.4g%s", sign, target->limit, ratio ? "x" : "");
}

/* Format the workload, or what is known of it when it was not measured. */
static void
format_label(char *text, size_t size, const struct target_check *check)
{
	const struct target *target = check->target;

	text[0] = '\0';
	if (check->workload != NULL)
		snprintf(text, size, "%s", check->workload->label);
	else if (target->label != NULL)
		snprintf(text, size, "%s", target->label);
	else if (target->cache != TARGET_ANY_CACHE)
		snprintf(text, size, "cache %d", target->cache);
}

static const char *
remark(const struct target_check *check)
{
	return check->rounds < TARGET_ROUNDS_MIN && !check->scenario->exact ? " (few rounds)" : "";
}

static void
print(const struct target_check *check, void *arg)
{
	char limit[32], label[BENCH_LABEL_MAX];
	FILE *out = arg;

	format_limit(limit, sizeof(limit), check->target);
	format_label(label, sizeof(label), check);
	fprintf(out, "  %-14s %-10s %-50s %-18s %-8s ", check->scenario->name, check->subject,
		label, check->against, limit);
	if (check->measured)
		fprintf(out, "%8.3f  %s%s\n", check->figure, check->reached ? "reached" : "missed",
			remark(check));
	else
		fprintf(out, "%8s  not measured: %s\n", "-", check->reason);
}

void
target_table_print(FILE *out, const struct bench *bench)
{
	fprintf(out, "\ntargets, on medians:\n  %-14s %-10s %-50s %-18s %-8s %8s\n", "", "", "",
		"against", "target", "found");
	target_check(bench, print, out);
	fflush(out);
}
