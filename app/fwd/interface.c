/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (c) 2026, the tidepool authors */

/* tide-fwd: asks the kernel about its interfaces, with ioctls that need no privilege. */

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <stdalign.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "interface.h"

static int
open_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

/* Return the value of a feature, 0 where the kernel does not tell. */
static uint32_t
feature(int fd, struct ifreq *request, uint32_t command)
{
	struct ethtool_value value = {.cmd = command};

	request->ifr_data = (char *)&value;
	return ioctl(fd, SIOCETHTOOL, request) < 0 ? 0 : value.data;
}

static bool
is_veth(int fd, struct ifreq *request)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

	request->ifr_data = (char *)&info;
	return ioctl(fd, SIOCETHTOOL, request) == 0 && strcmp(info.driver, "veth") == 0;
}

/*
 * Return the index of the other end of a pair; 0: it is in another network namespace, or the kernel does not tell. The
 * macros of the kernel take away const, which clang warns of.
 */
static unsigned int
peer_in(struct nlmsghdr *answer, ssize_t len)
{
	unsigned int peer = 0;
	struct rtattr *attr;
	int left;

	if (!NLMSG_OK(answer, len) || answer->nlmsg_type != RTM_NEWLINK)
		return 0;
	attr = IFLA_RTA(NLMSG_DATA(answer));
	left = (int)IFLA_PAYLOAD(answer);
	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left)) {
		if (attr->rta_type == IFLA_LINK_NETNSID)
			return 0;
		if (attr->rta_type == IFLA_LINK && RTA_PAYLOAD(attr) == sizeof(peer))
			memcpy(&peer, RTA_DATA(attr), sizeof(peer));
	}
	return peer;
}

static unsigned int
peer_of(unsigned int index)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} request = {
		.header = {.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST},
		.link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)index},
	};
	alignas(struct nlmsghdr) char answer[32768];
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	unsigned int peer = 0;

	if (fd < 0)
		return 0;
	if (send(fd, &request, sizeof(request), 0) == (ssize_t)sizeof(request))
		peer = peer_in((struct nlmsghdr *)answer, recv(fd, answer, sizeof(answer), 0));
	close(fd);
	return peer;
}

static void
read_peer(int fd, struct fwd_interface *interface)
{
	struct ifreq request = {.ifr_ifindex = (int)peer_of(interface->index)};

	if (request.ifr_ifindex == 0 || ioctl(fd, SIOCGIFNAME, &request) < 0)
		return;
	memcpy(interface->peer, request.ifr_name, sizeof(interface->peer));
	interface->peer_tx_checksum = feature(fd, &request, ETHTOOL_GTXCSUM) != 0;
}

void
fwd_interface_read(struct fwd_interface *interface, unsigned int index)
{
	struct ifreq request = {.ifr_ifindex = (int)index};
	int fd = open_socket();

	memset(interface, 0, sizeof(*interface));
	if (fd < 0)
		return;
	if (index != 0 && ioctl(fd, SIOCGIFNAME, &request) == 0) {
		interface->index = index;
		memcpy(interface->name, request.ifr_name, sizeof(interface->name));
		if (ioctl(fd, SIOCGIFMTU, &request) == 0)
			interface->mtu = (uint32_t)request.ifr_mtu;
		interface->veth = is_veth(fd, &request);
		interface->tx_checksum = feature(fd, &request, ETHTOOL_GTXCSUM) != 0;
		interface->merges = feature(fd, &request, ETHTOOL_GGRO) != 0 ||
		                    (feature(fd, &request, ETHTOOL_GFLAGS) & ETH_FLAG_LRO) != 0;
		if (interface->veth)
			read_peer(fd, interface);
	}
	close(fd);
}

static enum fwd_interface_state
ask_state(int fd, unsigned int index)
{
	struct ifreq request = {.ifr_ifindex = (int)index};

	if (ioctl(fd, SIOCGIFNAME, &request) < 0)
		return errno == ENODEV ? FWD_INTERFACE_GONE : FWD_INTERFACE_UNKNOWN;
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return FWD_INTERFACE_UNKNOWN;
	return (request.ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING)
	               ? FWD_INTERFACE_UP
	               : FWD_INTERFACE_DOWN;
}

enum fwd_interface_state
fwd_interface_state(unsigned int index)
{
	enum fwd_interface_state state = FWD_INTERFACE_UNKNOWN;
	int fd = open_socket();

	if (fd < 0)
		return state;
	state = ask_state(fd, index);
	close(fd);
	return state;
}
