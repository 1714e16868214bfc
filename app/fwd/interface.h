/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */
#ifndef FWD_INTERFACE_H
#define FWD_INTERFACE_H

/*
 * The interface of the kernel below a virtual port (net_af_packet, net_af_xdp, net_pcap, net_tap), as the
 * kernel tells of it: its driver may know less, or state constants.
 */

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct fwd_interface {
	unsigned int index; /* As the kernel numbers it; 0: the port has none. */
	char name[IF_NAMESIZE];
	uint32_t mtu;
	bool veth; /* One end of a pair: the work that it offloads is not done at all. */
	bool tx_checksum; /* The kernel leaves checksums to the interface. */
	/* The other end of a veth pair, "" when it is in another network namespace and cannot be asked. */
	char peer[IF_NAMESIZE];
	bool peer_tx_checksum; /* Packets that come from the other end lack their checksums. */
	bool merges; /* It joins received frames to longer ones (GRO, LRO). */
};

/* How an interface is now. */
enum fwd_interface_state {
	FWD_INTERFACE_UP,
	FWD_INTERFACE_DOWN, /* Switched off, or without a carrier. */
	FWD_INTERFACE_GONE, /* Deleted, or moved to another network namespace. */
	FWD_INTERFACE_UNKNOWN, /* The kernel was not to be asked. */
};

/* Ask about the interface of that index; what the kernel does not tell is 0 or false. */
void fwd_interface_read(struct fwd_interface *interface, unsigned int index);

/* One system call or two; from any thread. */
enum fwd_interface_state fwd_interface_state(unsigned int index);

#endif /* FWD_INTERFACE_H */
