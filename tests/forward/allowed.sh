#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# allowed.sh: nodes whose memory this process may not use, and memory without CPUs, as tide-fwd meets them.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"
. "$root/tests/support/paper.sh"

eal_on nohuge "$prefix" 64
eal=("${eal_args[@]}" --vdev=net_null0 --vdev=net_null1)
IFS=,@ read -r _ cpu0 _ cpu1 <<<"$(lcores 2)"
paper_can || skip "nothing of this can be tried here"

# Node 0 is real; node 1 has a CPU and is not in Mems_allowed; node 2 is memory alone.
paper_node 0 "$cpu0" '10 21 17'
paper_node 1 "$cpu1" '21 10 28'
paper_node 2 - '17 28 10'
paper_mems 0-2 0,2

# start CODE OPTION...: run it there.
start() {
	local code=$1 rc

	shift
	on_paper "$fwd" --lcores "0@$cpu0" "${eal[@]}" -- --json "$@" \
		>"$work/fwd.out" 2>"$work/fwd.err" </dev/null
	rc=$?
	[ $rc -eq "$code" ] || broken "tide-fwd $* ended with $rc, expected $code"
	no_run_time_dir "$prefix"
}

# err_says REGEX: once on stderr.
err_says() {
	[ "$(grep -Ec "$1" "$work/fwd.err")" -eq 1 ] || broken "it does not say once: $1"
}

start 0 --dry-run
! file_says "$work/fwd.err" 'warning' || broken "it warns though nothing is elsewhere"
result fwd 'ports_elsewhere == 0'
result fwd 'tiers[0]["node"] == 2 and tiers[0]["near"] == 0'
result fwd 'all(pool["node"] == 0 for pool in pools)'
file_says "$work/fwd.out" '^node 2 has [0-9]+ MB of memory and no CPUs \(distance 17 from node 0\): no worker' ||
	broken "memory without CPUs is not offered"

# Best effort: forwards with buffers of the nearest node, says so, counts it.
start 0 --duration 1 --stats 0 --port-node '(0,1)'
err_says 'warning: the buffers of port 0 .* belong on node 1, .* not in Mems_allowed: widen .* node 0, the nearest by distance \(21\)'
result fwd 'ports_elsewhere == 1 and pages_elsewhere == 0'
result fwd 'ports[0]["pool_requested"] == 1 and ports[0]["pool_reason"] == "nearest"' \
	'all(p["pool_node"] == 0 for p in ports)'
all_back fwd

# Strict: no start, no port touched.
start 1 --duration 1 --strict --page 4K --port-node '(0,1)'
err_says '^tide-fwd: --strict: the buffers of port 0 .* belong on node 1, .* not in Mems_allowed: widen the cpuset'
start 1 --duration 1 --strict --page 4K --pool-node '(1,1)'
err_says '^tide-fwd: --strict: the buffers of port 1 .* belong on node 1'

# When asked, memory without CPUs holds a pool; the kernel has no such node, and that is told and counted.
start 0 --duration 1 --stats 0 --pool-node '(0,2)'
err_says 'warning: port 0 .* is on node 0 but --pool-node puts its buffers on node 2 \(distance 17\)'
result fwd 'pages_elsewhere > 0 and ports_elsewhere == 1'
all_back fwd
start 1 --duration 1 --strict --page 4K --pool-node '(0,2)'
err_says '^tide-fwd: --strict: no pool of .* on node 2: 4K: mbind: .*: node 2 is offline or no longer in Mems_allowed'
passed
