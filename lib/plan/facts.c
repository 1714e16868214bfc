/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Reads the facts about ports and lcores from EAL and ethdev. */

#include <errno.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_lcore.h>
#include <rte_string_fns.h>

#include "plan_internal.h"

/* Many drivers of virtual ports state only the longest frame, which ethdev enforces. */
static uint16_t
mtu_max(const struct rte_eth_dev_info *info)
{
	const uint32_t overhead = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;

	if (info->max_mtu != UINT16_MAX || info->max_rx_pktlen <= overhead)
		return info->max_mtu;
	return RTE_MIN(info->max_rx_pktlen - overhead, (uint32_t)UINT16_MAX);
}

/* Return the arguments of a device as the user wrote them; NULL: none. */
static const char *
arguments(const struct rte_eth_dev_info *info)
{
	const struct rte_devargs *devargs =
		info->device == NULL ? NULL : rte_dev_devargs(info->device);

	return devargs == NULL ? NULL : devargs->args;
}

void
tidei_info_facts(struct tide_port_facts *facts, const struct rte_eth_dev_info *info)
{
	strlcpy(facts->driver, info->driver_name == NULL ? "no driver" : info->driver_name,
		sizeof(facts->driver));
	facts->rx_queues_max = info->max_rx_queues;
	facts->tx_queues_max = info->max_tx_queues;
	facts->rx_lim = info->rx_desc_lim;
	facts->tx_lim = info->tx_desc_lim;
	facts->mtu_min = info->min_mtu;
	facts->mtu_max = mtu_max(info);
	facts->rx_bufsize_min = info->min_rx_bufsize;
	facts->rss =
		info->flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_TCP);
	facts->if_index = info->if_index;
}

int
tide_plan_read_port(
	const struct tide_topology *topo, uint16_t port_id, struct tide_port_facts *facts)
{
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(port_id, &info);

	if (rc < 0)
		return rc;
	memset(facts, 0, sizeof(*facts));
	facts->id = port_id;
	rte_eth_dev_get_name_by_port(port_id, facts->name);
	facts->node = tide_topology_port_node(topo, port_id, LCORE_ID_ANY, &facts->node_source);
	if (rte_eth_dev_get_mtu(port_id, &facts->mtu) < 0)
		facts->mtu = 0;
	tidei_info_facts(facts, &info);
	tidei_driver_facts(facts, arguments(&info));
	return 0;
}

/* All workers poll; the main lcore only when it is alone. */
static void
read_lcores(struct tide_plan_facts *facts)
{
	unsigned int id;

	facts->main_node = tide_topology_lcore_node(facts->topo, rte_get_main_lcore());
	RTE_LCORE_FOREACH (id) {
		if (id == rte_get_main_lcore() && rte_lcore_count() > 1)
			continue;
		facts->lcore[facts->nb_lcores].id = id;
		facts->lcore[facts->nb_lcores++].node = tide_topology_lcore_node(facts->topo, id);
	}
}

int
tide_plan_read(const struct tide_topology *topo, struct tide_plan_facts *facts)
{
	uint16_t id;
	int rc;

	memset(facts, 0, sizeof(*facts));
	facts->topo = topo;
	if (topo == NULL)
		return -EINVAL;
	RTE_ETH_FOREACH_DEV (id) {
		facts->port[facts->nb_ports].id = id;
		rc = tide_plan_read_port(topo, id, &facts->port[facts->nb_ports]);
		if (rc < 0)
			return rc;
		facts->nb_ports++;
	}
	read_lcores(facts);
	return 0;
}
