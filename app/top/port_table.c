/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* The table of the ports: a column for each metric of the library's table that DPDK counts. */

#include <inttypes.h>

#include "blocks.h"

#define RANK_TOTALS 1
#define RANK_DETAIL 2

static bool
is_counted(const struct tide_metric *m, const struct top_sample *sample)
{
	for (unsigned int i = 0; i < sample->nb_ports; i++) {
		if (top_port_read(m, &sample->ports[i]).state != TIDE_METRIC_NONE)
			return true;
	}
	return false;
}

static unsigned int
rank(const struct tide_metric *m)
{
	if (m->detail)
		return RANK_DETAIL;
	/* Drops are always of interest; totals are in the rates. */
	return m->get == NULL && m->group == NULL ? RANK_TOTALS : 0;
}

static void
set_row(const struct top_sample *sample, const struct top_port *port, struct top_table *table)
{
	const struct tide_metric *m;
	unsigned int column = 0;

	top_table_cell(table, column++, "%u %.24s", port->id, port->name);
	for (unsigned int i = 0; (m = tide_telemetry_metric(TIDE_SCOPE_PORT, i)) != NULL; i++) {
		struct tide_metric_value value = top_port_read(m, port);

		if (!is_counted(m, sample))
			continue;
		if (value.state != TIDE_METRIC_KNOWN)
			top_table_cell(table, column++, "-");
		else if (value.is_real)
			top_table_cell(table, column++, "%.0f", value.real);
		else
			top_table_cell(table, column++, "%" PRIu64, value.count);
	}
}

void
top_block_ports(const struct top_sample *sample, struct top_lines *lines)
{
	const struct tide_metric *m;
	struct top_table table;

	if (sample->nb_ports == 0)
		return;
	top_table_init(&table);
	top_table_column(&table, "port", true, 0);
	for (unsigned int i = 0; (m = tide_telemetry_metric(TIDE_SCOPE_PORT, i)) != NULL; i++) {
		if (is_counted(m, sample))
			top_table_column(&table, m->name, false, rank(m));
	}
	for (unsigned int i = 0; i < sample->nb_ports; i++) {
		if (top_table_row(&table))
			set_row(sample, &sample->ports[i], &table);
	}
	top_table_add(&table, lines);
	top_table_fini(&table);
}
