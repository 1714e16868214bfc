#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# link.sh: a link that goes down and up again is shown, and forwarding goes on without a restart.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

need_root "tap devices"
[ -c /dev/net/tun ] || skip "no /dev/net/tun here"
eal_on nohuge "$prefix" 128
netns lab

spawn fwd nsenter "$(netns_of lab)" "$fwd" --lcores "$(lcores 2)" "${eal_args[@]}" \
	--vdev=net_tap0,iface=tide0 --vdev=net_null0 -- --json
says fwd 'link: port 0 net_tap0 is up'
says fwd 'port 0: rx [0-9]+, tx [1-9][0-9]+,'
for round in 1 2; do
	count() {
		[ "$(grep -ac "link: port 0 net_tap0 is $1" "$work/fwd.out")" -ge "$2" ]
	}
	in_netns lab ip link set tide0 down
	within 20 count down $round || broken "the link went down and nothing said so"
	in_netns lab ip link set tide0 up
	within 20 count up $((round + 1)) || broken "the link came up and nothing said so"
done
# Forwarded after the last change: more than at the moment of it.
sent() {
	in_netns lab awk '$1 == "tide0:" { print $3 }' /proc/net/dev
}
was=$(sent)
more() {
	[ "$(sent)" -gt "$was" ]
}
within 20 more || broken "nothing is forwarded after the link went up again"
stopped fwd TERM "$prefix"
passed
