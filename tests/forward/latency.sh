#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# latency.sh: tide-fwd measures what a miss costs when told to, or when a port is polled from another node; a
# figure that cannot be had leaves the warning unchanged, and one line says why.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"
. "$root/tests/support/paper.sh"

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

# paper OPTION...: a dry run there; port 0 is said to be on node 1, its lcore is on node 0.
paper() {
	on_paper "$fwd" --lcores "0@$cpu0" "${eal[@]}" -- --dry-run --json --port-node '(0,1)' "$@" \
		>"$work/paper.out" 2>"$work/paper.err" || broken "tide-fwd $* did not end well on paper"
	[ "$(grep -c 'warning: port 0 .* is on node 1 but polled by lcore' "$work/paper.err")" -eq 1 ] ||
		broken "it does not warn once"
	file_says "$work/paper.err" 'on node 0; lcores on CPUs' || broken "the warning has a figure"
	result paper 'all(p["penalty_ns"] is None for p in ports if p["port"] == 0)'
	no_run_time_dir "$prefix"
}

# A machine whose node 1 is on paper only: its CPU is real, its memory is not.
IFS=,@ read -r _ cpu0 _ cpu1 <<<"$(lcores 2)"
if paper_can; then
	paper_node 0 "$cpu0" '10 20'
	paper_node 1 "$cpu1" '20 10'
	paper_mems 0-1 0-1
	paper
	[ "$(grep -c 'from node 0 to node 1 not measured: ' "$work/paper.err")" -eq 1 ] ||
		broken "it does not say once why there is no figure"
	paper --measure-latency off
	! file_says "$work/paper.err" 'not measured' || broken "it measured though it was told not to"
fi
passed
