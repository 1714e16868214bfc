/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_PORT_H
#define FWD_PORT_H

/*
 * Ports: their way from probed to running and back.
 */

#include "plan.h"

/* How far a port has come. */
enum fwd_port_state {
	FWD_PORT_UNTOUCHED,
	FWD_PORT_CONFIGURED,
	FWD_PORT_STARTED,
	FWD_PORT_CLOSED,
	FWD_PORT_STUCK, /* It refused to stop or close. */
};

struct fwd_port {
	const struct tide_plan_port *plan;
	const struct fwd_interface *interface; /* Of the kernel, below it. */
	struct rte_mempool *mp; /* Of its node; its receive queues draw from it. */
	struct rte_ether_addr mac;
	enum fwd_port_state state;
	struct rte_eth_link link; /* As last looked at. */
	bool gone; /* The interface of the kernel below it is. */
	bool link_known; /* False before the first look, and where the driver cannot tell. */
	uint64_t drained; /* Packets freed unforwarded when the program stopped. */
	int close_error; /* Negative errno when STUCK. */
};

/* Configure, set up queues, start. On failure the port is closed again. */
int fwd_port_open(struct fwd_port *port, const struct tide_plan *plan,
	const struct fwd_options *opts, struct app_error *err);

/* Stop and close; what the driver holds goes back to its pools. */
void fwd_port_close(struct fwd_port *port);

/* Look at the link without waiting; true when it is another than at the last look. */
bool fwd_port_link(struct fwd_port *port);

#endif /* FWD_PORT_H */
