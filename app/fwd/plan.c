/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: turns facts and options into a plan; touches nothing. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

static const struct fwd_port_facts *
find_port(const struct fwd_facts *facts, uint16_t id)
{
	for (unsigned int i = 0; i < facts->nb_ports; i++) {
		if (facts->ports[i].id == id)
			return &facts->ports[i];
	}
	return NULL;
}

static void
present_ports(const struct fwd_facts *facts, char *text, size_t len)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < facts->nb_ports && used < len; i++)
		used += snprintf(
			text + used, len - used, "%s%u", i == 0 ? "" : ", ", facts->ports[i].id);
}

static int
choose_ports(const struct fwd_options *opts, const struct fwd_facts *facts, struct fwd_ports *ports,
	struct app_error *err)
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
		ports->id[i] = facts->ports[i].id;
	if (ports->nb == 0)
		ports->nb = facts->nb_ports;
	present_ports(facts, present, sizeof(present));
	for (unsigned int i = 0; i < ports->nb; i++) {
		if (find_port(facts, ports->id[i]) == NULL)
			return app_fail(err, APP_EXIT_USAGE,
				"port %u does not exist; there are ports %s", ports->id[i],
				present);
	}
	return 0;
}

int
fwd_stated_node(const struct fwd_portmap *map, uint16_t port)
{
	for (unsigned int i = 0; i < map->nb; i++) {
		if (map->pair[i].a == port)
			return map->pair[i].b;
	}
	return TIDE_NODE_UNKNOWN;
}

static int
check_stated_nodes(const char *option, const struct fwd_portmap *map, const struct fwd_facts *facts,
	const struct fwd_ports *ports, struct app_error *err)
{
	for (unsigned int i = 0; i < map->nb; i++) {
		uint16_t port = map->pair[i].a;
		int node = map->pair[i].b;
		unsigned int at = 0;

		if (tide_topology_node(facts->topo, node) == NULL)
			return app_fail(err, APP_EXIT_USAGE,
				"--%s: node %d does not exist; this machine has %u node(s), see "
				"numactl --hardware",
				option, node, tide_topology_nb_nodes(facts->topo));
		while (at < ports->nb && ports->id[at] != port)
			at++;
		if (at == ports->nb)
			return app_fail(err, APP_EXIT_USAGE,
				"--%s: port %u is not used; name ports of --ports", option, port);
	}
	return 0;
}

/* Descriptors of one side of a port: as asked, or the default moved into the port's limits. */
static int
choose_desc(uint32_t asked, const struct rte_eth_desc_lim *lim, const struct fwd_port_facts *facts,
	const char *side, uint16_t *desc, struct app_error *err)
{
	uint32_t most = lim->nb_max == 0 ? UINT16_MAX : lim->nb_max;
	uint32_t align = lim->nb_align == 0 ? 1 : lim->nb_align;
	uint32_t n = asked == 0 ? FWD_DESC_DEFAULT : asked;

	if (asked != 0 && (asked < lim->nb_min || asked > most))
		return app_fail(err, APP_EXIT_USAGE,
			"--%s-desc %u: port %u (%s) takes %u to %u descriptors", side, asked,
			facts->id, facts->name, lim->nb_min, most);
	n = RTE_MAX(n, (uint32_t)lim->nb_min);
	n = RTE_MIN(n, most);
	n = (n + align - 1) / align * align;
	*desc = n > most ? most / align * align : n;
	return 0;
}

static int
choose_queues(
	const struct fwd_plan *plan, const struct fwd_port_facts *facts, struct app_error *err)
{
	uint16_t most = RTE_MIN(facts->rx_queues_max, facts->tx_queues_max);

	if (plan->queues > most)
		return app_fail(err, APP_EXIT_USAGE,
			"--queues %u: port %u (%s, %s) has %u receive and %u transmit queue(s); "
			"give at most %u",
			plan->queues, facts->id, facts->name, facts->driver, facts->rx_queues_max,
			facts->tx_queues_max, most);
	return 0;
}

static int
choose_mtu(const struct fwd_options *opts, struct fwd_plan_port *port, struct app_error *err)
{
	const struct fwd_port_facts *facts = port->facts;

	port->mtu = opts->mtu == 0 ? facts->mtu : opts->mtu;
	if (opts->mtu == 0)
		return 0;
	if (opts->mtu < facts->mtu_min || (facts->mtu_max != 0 && opts->mtu > facts->mtu_max))
		return app_fail(err, APP_EXIT_USAGE, "--mtu %u: port %u (%s, %s) takes %u to %u",
			opts->mtu, facts->id, facts->name, facts->driver, facts->mtu_min,
			facts->mtu_max);
	return 0;
}

