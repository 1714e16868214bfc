/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: turns options into a request for a plan; touches nothing. */

#include <errno.h>
#include <string.h>

#include "plan.h"
#include "plan_refused.h"

static bool
has_port(const struct tide_plan_facts *facts, uint16_t id)
{
	for (unsigned int i = 0; i < facts->nb_ports; i++) {
		if (facts->port[i].id == id)
			return true;
	}
	return false;
}

static void
present_ports(const struct tide_plan_facts *facts, char *text, size_t len)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < facts->nb_ports && used < len; i++)
		used += snprintf(
			text + used, len - used, "%s%u", i == 0 ? "" : ", ", facts->port[i].id);
}

static int
choose_ports(const struct fwd_options *opts, const struct tide_plan_facts *facts,
	struct fwd_ports *ports, struct app_error *err)
{
	char present[200];

	if (facts->nb_ports == 0)
		return app_fail(err, APP_EXIT_RUN,
			"there are no ports: bind a NIC to vfio-pci with dpdk-devbind.py, or "
			"give EAL a virtual one, for example --vdev=net_af_packet0,iface=eth1");
	*ports = opts->ports;
	if (ports->nb == 0)
		fwd_portmap_ports(&opts->portmap, ports);
	for (unsigned int i = 0; ports->nb == 0 && i < facts->nb_ports; i++)
		ports->id[i] = facts->port[i].id;
	if (ports->nb == 0)
		ports->nb = facts->nb_ports;
	present_ports(facts, present, sizeof(present));
	for (unsigned int i = 0; i < ports->nb; i++) {
		if (!has_port(facts, ports->id[i]))
			return app_fail(err, APP_EXIT_USAGE,
				"port %u does not exist; there are ports %s", ports->id[i],
				present);
	}
	return 0;
}

/* Fill nodes[] with the stated node of each used port, or TIDE_NODE_UNKNOWN. */
static int
state_nodes(const char *option, const struct fwd_portmap *map, const struct tide_topology *topo,
	const struct fwd_ports *ports, int *nodes, struct app_error *err)
{
	for (unsigned int i = 0; i < ports->nb; i++)
		nodes[i] = TIDE_NODE_UNKNOWN;
	for (unsigned int i = 0; i < map->nb; i++) {
		uint16_t port = map->pair[i].a;
		int node = map->pair[i].b;
		unsigned int at = 0;

		if (tide_topology_node(topo, node) == NULL)
			return app_fail(err, APP_EXIT_USAGE,
				"--%s: node %d does not exist; this machine has %u node(s), see "
				"numactl --hardware",
				option, node, tide_topology_nb_nodes(topo));
		while (at < ports->nb && ports->id[at] != port)
			at++;
		if (at == ports->nb)
			return app_fail(err, APP_EXIT_USAGE,
				"--%s: port %u is not used; name ports of --ports", option, port);
		nodes[at] = node;
	}
	return 0;
}

int
fwd_plan_make(struct tide_plan *plan, const struct fwd_options *opts,
	const struct tide_plan_facts *facts, struct app_error *err)
{
	int nodes[RTE_MAX_ETHPORTS], pool_nodes[RTE_MAX_ETHPORTS];
	unsigned int peers[RTE_MAX_ETHPORTS];
	struct tide_plan_failure failed;
	struct fwd_ports ports;
	struct tide_plan_conf conf = {
		.ports = ports.id,
		.peers = peers,
		.port_nodes = nodes,
		.pool_nodes = pool_nodes,
		.queues = opts->queues,
		.rx_desc = opts->rx_desc,
		.tx_desc = opts->tx_desc,
		.mtu = opts->mtu,
		.buffer_size = opts->buffer_size,
		.cache_size = opts->cache,
		.burst = opts->burst,
		.buffers = opts->buffers,
		.page = opts->page,
		.strict = opts->strict,
		.failed = &failed,
	};
	uint16_t missing;

	memset(plan, 0, sizeof(*plan));
	if (choose_ports(opts, facts, &ports, err) < 0 ||
		state_nodes("port-node", &opts->port_nodes, facts->topo, &ports, nodes, err) < 0 ||
		state_nodes("pool-node", &opts->pool_nodes, facts->topo, &ports, pool_nodes, err) <
			0)
		return -1;
	if (fwd_portmap_peers(&opts->portmap, &ports, peers, &missing) < 0)
		return app_fail(err, APP_EXIT_USAGE,
			"port %u is in only one of --ports and --portmap; name it in both",
			missing);
	conf.nb_ports = ports.nb;
	if (tide_plan_init(plan, facts, &conf) < 0)
		return fwd_plan_refused(facts->topo, &failed, err);
	return 0;
}
