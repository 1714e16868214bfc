/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-info check: runs the check and reports it. */

#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "words.h"

static void
print_nodes(const struct check_nodes *nodes, FILE *out)
{
	for (unsigned int i = 0; i < nodes->nb; i++)
		fprintf(out, "%s%d", i == 0 ? "" : ",", nodes->node[i]->id);
}

static void
print_text(const struct check_nodes *nodes, const struct findings *findings, FILE *out)
{
	findings_text(findings, out);
	if (findings_exit(findings) == FINDING_EXIT_WELL) {
		fprintf(out, "well: CPUs, memory and NICs are on node%s ",
			nodes->nb == 1 ? "" : "s");
		print_nodes(nodes, out);
		fputc('\n', out);
	} else {
		fprintf(out, "%s: %u wrong, %u not known, %u to note\n", findings_result(findings),
			findings->count[FINDING_WRONG], findings->count[FINDING_UNKNOWN],
			findings->count[FINDING_NOTE]);
	}
}

static void
put_nic(struct app_json *json, const struct machine *m, const char *address)
{
	const struct tide_nic *nic = machine_nic(m, address);

	app_json_object(json, NULL);
	app_json_text(json, "address", address);
	if (nic == NULL || nic->node == TIDE_NODE_UNKNOWN)
		app_json_null(json, "node");
	else
		app_json_int(json, "node", nic->node);
	app_json_text(json, "node_source", nic == NULL ? NULL : tide_node_source_name(nic->source));
	app_json_object_end(json);
}

static void
print_json(const struct machine *m, const struct check_request *request,
	const struct check_nodes *nodes, const struct findings *findings, FILE *out)
{
	char list[LIST_TEXT];
	struct app_json json;

	app_json_init(&json, out, 2);
	app_json_object(&json, NULL);
	app_json_text(&json, "result", findings_result(findings));
	app_json_int(&json, "exit_code", findings_exit(findings));
	app_json_array(&json, "nodes");
	for (unsigned int i = 0; i < nodes->nb; i++)
		app_json_int(&json, NULL, nodes->node[i]->id);
	app_json_array_end(&json);
	app_json_array(&json, "nics");
	for (unsigned int i = 0; i < request->nb_nics; i++)
		put_nic(&json, m, request->nic[i]);
	app_json_array_end(&json);
	app_json_text(&json, "cpus_allowed", words_cpus(m->topo, TIDE_NODE_UNKNOWN, true, list));
	app_json_text(&json, "memory_nodes_allowed", words_memory_nodes(m->topo, list));
	findings_json(findings, &json);
	app_json_object_end(&json);
}

static int
check(const struct machine *m, const struct options *opt, struct app_error *err)
{
	struct check_nodes *nodes = calloc(1, sizeof(*nodes));
	struct findings findings;
	int code = 0;

	if (!findings_init(&findings) || nodes == NULL) {
		app_fail(err, FINDING_EXIT_UNKNOWN, "out of memory");
	} else {
		check_machine(m, &opt->check, nodes, &findings);
		if (opt->json)
			print_json(m, &opt->check, nodes, &findings, stdout);
		else
			print_text(nodes, &findings, stdout);
		code = findings_exit(&findings);
	}
	findings_fini(&findings);
	free(nodes);
	return code;
}

int
check_run(const struct options *opt, struct app_error *err)
{
	struct machine *m = malloc(sizeof(*m));
	struct options with_nics = *opt;
	int code = 0;

	if (m == NULL) {
		app_fail(err, FINDING_EXIT_UNKNOWN, "out of memory");
		return 0;
	}
	if (opt->check.nb_nics == 0)
		check_nics_of_environment(&with_nics.check, environ);
	if (machine_init(m, opt->machine, false, err) == 0)
		code = check(m, &with_nics, err);
	else if (err->code == APP_EXIT_RUN)
		err->code = FINDING_EXIT_UNKNOWN;
	machine_fini(m);
	free(m);
	return code;
}
