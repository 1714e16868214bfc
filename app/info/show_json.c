/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info show: the report for programs. */

#include "json_writer.h"
#include "show.h"
#include "words.h"

static void
put_nic(struct app_json *json, const struct tide_nic *nic)
{
	app_json_object(json, NULL);
	app_json_text(json, "address", nic->address);
	app_json_text(json, "driver", nic->driver[0] == '\0' ? NULL : nic->driver);
	app_json_text(json, "interface", nic->interface[0] == '\0' ? NULL : nic->interface);
	app_json_uint(json, "vendor", nic->vendor);
	app_json_uint(json, "device", nic->device);
	if (nic->node == TIDE_NODE_UNKNOWN)
		app_json_null(json, "node");
	else
		app_json_int(json, "node", nic->node);
	app_json_text(json, "node_source", tide_node_source_name(nic->source));
	app_json_object_end(json);
}

static void
put_huge(struct app_json *json, const struct tide_huge *huge)
{
	app_json_object(json, NULL);
	app_json_uint(json, "page_size", huge->page_size);
	app_json_uint(json, "total", huge->total);
	app_json_uint(json, "free", huge->free);
	if (huge->limit == UINT64_MAX)
		app_json_null(json, "cgroup_limit");
	else
		app_json_uint(json, "cgroup_limit", huge->limit);
	app_json_object_end(json);
}

/* Numbers by node of the memory: distances, or latencies. */
static void
put_row(struct app_json *json, const char *key, const struct machine *m, int from, bool latency)
{
	app_json_array(json, key);
	for (unsigned int i = 0; i < tide_topology_nb_nodes(m->topo); i++) {
		int to = tide_topology_node_at(m->topo, i)->id;
		unsigned int n = latency ? tide_topology_latency(m->topo, from, to)
		                         : tide_topology_distance(m->topo, from, to);

		if (n == 0)
			app_json_null(json, NULL);
		else
			app_json_uint(json, NULL, n);
	}
	app_json_array_end(json);
}

static void
put_node(struct app_json *json, const struct machine *m, const struct tide_node *node)
{
	char list[LIST_TEXT];

	app_json_object(json, NULL);
	app_json_int(json, "id", node->id);
	app_json_text(json, "cpus", words_cpus(m->topo, node->id, false, list));
	app_json_text(json, "cpus_allowed", words_cpus(m->topo, node->id, true, list));
	app_json_uint(json, "memory", node->memory);
	app_json_uint(json, "memory_free", node->memory_free);
	app_json_bool(json, "memory_allowed", node->mem_allowed);
	app_json_array(json, "huge_pages");
	for (unsigned int i = 0; i < node->nb_huge; i++)
		put_huge(json, &node->huge[i]);
	app_json_array_end(json);
	put_row(json, "distance", m, node->id, false);
	put_row(json, "latency_ns", m, node->id, true);
	app_json_object_end(json);
}

static void
put_files(struct app_json *json, const struct tide_eal_files *files)
{
	static const char *const owners[] = {[TIDE_EAL_OWNER_ALIVE] = "alive",
		[TIDE_EAL_OWNER_DEAD] = "dead",
		[TIDE_EAL_OWNER_UNKNOWN] = "unknown"};
	char command[FREE_COMMAND];

	app_json_object(json, NULL);
	app_json_text(json, "directory", files->directory);
	app_json_text(json, "prefix", files->prefix);
	app_json_text(json, "owner", owners[files->owner]);
	if (files->pid == 0)
		app_json_null(json, "pid");
	else
		app_json_int(json, "pid", files->pid);
	if (files->node == TIDE_NODE_UNKNOWN)
		app_json_null(json, "node");
	else
		app_json_int(json, "node", files->node);
	app_json_uint(json, "files", files->files);
	app_json_uint(json, "page_size", files->page_size);
	app_json_uint(json, "bytes", files->bytes);
	machine_free_command(files, command);
	app_json_text(json, "free_command", files->owner == TIDE_EAL_OWNER_DEAD ? command : NULL);
	app_json_object_end(json);
}

static void
put_allowed(struct app_json *json, const struct machine *m)
{
	char list[LIST_TEXT];

	app_json_object(json, "allowed");
	app_json_text(json, "cpus", words_cpus(m->topo, TIDE_NODE_UNKNOWN, true, list));
	app_json_text(json, "memory_nodes", words_memory_nodes(m->topo, list));
	if (m->memory_room == UINT64_MAX)
		app_json_null(json, "memory_room");
	else
		app_json_uint(json, "memory_room", m->memory_room);
	app_json_object_end(json);
}

static void
put_capabilities(struct app_json *json, const struct machine *m)
{
	app_json_object(json, "capabilities");
	for (int i = 0; i < TIDE_CAPABILITY_COUNT; i++) {
		app_json_object(json, tide_capability_name(i));
		app_json_text(json, "answer", words_answer(m->capability[i].answer));
		app_json_text(json, "fact", m->capability[i].fact);
		app_json_text(json, "consequence", m->capability[i].consequence);
		app_json_text(json, "remedy", m->capability[i].remedy);
		app_json_object_end(json);
	}
	app_json_object_end(json);
}

void
show_json(const struct machine *m, FILE *out)
{
	struct app_json json;

	app_json_init(&json, out, 2);
	app_json_object(&json, NULL);
	app_json_text(&json, "machine", m->file);
	app_json_array(&json, "nodes");
	for (unsigned int i = 0; i < tide_topology_nb_nodes(m->topo); i++)
		put_node(&json, m, tide_topology_node_at(m->topo, i));
	app_json_array_end(&json);
	app_json_array(&json, "nics");
	for (unsigned int i = 0; i < m->nb_nics; i++)
		put_nic(&json, &m->nic[i]);
	app_json_array_end(&json);
	app_json_uint(&json, "nics_left_out", m->nics_left_out);
	put_allowed(&json, m);
	if (m->file == NULL) {
		app_json_array(&json, "eal_files");
		for (unsigned int i = 0; i < m->nb_files; i++)
			put_files(&json, &m->files[i]);
		app_json_array_end(&json);
		put_capabilities(&json, m);
	}
	app_json_object_end(&json);
}
