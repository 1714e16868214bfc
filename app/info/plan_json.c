/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info plan: the report for programs. */

#include "plan.h"

static void
put_need(struct app_json *json, const struct tide_pool_need *need)
{
	app_json_object(json, "need");
	app_json_uint(json, "rx_queues", need->rx_queues);
	app_json_uint(json, "rx_desc", need->rx_desc);
	app_json_uint(json, "tx_queues", need->tx_queues);
	app_json_uint(json, "tx_desc", need->tx_desc);
	app_json_uint(json, "lcores", need->lcores);
	app_json_uint(json, "burst", need->burst);
	app_json_uint(json, "cache_size", need->cache_size);
	app_json_uint(json, "depth", need->depth);
	app_json_uint(json, "hold_us", need->hold_us);
	app_json_uint(json, "hold_pps", need->hold_pps);
	app_json_object_end(json);
}

static void
put_pool(struct app_json *json, const struct plan *plan, unsigned int i)
{
	const struct tide_plan_pool *pool = &plan->plan.pool[i];
	const struct plan_node *node = &plan->node[i];

	app_json_object(json, NULL);
	app_json_int(json, "node", pool->node);
	app_json_uint(json, "buffers", plan->plan.buffers);
	app_json_uint(json, "object_size", pool->size.object);
	app_json_uint(json, "pool_bytes", pool->size.bytes);
	app_json_uint(json, "page_size", node->page_size);
	app_json_uint(json, "pages", node->pages);
	app_json_uint(json, "bytes", node->bytes);
	app_json_text(json, "reserve", node->command[0] == '\0' ? NULL : node->command);
	app_json_bool(json, "too_large", node->too_large);
	put_need(json, &pool->need);
	app_json_object_end(json);
}

/* The node of the main lcore, if it has no pool. */
static void
put_main(struct app_json *json, const struct plan *plan)
{
	const struct plan_node *node = &plan->node[plan->plan.nb_pools];

	app_json_object(json, "main_node");
	app_json_int(json, "node", node->node);
	app_json_uint(json, "page_size", node->page_size);
	app_json_uint(json, "pages", node->pages);
	app_json_uint(json, "bytes", node->bytes);
	app_json_text(json, "reserve", node->command[0] == '\0' ? NULL : node->command);
	app_json_bool(json, "too_large", node->too_large);
	app_json_object_end(json);
}

static void
put_port(struct app_json *json, const struct plan *plan, unsigned int p)
{
	const struct tide_plan_port *port = &plan->plan.port[p];

	app_json_object(json, NULL);
	app_json_text(json, "name", port->facts->name);
	if (port->facts->node == TIDE_NODE_UNKNOWN)
		app_json_null(json, "node");
	else
		app_json_int(json, "node", port->node);
	app_json_int(json, "pool_node", plan->plan.pool[port->pool].node);
	app_json_uint(json, "rx_desc", port->rx_desc);
	app_json_uint(json, "tx_desc", port->tx_desc);
	app_json_uint(json, "mtu", port->mtu);
	app_json_array(json, "lcores");
	for (unsigned int q = 0; q < plan->plan.nb_queues; q++) {
		if (plan->plan.queue[q].port == p)
			app_json_uint(json, NULL, plan->plan.lcore[plan->plan.queue[q].lcore].id);
	}
	app_json_array_end(json);
	app_json_object_end(json);
}

void
plan_json(const struct plan *plan, const struct findings *findings, FILE *out)
{
	struct app_json json;

	app_json_init(&json, out, 2);
	app_json_object(&json, NULL);
	app_json_uint(&json, "queues", plan->plan.queues);
	app_json_uint(&json, "data_room", plan->plan.data_room);
	app_json_uint(&json, "packets_per_second", plan->pps);
	app_json_array(&json, "pools");
	for (unsigned int i = 0; i < plan->plan.nb_pools; i++)
		put_pool(&json, plan, i);
	app_json_array_end(&json);
	if (plan->nb_nodes > plan->plan.nb_pools)
		put_main(&json, plan);
	app_json_array(&json, "ports");
	for (unsigned int i = 0; i < plan->plan.nb_ports; i++)
		put_port(&json, plan, i);
	app_json_array_end(&json);
	app_json_text(&json, "eal", plan->eal);
	if (findings != NULL) {
		app_json_text(&json, "result", findings_result(findings));
		app_json_int(&json, "exit_code", findings_exit(findings));
		findings_json(findings, &json);
	}
	app_json_object_end(&json);
}