/* One size of buffer serves all ports: a pool may serve any of them. */
static void
choose_data_room(struct fwd_plan *plan, const struct fwd_options *opts)
{
	uint32_t room = RTE_MBUF_DEFAULT_DATAROOM;

	for (unsigned int i = 0; i < plan->nb_ports; i++) {
		room = RTE_MAX(room, plan->port[i].mtu + (uint32_t)FWD_FRAME_OVERHEAD);
		room = RTE_MAX(room, plan->port[i].facts->rx_bufsize_min);
	}
	if (opts->buffer_size != 0)
		room = opts->buffer_size;
	room = RTE_ALIGN(room + RTE_PKTMBUF_HEADROOM, RTE_CACHE_LINE_SIZE);
	plan->data_room = RTE_MIN(room, (uint32_t)RTE_ALIGN_FLOOR(UINT16_MAX, RTE_CACHE_LINE_SIZE));
}

static int
check_buffer(struct fwd_plan *plan, struct fwd_plan_port *port, struct app_error *err)
{
	const struct fwd_port_facts *facts = port->facts;
	uint32_t room = plan->data_room - RTE_PKTMBUF_HEADROOM;

	if (room < facts->rx_bufsize_min)
		return app_fail(err, APP_EXIT_USAGE,
			"--buffer-size: port %u (%s) needs buffers of %u bytes or more%s",
			facts->id, facts->name, facts->rx_bufsize_min,
			facts->framesz == 0 ? "" : ", or a smaller framesz in its --vdev");
	port->scatter = room < port->mtu + (uint32_t)FWD_FRAME_OVERHEAD;
	return 0;
}

static int
plan_ports(struct fwd_plan *plan, const struct fwd_options *opts, const struct fwd_facts *facts,
	struct app_error *err)
{
	unsigned int peers[RTE_MAX_ETHPORTS];
	struct fwd_ports ports;
	uint16_t missing;

	if (choose_ports(opts, facts, &ports, err) < 0 ||
		check_stated_nodes("port-node", &opts->port_nodes, facts, &ports, err) < 0 ||
		check_stated_nodes("pool-node", &opts->pool_nodes, facts, &ports, err) < 0)
		return -1;
	if (fwd_portmap_peers(&opts->portmap, &ports, peers, &missing) < 0)
		return app_fail(err, APP_EXIT_USAGE,
			"port %u is in only one of --ports and --portmap; name it in both",
			missing);
	plan->nb_ports = ports.nb;
	plan->queues = opts->queues;
	for (unsigned int i = 0; i < ports.nb; i++) {
		struct fwd_plan_port *port = &plan->port[i];

		port->facts = find_port(facts, ports.id[i]);
		port->peer = peers[i];
		port->node = fwd_stated_node(&opts->port_nodes, ports.id[i]);
		port->node_stated = port->node != TIDE_NODE_UNKNOWN;
		port->node_source = port->facts->node_source;
		if (!port->node_stated)
			port->node = port->facts->node;
		port->rss = plan->queues > 1 ? port->facts->rss : 0;
		if (choose_queues(plan, port->facts, err) < 0 || choose_mtu(opts, port, err) < 0 ||
			choose_desc(opts->rx_desc, &port->facts->rx_lim, port->facts, "rx",
				&port->rx_desc, err) < 0 ||
			choose_desc(opts->tx_desc, &port->facts->tx_lim, port->facts, "tx",
				&port->tx_desc, err) < 0)
			return -1;
	}
	choose_data_room(plan, opts);
	for (unsigned int i = 0; i < plan->nb_ports; i++) {
		if (check_buffer(plan, &plan->port[i], err) < 0)
			return -1;
	}
	return 0;
}

/*
 * Return the least loaded lcore on a node, or of all for TIDE_NODE_UNKNOWN; nb_lcores when there is
 * none.
 */
static unsigned int
least_loaded(const struct fwd_plan *plan, int node)
{
	unsigned int best = plan->nb_lcores;

	for (unsigned int i = 0; i < plan->nb_lcores; i++) {
		if (node != TIDE_NODE_UNKNOWN && plan->lcore[i].node != node)
			continue;
		if (best == plan->nb_lcores ||
			plan->lcore[i].nb_queues < plan->lcore[best].nb_queues)
			best = i;
	}
	return best;
}

