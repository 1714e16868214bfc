/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/*
 * To be preloaded: a driver with faults, on top of one without. All ports must have the same driver.
 *
 * While the file $TIDE_HANG exists, receiving does not return. While $TIDE_LEAK exists, received packets are
 * kept. $TIDE_KEEP is a number of buffers that each receive queue takes when it is set up and never returns.
 */

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define EXPORT __attribute__((visibility("default")))

static eth_rx_burst_t receive;

static bool
wanted(const char *variable)
{
	const char *file = getenv(variable);

	return file != NULL && access(file, F_OK) == 0;
}

static uint16_t
sick_receive(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t got;

	while (wanted("TIDE_HANG"))
		usleep(1000);
	got = receive(queue, pkts, n);
	return wanted("TIDE_LEAK") ? 0 : got;
}

EXPORT int
rte_eth_dev_start(uint16_t id)
{
	int (*start)(uint16_t) = dlsym(RTLD_NEXT, "rte_eth_dev_start");
	int rc = start(id);

	if (rc == 0 && (getenv("TIDE_HANG") != NULL || getenv("TIDE_LEAK") != NULL)) {
		receive = rte_eth_fp_ops[id].rx_pkt_burst;
		rte_eth_fp_ops[id].rx_pkt_burst = sick_receive;
	}
	return rc;
}

EXPORT int
rte_eth_rx_queue_setup(uint16_t id, uint16_t queue, uint16_t nb, unsigned int socket,
	const struct rte_eth_rxconf *conf, struct rte_mempool *mp)
{
	int (*set_up)(uint16_t, uint16_t, uint16_t, unsigned int, const struct rte_eth_rxconf *,
		struct rte_mempool *) = dlsym(RTLD_NEXT, "rte_eth_rx_queue_setup");
	int keep = getenv("TIDE_KEEP") == NULL ? 0 : atoi(getenv("TIDE_KEEP"));
	int rc = set_up(id, queue, nb, socket, conf, mp);

	while (rc == 0 && keep-- > 0)
		rte_pktmbuf_alloc(mp);
	return rc;
}
