/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info plan --from: reports the size that the pools of a running program need. */

#include <inttypes.h>
#include <stdlib.h>

#include "json_writer.h"
#include "observe.h"
#include "plan.h"

static void
print_peak(const struct observed_pool *pool, const struct estimate *e, FILE *out)
{
	if (!pool->tide) {
		fprintf(out, "  peak        not counted: only the tide ops count it\n");
		return;
	}
	fprintf(out, "  peak        %" PRIu64 " of %" PRIu64 " buffers", pool->peak, pool->size);
	if (pool->peak != 0)
		fprintf(out, "; the prediction is %.1f %% %s",
			e->error < 0 ? -100 * e->error : 100 * e->error,
			e->error < 0 ? "too low" : "too high");
	fputc('\n', out);
	if (pool->failures != 0)
		fprintf(out,
			"              %" PRIu64
			" gets found too few buffers, so the need is larger\n",
			pool->failures);
}

static void
print_prediction(const struct estimate *e, FILE *out)
{
	fprintf(out, "  prediction  %" PRIu64 " buffers: ", e->predicted);
	if (e->by_count)
		fprintf(out, "%" PRIu64 " were out at once", e->counted);
	else
		fprintf(out, "%.0f packets/s x %.0f ms x %.2f for the swing", e->pps, e->age_ms,
			e->swing);
	if (e->fixed != 0)
		fprintf(out, ", %" PRIu64 " that stay out", e->fixed);
	if (e->bursts != 0)
		fprintf(out, ", %" PRIu64 " of bursts", e->bursts);
	if (e->cached != 0)
		fprintf(out, ", %" PRIu64 " in caches of lcores", e->cached);
	fputc('\n', out);
	if (e->by_count)
		fprintf(out, "              by count: the caches or the ops of the pool hide the "
			     "age of buffers\n");
}

static void
print_pool(const struct observed_pool *pool, const struct estimate *e, FILE *out)
{
	fprintf(out, "pool %s\n", pool->name);
	if (pool->samples == 0) {
		fprintf(out, "  it is gone\n\n");
		return;
	}
	print_prediction(e, out);
	print_peak(pool, e, out);
	fprintf(out, "  needed      %" PRIu64 " buffers%s\n\n", e->needed,
		e->needed > pool->size ? ": the pool is too small" : "");
}

static void
put_pool(struct app_json *json, const struct observed_pool *pool, const struct estimate *e)
{
	app_json_object(json, NULL);
	app_json_text(json, "name", pool->name);
	app_json_bool(json, "tide", pool->tide);
	app_json_uint(json, "samples", pool->samples);
	app_json_uint(json, "size", pool->size);
	app_json_uint(json, "in_use_max", pool->in_use_max);
	app_json_uint(json, "failures", pool->failures);
	app_json_bool(json, "by_count", e->by_count);
	app_json_real(json, "packets_per_second", "%.1f", e->pps);
	app_json_real(json, "age_ms", "%.1f", e->age_ms);
	app_json_real(json, "swing", "%.3f", e->swing);
	app_json_uint(json, "fixed", e->fixed);
	app_json_uint(json, "bursts", e->bursts);
	app_json_uint(json, "cached", e->cached);
	app_json_uint(json, "predicted", e->predicted);
	if (pool->tide && pool->peak != 0) {
		app_json_uint(json, "peak", pool->peak);
		app_json_real(json, "error_percent", "%.1f", 100 * e->error);
	} else {
		app_json_null(json, "peak");
		app_json_null(json, "error_percent");
	}
	app_json_uint(json, "needed", e->needed);
	app_json_object_end(json);
}

static void
print_json(const struct observed *seen, const struct plan_request *request, FILE *out)
{
	struct app_json json;

	app_json_init(&json, out, 2);
	app_json_object(&json, NULL);
	app_json_text(&json, "program", seen->program);
	app_json_int(&json, "pid", seen->pid);
	app_json_array(&json, "pools");
	for (unsigned int i = 0; i < seen->nb_pools; i++) {
		const struct estimate e =
			observe_estimate(seen, &seen->pool[i], plan_rate(request), request->margin);

		put_pool(&json, &seen->pool[i], &e);
	}
	app_json_array_end(&json);
	app_json_object_end(&json);
}

/* Report, and tell whether each pool is large enough. */
static bool
report(const struct options *opt, const struct observed *seen, FILE *out)
{
	const struct plan_request *request = &opt->plan;
	bool enough = true;

	if (opt->json)
		print_json(seen, request, out);
	else
		fprintf(out, "%s, process %d: %u pools, %u ports\n\n", seen->program,
			(int)seen->pid, seen->nb_pools, seen->nb_ports);
	for (unsigned int i = 0; i < seen->nb_pools; i++) {
		const struct observed_pool *pool = &seen->pool[i];
		const struct estimate e =
			observe_estimate(seen, pool, plan_rate(request), request->margin);

		enough = enough && e.needed <= pool->size;
		if (!opt->json)
			print_pool(pool, &e, out);
	}
	return enough;
}

int
observe_run(const struct options *opt, struct app_error *err)
{
	struct observed *seen = malloc(sizeof(*seen));
	int code = 0;

	if (seen == NULL) {
		app_fail(err, APP_EXIT_RUN, "out of memory");
		return 0;
	}
	if (observe(seen, opt->plan.from, opt->plan.seconds, err) == 0 &&
		!report(opt, seen, stdout) && opt->plan.check)
		code = 1;
	free(seen);
	return code;
}