/* Local lcores first, then those of the nearest node that has any. */
static unsigned int
choose_lcore(const struct fwd_plan *plan, const struct fwd_facts *facts, int node)
{
	int near[TIDE_NODE_MAX];
	unsigned int n = 0;

	if (node != TIDE_NODE_UNKNOWN)
		n = tide_topology_nearest(facts->topo, node, false, near, TIDE_NODE_MAX);
	for (unsigned int i = 0; i < n; i++) {
		unsigned int lcore = least_loaded(plan, near[i]);

		if (lcore != plan->nb_lcores)
			return lcore;
	}
	return least_loaded(plan, TIDE_NODE_UNKNOWN);
}

/* CPUs of a node this process may run on, as the kernel writes lists. */
static void
local_cpus(const struct tide_topology *topo, int node, char *text, size_t len)
{
	size_t used = 0;
	int first = -1;

	text[0] = '\0';
	for (int cpu = 0; cpu <= TIDE_CPU_MAX && used < len; cpu++) {
		bool in = cpu < TIDE_CPU_MAX && tide_topology_cpu_node(topo, cpu) == node &&
		          tide_topology_cpu_allowed(topo, cpu);

		if (in && first < 0)
			first = cpu;
		if (in || first < 0)
			continue;
		used += snprintf(text + used, len - used, "%s%d", used == 0 ? "" : ",", first);
		if (cpu - 1 > first && used < len)
			used += snprintf(text + used, len - used, "-%d", cpu - 1);
		first = -1;
	}
}

static void
plan_port_queues(struct fwd_plan *plan, const struct fwd_facts *facts, unsigned int p)
{
	struct fwd_plan_port *port = &plan->port[p];

	for (uint16_t q = 0; q < plan->queues; q++) {
		unsigned int lcore = choose_lcore(plan, facts, port->node);
		struct fwd_plan_queue *queue = &plan->queue[p * plan->queues + q];

		queue->port = p;
		queue->queue = q;
		queue->lcore = lcore;
		plan->lcore[lcore].nb_queues++;
		if (port->node == TIDE_NODE_UNKNOWN &&
			plan->lcore[lcore].node != TIDE_NODE_UNKNOWN) {
			/*
			 * From its first queue on, a port of an unknown node belongs where it is polled.
			 */
			port->node = plan->lcore[lcore].node;
			port->node_source = TIDE_NODE_SOURCE_LCORE;
		}
		/* An lcore whose node is not known is on no wrong one. */
		if (plan->lcore[lcore].node != port->node &&
			plan->lcore[lcore].node != TIDE_NODE_UNKNOWN)
			port->foreign = true;
	}
	if (port->foreign)
		local_cpus(facts->topo, port->node, port->local_cpus, sizeof(port->local_cpus));
}

static int
plan_queues(struct fwd_plan *plan, const struct fwd_facts *facts, struct app_error *err)
{
	if (facts->nb_lcores == 0)
		return app_fail(
			err, APP_EXIT_RUN, "no lcore can forward; give EAL some with -l 0-1");
	for (unsigned int i = 0; i < facts->nb_lcores; i++) {
		plan->lcore[i].id = facts->lcores[i].id;
		plan->lcore[i].node = facts->lcores[i].node;
	}
	plan->nb_lcores = facts->nb_lcores;
	plan->nb_queues = plan->nb_ports * plan->queues;
	plan->queue = calloc(plan->nb_queues, sizeof(plan->queue[0]));
	if (plan->queue == NULL)
		return app_fail(err, APP_EXIT_RUN, "out of memory for %u queues", plan->nb_queues);
	/* Ports with a node choose first: the others are content with any lcore. */
	for (unsigned int known = 2; known-- > 0;) {
		for (unsigned int i = 0; i < plan->nb_ports; i++) {
			if ((plan->port[i].facts->node != TIDE_NODE_UNKNOWN ||
				    plan->port[i].node_stated) == known)
				plan_port_queues(plan, facts, i);
		}
	}
	return 0;
}

int
fwd_plan_make(struct fwd_plan *plan, const struct fwd_options *opts, const struct fwd_facts *facts,
	struct app_error *err)
{
	memset(plan, 0, sizeof(*plan));
	plan->topo = facts->topo;
	plan->cache = opts->cache;
	if (plan_ports(plan, opts, facts, err) < 0 || plan_queues(plan, facts, err) < 0 ||
		fwd_plan_pools(plan, opts, facts, err) < 0) {
		fwd_plan_fini(plan);
		return -1;
	}
	fwd_plan_pairs(plan);
	fwd_plan_latencies(plan, facts->topo);
	return 0;
}

void
fwd_plan_fini(struct fwd_plan *plan)
{
	free(plan->queue);
	plan->queue = NULL;
	plan->nb_queues = 0;
}
