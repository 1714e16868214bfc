/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: what the kernel's interface below a port does to packets, unseen by any counter. */

#include <stdarg.h>
#include <unistd.h>

#include "plan.h"

/* A sentence that grows; what does not fit is cut, and counts. */
struct sentence {
	char *text;
	size_t len;
	size_t used;
};

static void __attribute__((format(printf, 2, 3))) add(struct sentence *s, const char *format, ...)
{
	size_t room = s->used < s->len ? s->len - s->used : 0;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(room == 0 ? NULL : s->text + s->used, room, format, args);
	va_end(args);
	s->used += n < 0 ? 0 : (size_t)n;
}

/*
 * The kernel hands packets from one end of a veth pair to the other unfinished: without checksums, and in
 * segments of up to 64 kB, which it leaves to a device that is not there. net_tap makes the interface itself,
 * and the kernel finishes packets for it. The other end sends the packets that come.
 * Where it cannot be asked, it is assumed to have the settings of this end: a pair is made with both alike.
 */
static bool
loses_checksums(const struct fwd_interface *interface)
{
	if (interface->peer[0] != '\0')
		return interface->peer_tx_checksum;
	return interface->veth && interface->tx_checksum;
}

static void
add_checksums(struct sentence *s, const struct fwd_interface *interface)
{
	bool known = interface->peer[0] != '\0';

	add(s,
		"; the two ends of a veth pair leave checksums and the splitting of TCP segments "
		"to each other, so that packets come unfinished and receivers drop them: ethtool "
		"-K %s tx off%s",
		known ? interface->peer : interface->name,
		known ? "" : ", and the same for its peer where that is");
}

/* Return the largest packet behind the Ethernet header that comes whole; UINT32_MAX: any that is sent. */
static uint32_t
whole_mtu(const struct tide_port_facts *facts)
{
	return facts->frame_max == 0 ? UINT32_MAX : facts->frame_max - RTE_ETHER_HDR_LEN;
}

/* The largest that the driver's whole place in a buffer allows. */
#define FRAMESZ_MAX                                                                \
	(RTE_ALIGN_FLOOR(UINT16_MAX, RTE_CACHE_LINE_SIZE) - RTE_PKTMBUF_HEADROOM + \
		TIDE_PLAN_AF_PACKET_TX_HEAD)

/*
 * Say which arguments of net_af_packet make places of so many bytes; none do where no buffer is as large. The
 * kernel takes multiples of 16 bytes, in blocks of whole pages; the number of places is a multiple of those
 * in a block.
 */
static void
add_framesz(struct sentence *s, const char *before, uint32_t bytes)
{
	uint32_t page = (uint32_t)getpagesize();
	uint32_t framesz = RTE_ALIGN(bytes, 16U);

	if (RTE_ALIGN(framesz, page) / framesz > 1)
		framesz = rte_align32pow2(framesz);
	if (framesz <= FRAMESZ_MAX)
		add(s, "%sframesz=%u,blocksz=%u in its --vdev", before, framesz,
			RTE_ALIGN(framesz, page));
}

/* Return the longest frame that a port receives. */
static uint32_t
received_max(const struct tide_plan_port *port, const struct fwd_interface *interface)
{
	const struct tide_port_facts *facts = port->facts;
	uint32_t mtu = interface->index != 0 ? interface->mtu : port->mtu;
	uint32_t frame = mtu + RTE_ETHER_HDR_LEN;

	return facts->frame_max == 0 ? frame : RTE_MIN(frame, facts->frame_max);
}

/* net_af_packet frees frames that do not fit a place in its ring when it is to send them, and counts them as sent. */
static void
add_unsent(struct sentence *s, const struct tide_plan *plan, const struct fwd_interface *interfaces,
	unsigned int port)
{
	const struct tide_port_facts *facts = plan->port[port].facts;
	uint32_t most = facts->framesz - TIDE_PLAN_AF_PACKET_TX_HEAD;

	for (unsigned int i = 0; i < plan->nb_ports && facts->framesz > TIDE_PLAN_AF_PACKET_TX_HEAD;
		i++) {
		const struct tide_plan_port *from = &plan->port[i];
		uint32_t longest = received_max(from, &interfaces[from->facts->id]);

		if (from->peer != port || longest <= most)
			continue;
		add(s,
			"; port %u passes on frames of up to %u bytes, and those above %u are "
			"dropped here, counted as sent",
			from->facts->id, longest, most);
		add_framesz(s, ": ", longest + TIDE_PLAN_AF_PACKET_TX_HEAD);
	}
}

int
fwd_plan_interface_warning(const struct tide_plan *plan, const struct fwd_interface *interfaces,
	unsigned int port, char *text, size_t len)
{
	const struct tide_port_facts *facts = plan->port[port].facts;
	const struct fwd_interface *interface = &interfaces[facts->id];
	struct sentence s = {.text = text, .len = len};
	const char *name = interface->name;
	size_t nothing;

	if (interface->index == 0)
		return -1;
	add(&s, "port %u (%s) is on interface %s", facts->id, facts->name, name);
	nothing = s.used;
	if (loses_checksums(interface))
		add_checksums(&s, interface);
	if (interface->merges && facts->frame_max != 0)
		add(&s,
			"; it joins received frames, and the bytes above %u of one are cut off: "
			"ethtool "
			"-K %s gro off lro off",
			facts->frame_max, name);
	if (interface->mtu > whole_mtu(facts))
		add(&s,
			"; its MTU is %u, and the bytes above %u of a frame are cut off: ip link "
			"set "
			"dev %s mtu %u",
			interface->mtu, facts->frame_max, name, whole_mtu(facts));
	if (interface->mtu > whole_mtu(facts) && facts->framesz != 0)
		add_framesz(&s, ", or ",
			interface->mtu + RTE_ETHER_HDR_LEN + TIDE_PLAN_AF_PACKET_RX_HEAD);
	add_unsent(&s, plan, interfaces, port);
	return s.used == nothing ? -1 : 0;
}

int
fwd_plan_interface_note(const struct tide_plan *plan, const struct fwd_interface *interfaces,
	unsigned int port, char *text, size_t len)
{
	const struct tide_port_facts *facts = plan->port[port].facts;
	const struct fwd_interface *interface = &interfaces[facts->id];
	struct sentence s = {.text = text, .len = len};

	if (interface->index == 0 || !interface->veth || interface->peer[0] != '\0' ||
		interface->tx_checksum)
		return -1;
	add(&s,
		"port %u (%s) is on interface %s, whose peer is in another network namespace and "
		"cannot be asked: TCP connects only after ethtool -K ... tx off there too",
		facts->id, facts->name, interface->name);
	return 0;
}
