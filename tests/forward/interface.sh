#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# interface.sh: what the kernel's interface below a port does to packets is told at the start, with the
# commands that help, and they do; of an interface that is gone nothing is claimed.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

need_root "network namespaces"
bulk=$root/tests/support/bulk.py
eal_on nohuge "$prefix" 256
netns lab
netns left
netns right
# As the kernel makes them: no ethtool.
raw_wire() {
	local holder=pid_$1

	in_netns lab ip link add "$3" type veth peer name eth0 netns "${!holder}" &&
		in_netns "$1" ip address add "$2" dev eth0 && in_netns "$1" ip link set eth0 up &&
		in_netns lab ip link set "$3" up
}
raw_wire left 10.79.0.1/24 tide0 && raw_wire right 10.79.0.2/24 tide1 || skip "no veth pairs here"

# forward NAME: with both streams in one file.
program() {
	exec nsenter "$(netns_of lab)" "$fwd" --lcores "$(lcores 2)" "${eal_args[@]}" \
		--vdev=net_af_packet0,iface=tide0 --vdev=net_af_packet1,iface=tide1 -- --mode io --json 2>&1
}

listening() {
	in_netns right ss -Hlnt 2>/dev/null | grep -q ':5201 '
}
spawn serve nsenter "$(netns_of right)" $python "$bulk" serve 0.0.0.0 5201
within 10 listening || broken "the receiver does not listen"

# transfers: a small file goes from left to right.
transfers() {
	in_netns left timeout 8 $python "$bulk" send 10.79.0.2 5201 $((1 << 20)) 0 >"$work/send.out" 2>&1
}

in_netns lab ip link set tide0 mtu 9000
spawn warned program
says warned 'port 1: rx [0-9]+,'
file_says "$work/warned.out" 'warning: port 0 .*ethtool -K tide0 tx off' || broken "the lost checksums of tide0 are not told"
file_says "$work/warned.out" 'warning: port 1 .*ethtool -K tide1 tx off' || broken "the lost checksums of tide1 are not told"
file_says "$work/warned.out" 'its MTU is 9000, .* ip link set dev tide0 mtu 1968' || broken "a large MTU is not told"
! file_says "$work/warned.out" 'dev tide1 mtu' || broken "an MTU of 1500 is told"
! transfers || broken "TCP connects with the kernel's defaults: the warning is not true here"
stopped warned TERM "$prefix"

# What the warning says, on both ends.
in_netns lab ip link set dev tide0 mtu 1500
if have ethtool; then
	for i in tide0 tide1; do
		in_netns lab ethtool -K $i tx off >/dev/null 2>&1
	done
	for side in left right; do
		in_netns $side ethtool -K eth0 tx off >/dev/null 2>&1
	done
	spawn plain program
	says plain 'port 1: rx [0-9]+,'
	! file_says "$work/plain.out" 'warning' || broken "there is a warning although all was done"
	within 20 transfers || broken "TCP does not connect although all was done"
	file_says "$work/plain.out" '^tide-fwd: port 0 .* tide0, whose peer is in another network namespace' ||
		broken "it does not say that the peer of tide0 cannot be asked"
	in_netns lab ethtool -K tide1 gro on >/dev/null 2>&1
	stopped plain TERM "$prefix"
	if in_netns lab ethtool -k tide1 | grep -q 'generic-receive-offload: on'; then
		spawn merging program
		says merging 'ethtool -K tide1 gro off lro off'
		says merging 'port 1: rx [0-9]+,'
		stopped merging TERM "$prefix"
	fi
fi

# Longer places in its ring: the buffers follow.
longer() {
	exec nsenter "$(netns_of lab)" "$fwd" --lcores "$(lcores 2)" "${eal_args[@]}" \
		--vdev=net_af_packet0,iface=tide0,framesz=4096 -- --mode io --json 2>&1
}
spawn longer longer
says longer 'port 0: rx [0-9]+,'
stopped longer TERM "$prefix"

# Both ends of a pair in one namespace: the other end counts, and is named.
in_netns lab ip link add tide2 type veth peer name far2 && in_netns lab ip link set tide2 up &&
	in_netns lab ip link set far2 up || broken "no further veth pair"
if have ethtool; then
	in_netns lab ethtool -K tide2 tx off >/dev/null 2>&1
	near() {
		exec nsenter "$(netns_of lab)" "$fwd" --lcores "$(lcores 2)" "${eal_args[@]}" \
			--vdev=net_af_packet0,iface=tide2 -- --mode io --json 2>&1
	}
	spawn near near
	says near 'port 0: rx [0-9]+,'
	file_says "$work/near.out" 'warning: port 0 .*ethtool -K far2 tx off' ||
		broken "the lost checksums of the other end are not told"
	stopped near TERM "$prefix"
	in_netns lab ethtool -K far2 tx off >/dev/null 2>&1
	spawn both near
	says both 'port 0: rx [0-9]+,'
	! file_says "$work/both.out" 'warning|another network namespace' || broken "both ends are set, and it warns"
	stopped both TERM "$prefix"
fi

# An interface that goes down, and one that goes away.
spawn going program
says going 'link: port 1 net_af_packet1 is up'
in_netns lab ip link set tide1 down
says going 'link: port 1 net_af_packet1 is down'
in_netns lab ip link set tide1 up
within 20 eval '[ "$(grep -ac "link: port 1 net_af_packet1 is up" "$work/going.out")" -ge 2 ]' ||
	broken "the link came up and nothing said so"
in_netns lab ip link del tide1
says going 'link: port 1 net_af_packet1 is unknown: its interface tide1 is gone'
says going 'port 1: rx .* missed unknown'
kill -TERM "$pid_going"
ends going 30 0
result going 'ports[1]["drops"]["missed"] is None' 'ports[0]["drops"]["missed"] == 0'
file_says "$work/going.out" 'drops: no buffer 0, missed unknown' || broken "the summary claims to know what was missed"
passed
