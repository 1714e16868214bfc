/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: ports from probed to running and back. */

#include <string.h>

#include <rte_ethdev.h>

#include "port.h"
#include "tide_eal.h"

static void
fill_conf(const struct tide_plan_port *port, const struct rte_eth_dev_info *info,
	struct rte_eth_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	conf->rxmode.mtu = port->mtu;
	conf->intr_conf.lsc = (*info->dev_flags & RTE_ETH_DEV_INTR_LSC) != 0;
	if (port->scatter) {
		conf->rxmode.offloads |= info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
		conf->txmode.offloads |= info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	} else {
		/* A transmit queue sees one pool only, that of its peer, and no shared buffers. */
		conf->txmode.offloads |= info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	}
	if (port->rss != 0) {
		conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf->rx_adv_conf.rss_conf.rss_hf = port->rss;
	}
}

/* "port 0 (net_null0) cannot ...: reason" */
static int
refused(const struct fwd_port *port, const char *what, int rc, const char *hint,
	struct app_error *err)
{
	return app_fail(err, APP_EXIT_RUN, "port %u (%s) %s: %s%s%s", port->plan->facts->id,
		port->plan->facts->name, what, strerror(-rc), hint[0] == '\0' ? "" : "; ", hint);
}

/* Bytes of a descriptor and of what a driver notes about it; some reserve the longest ring. */
#define DESC_BYTES 128

/* Return the node whose memory the descriptors of a port are requested from. */
static unsigned int
ring_socket(const struct tide_plan *plan, const struct tide_plan_port *port)
{
	size_t bytes = (size_t)plan->queues * (port->rx_desc + port->tx_desc) * DESC_BYTES;

	return (unsigned int)tide_eal_heap_near(plan->topo, port->node, bytes);
}

static const char *
rx_hint(const struct fwd_port *port)
{
	if (strcmp(port->plan->facts->driver, "net_af_xdp") == 0)
		return "it takes 2048 buffers for each queue, with any --rx-desc: more "
		       "--buffers may "
		       "help, or a number of queues (--queues, and its queue_count) that the "
		       "interface has";
	return "larger buffers (--buffer-size) or fewer descriptors (--rx-desc) may help";
}

static int
set_up_queues(struct fwd_port *port, const struct tide_plan *plan, const struct rte_eth_conf *conf,
	struct app_error *err)
{
	uint16_t id = port->plan->facts->id;
	unsigned int node = ring_socket(plan, port->plan);
	struct rte_eth_dev_info info;
	int rc = rte_eth_dev_info_get(id, &info);

	if (rc < 0)
		return refused(port, "cannot be asked again", rc, "", err);
	info.default_rxconf.offloads = conf->rxmode.offloads;
	info.default_txconf.offloads = conf->txmode.offloads;
	for (uint16_t q = 0; q < plan->queues; q++) {
		rc = rte_eth_rx_queue_setup(
			id, q, port->plan->rx_desc, node, &info.default_rxconf, port->mp);
		if (rc < 0)
			return refused(port, "refuses a receive queue", rc, rx_hint(port), err);
		rc = rte_eth_tx_queue_setup(id, q, port->plan->tx_desc, node, &info.default_txconf);
		if (rc < 0)
			return refused(port, "refuses a transmit queue", rc,
				"fewer descriptors (--tx-desc) may help", err);
	}
	return 0;
}

/* Drivers of virtual ports often have no such switch: they take any address. */
static int
set_promiscuous(struct fwd_port *port, const struct fwd_options *opts, struct app_error *err)
{
	uint16_t id = port->plan->facts->id;
	int rc = opts->promiscuous ? rte_eth_promiscuous_enable(id)
	                           : rte_eth_promiscuous_disable(id);

	if (rc < 0 && rc != -ENOTSUP)
		return refused(port, "cannot change promiscuous mode", rc, "", err);
	return 0;
}

static int
set_mtu(struct fwd_port *port, const struct fwd_options *opts, struct app_error *err)
{
	int rc;

	if (opts->mtu == 0)
		return 0;
	rc = rte_eth_dev_set_mtu(port->plan->facts->id, port->plan->mtu);
	/* Not supported: the driver has no limit of its own, its configuration took the value. */
	if (rc < 0 && rc != -ENOTSUP)
		return refused(port, "refuses the --mtu", rc, "give a smaller one", err);
	return 0;
}

static int
bring_up(struct fwd_port *port, const struct tide_plan *plan, const struct fwd_options *opts,
	struct app_error *err)
{
	uint16_t id = port->plan->facts->id;
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	int rc = rte_eth_dev_info_get(id, &info);

	if (rc < 0)
		return refused(port, "cannot be asked again", rc, "", err);
	fill_conf(port->plan, &info, &conf);
	rc = rte_eth_dev_configure(id, plan->queues, plan->queues, &conf);
	if (rc < 0)
		return refused(port, "cannot be configured", rc, "", err);
	port->state = FWD_PORT_CONFIGURED;
	if (set_mtu(port, opts, err) < 0 || set_up_queues(port, plan, &conf, err) < 0)
		return -1;
	rc = rte_eth_dev_start(id);
	if (rc < 0)
		return refused(port, "cannot be started", rc, "", err);
	port->state = FWD_PORT_STARTED;
	rc = rte_eth_macaddr_get(id, &port->mac);
	if (rc < 0)
		return refused(port, "has no address", rc, "", err);
	return set_promiscuous(port, opts, err);
}

int
fwd_port_open(struct fwd_port *port, const struct tide_plan *plan, const struct fwd_options *opts,
	struct app_error *err)
{
	if (bring_up(port, plan, opts, err) == 0)
		return 0;
	fwd_port_close(port);
	return -1;
}

void
fwd_port_close(struct fwd_port *port)
{
	uint16_t id = port->plan->facts->id;
	int rc = 0;

	if (port->state == FWD_PORT_UNTOUCHED || port->state == FWD_PORT_CLOSED)
		return;
	if (port->state == FWD_PORT_STARTED)
		rc = rte_eth_dev_stop(id);
	if (rc == 0)
		rc = rte_eth_dev_close(id);
	port->state = rc == 0 ? FWD_PORT_CLOSED : FWD_PORT_STUCK;
	port->close_error = rc;
}

bool
fwd_port_link(struct fwd_port *port)
{
	const struct tide_port_facts *facts = port->plan->facts;
	enum fwd_interface_state state = FWD_INTERFACE_UNKNOWN;
	struct rte_eth_link link;
	bool changed;

	if (facts->if_index != 0)
		state = fwd_interface_state(facts->if_index);
	if (state == FWD_INTERFACE_GONE) {
		changed = !port->gone;
		port->gone = true;
		port->link_known = false;
		return changed;
	}
	port->gone = false;
	/*
	 * Drivers with link interrupts keep the state themselves, so this reads no register there.
	 */
	if (rte_eth_link_get_nowait(facts->id, &link) < 0)
		return false;
	/* Some state a constant. */
	if (state == FWD_INTERFACE_DOWN)
		link.link_status = RTE_ETH_LINK_DOWN;
	changed = !port->link_known || link.link_status != port->link.link_status ||
	          (link.link_status != 0 && link.link_speed != port->link.link_speed);
	port->link = link;
	port->link_known = true;
	return changed;
}
