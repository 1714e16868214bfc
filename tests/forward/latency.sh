#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# latency.sh: tide-fwd measures what a miss costs when told to, or when a port is polled from another node; a
# figure that cannot be had leaves the warning as it is, and one line says why.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

eal_on nohuge "$prefix" 64
eal=("${eal_args[@]}" --vdev=net_null0 --vdev=net_null1)

# dry OPTION...: a dry run ends well.
dry() {
	timeout -k 5 30 "$fwd" --lcores "$(lcores 2)" "${eal[@]}" -- --dry-run --json "$@" \
		>"$work/dry.out" 2>"$work/dry.err" || broken "tide-fwd $* did not end well"
	no_run_time_dir "$prefix"
}

# Of virtual ports, none is on another node than its lcore.
dry
result dry 'all(p["penalty_ns"] is None for p in ports)'
! file_says "$work/dry.out" '^a miss on node' || broken "it measured though nothing is remote"
dry --measure-latency off
result dry 'all(p["penalty_ns"] is None for p in ports)'
dry --measure-latency on
result dry 'all(p["penalty_ns"] == 0 for p in ports)'
file_says "$work/dry.out" '^a miss on node ([0-9]+) takes lcores of node \1 [1-9][0-9]* ns$' ||
	broken "it did not measure though it was told to"

# A machine whose node 1 is on paper only: its CPU is real, its memory is not.
paper_node() {
	local nodes=/sys/devices/system/node
	local n=$work/nodes

	[ "$(cat $nodes/online)" = 0 ] || { say "not tried: this machine is not one node"; return 1; }
	[ "$(nproc)" -ge 2 ] || { say "not tried: one CPU"; return 1; }
	is_root && unshare --mount true 2>/dev/null || { say "not tried, needs root: a node on paper"; return 1; }
	mkdir -p "$n/node0/cpu$cpu0" "$n/node1/cpu$cpu1"
	echo 0-1 >"$n/online"
	echo "$cpu0" >"$n/node0/cpulist"
	echo "$cpu1" >"$n/node1/cpulist"
	echo '10 20' >"$n/node0/distance"
	echo '20 10' >"$n/node1/distance"
	sed 's/Node 0/Node 1/' $nodes/node0/meminfo >"$n/node1/meminfo"
	cp $nodes/node0/meminfo "$n/node0/meminfo"
	sed "s/^Mems_allowed_list:.*/Mems_allowed_list:\t0-1/" /proc/self/status >"$work/status"
}

# paper OPTION...: a dry run there; port 0 is said to be on node 1, its lcore is on node 0.
paper() {
	timeout -k 5 30 unshare --mount sh -c '
		mount --bind "$1" /sys/devices/system/node && mount --bind "$2" "/proc/$$/status" || exit 99
		shift 2
		exec "$@"' sh "$work/nodes" "$work/status" \
		"$fwd" --lcores "0@$cpu0" "${eal[@]}" -- --dry-run --json --port-node '(0,1)' "$@" \
		>"$work/paper.out" 2>"$work/paper.err" || broken "tide-fwd $* did not end well on paper"
	[ "$(grep -c 'warning: port 0 .* is on node 1 but polled by lcore' "$work/paper.err")" -eq 1 ] ||
		broken "it does not warn once"
	file_says "$work/paper.err" 'on node 0; lcores on CPUs' || broken "the warning has a figure"
	result paper 'all(p["penalty_ns"] is None for p in ports if p["port"] == 0)'
	no_run_time_dir "$prefix"
}

IFS=,@ read -r _ cpu0 _ cpu1 <<<"$(lcores 2)"
if paper_node; then
	paper
	[ "$(grep -c 'from node 0 to node 1 not measured: ' "$work/paper.err")" -eq 1 ] ||
		broken "it does not say once why there is no figure"
	paper --measure-latency off
	! file_says "$work/paper.err" 'not measured' || broken "it measured though it was told not to"
fi
passed
