/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* Knows the drivers that take more buffers, or larger ones, than ethdev tells. */

#include <stdlib.h>
#include <string.h>

#include "plan_internal.h"
#include "topology_friend.h"

/*
 * net_vmxnet3 keeps two rings per receive queue and fills both (two cmd_ring in its vmxnet3_rx_queue_t):
 * 1,024 requested descriptors hold 2,046 buffers.
 */
#define VMXNET3_RINGS 2

/*
 * Buffers that a queue of net_af_xdp takes when it is set up, and may have on the way out, for any number of
 * requested descriptors (ETH_AF_XDP_DFLT_NUM_DESCS in its source).
 */
#define AF_XDP_HELD 2048

/* Bytes of a place in the ring of net_af_packet without the argument (DFLT_FRAME_SIZE in its source). */
#define AF_PACKET_FRAMESZ 2048

static bool
is(const struct tide_port_facts *port, const char *driver)
{
	return strcmp(port->driver, driver) == 0;
}

unsigned int
tidei_driver_rx_rings(const struct tide_port_facts *port)
{
	return is(port, "net_vmxnet3") ? VMXNET3_RINGS : 1;
}

uint32_t
tidei_driver_held(const struct tide_port_facts *port, uint32_t desc)
{
	return is(port, "net_af_xdp") ? RTE_MAX(desc, (uint32_t)AF_XDP_HELD) : desc;
}

/* The driver cuts a received frame that does not fit its place, and takes buffers for a whole place only. */
static void
af_packet_facts(struct tide_port_facts *port, const char *args)
{
	char value[16];

	port->framesz = AF_PACKET_FRAMESZ;
	if (tidei_devargs_value(args, "framesz", value, sizeof(value)) != NULL)
		port->framesz = (uint32_t)strtoul(value, NULL, 10);
	if (port->framesz <= TIDE_PLAN_AF_PACKET_RX_HEAD)
		return;
	port->frame_max = port->framesz - TIDE_PLAN_AF_PACKET_RX_HEAD;
	port->rx_bufsize_min = port->framesz - TIDE_PLAN_AF_PACKET_TX_HEAD;
}

void
tidei_driver_facts(struct tide_port_facts *port, const char *args)
{
	if (is(port, "net_af_packet"))
		af_packet_facts(port, args);
	else if (is(port, "net_af_xdp"))
		port->frame_max = port->mtu_max + RTE_ETHER_HDR_LEN;
}
