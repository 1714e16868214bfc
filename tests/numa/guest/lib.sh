# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
# shellcheck shell=bash
#
# For claims, on top of tests/support/lib.sh: the guest's nodes and NICs, tide-fwd on them, its memory as
# the kernel sees it. A claim sources it, does its work and ends with `passed`.

. /run/lab/env
export TMPDIR=/tmp XDG_RUNTIME_DIR=/run
. "$LAB_ROOT/tests/support/lib.sh"

node_root=/sys/devices/system/node
where=$LAB_BUILD/tests/numa/where

# node_cpus NODE: its CPUs as a list.
node_cpus() {
	cat "$node_root/node$1/cpulist"
}

# node_of_cpu CPU
node_of_cpu() {
	local d

	for d in "$node_root"/node[0-9]*; do
		[ -e "$d/cpu$1" ] && echo "${d##*/node}"
	done
}

# devices: EAL arguments that name the NICs under test, in devices[].
devices() {
	local address

	devices=()
	for address in "${LAB_NICS[@]}"; do
		devices+=(-a "$address")
	done
}

# start_fwd NAME EAL_ARGUMENT... -- OPTION...: start tide-fwd on all NICs; wait until every port is up.
start_fwd() {
	local name=$1 eal=() i

	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		eal+=("$1")
		shift
	done
	[ $# -eq 0 ] || shift
	if [ "${LAB_BREAK:-}" = wrong-pool ]; then
		set -- "$@" --pool-node 1:0
	fi
	devices
	spawn "$name" "$fwd" "${eal[@]}" --file-prefix "$prefix" "${devices[@]}" -- --json "$@"
	for ((i = 0; i < ${#LAB_NICS[@]}; i++)); do
		says "$name" "^link: port $i .* is up" 40
	done
}

# pages NAME NODE: where the pages of the pool on that node are, by the kernel: "NODE PAGES" lines. The
# address is from tide-fwd, the answer is not.
pages() {
	local pid=pid_$1 line from to step

	line=$(grep -aE "^pool of node $2: .* memory 0x" "$work/$1.out" | head -n 1)
	[[ $line =~ memory\ (0x[0-9a-f]+)-(0x[0-9a-f]+) ]] || broken "$1 does not say where its pool of node $2 is"
	from=${BASH_REMATCH[1]} to=${BASH_REMATCH[2]} step=4096
	"$where" "${!pid}" "$from" "$to" "$step"
}

# peer_iface I: the guest kernel's interface at the other end of NIC I.
peer_iface() {
	local d

	for d in /sys/class/net/*; do
		[ "$(<"$d/address")" = "${LAB_PEER_MACS[$1]}" ] && echo "${d##*/}"
	done
}

# join I: network namespace host$I with the peer of NIC I in it, at 10.0.0.(I+1).
join() {
	local iface holder=pid_host$1

	iface=$(peer_iface "$1")
	[ -n "$iface" ] || broken "NIC $1 has no peer"
	netns "host$1"
	ip link set "$iface" netns "${!holder}"
	in_netns "host$1" ip address add "10.0.0.$(($1 + 1))/24" dev "$iface"
	in_netns "host$1" ethtool -K "$iface" rx off tx off sg off tso off gso off gro off >/dev/null 2>&1
	in_netns "host$1" ip link set "$iface" up
}
