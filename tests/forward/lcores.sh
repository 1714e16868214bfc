#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# lcores.sh LCORES: an lcore that leaves its CPU while packets flow is told with both nodes, and again when it
# is back.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"
. "$root/tests/support/paper.sh"

paper_can || skip "nothing of this can be tried here"
eal_on nohuge "$prefix" 64
IFS=,@ read -r _ cpu0 _ cpu1 <<<"$(lcores 2)"
paper_node 0 "$cpu0" '10 21'
paper_node 1 "$cpu1" '21 10'
paper_mems 0-1 0
# The lcore that forwards, the CPU it has, the CPU it is moved to, and their nodes.
case $1 in
1) map=0@$cpu0 lcore=0 own=$cpu0 other=$cpu1 from=0 to=1 ;;
2) map=0@$cpu0,1@$cpu1 lcore=1 own=$cpu1 other=$cpu0 from=1 to=0 ;;
*) fail "1 or 2 lcores, not $1" ;;
esac

# start NAME SECONDS: start tide-fwd on paper with that period between two checks.
start() {
	spawn "$1" "${by_paper[@]}" "$fwd" --lcores "$map" "${eal_args[@]}" --vdev=net_null0 -- \
		--json --stats 1 --check-placement "$2" --port-node '(0,0)'
	says "$1" 'port 0: rx [0-9]{5,}'
}

# thread NAME: the id of the thread that forwards.
thread() {
	local pid=pid_$1 task

	[ "$lcore" != 0 ] || { echo "${!pid}"; return; }
	for task in /proc/"${!pid}"/task/*; do
		# "lcore-worker-1" or, from DPDK 23.03 on, "dpdk-worker1".
		[[ "$(<"$task/comm")" =~ worker-?$lcore$ ]] && echo "${task##*/}"
	done
}

# err_says NAME REGEX: wait for it on the program's stderr.
err_says() {
	within 20 file_says "$work/$1.err" "$2" || broken "$1 did not say \"$2\""
}

# times NAME REGEX: how many lines of its stderr match.
times() {
	grep -aEc -- "$2" "$work/$1.err"
}

gone="lcore $lcore of node $from: is on CPU $other of node $to now, it was started on CPU $own: something moved it"

# --- It leaves and returns: one message each.
start away 1
sleep 1.5
[ "$(times away '^tide-fwd: (warning: )?lcore')" -eq 0 ] || broken "it speaks of an lcore that did not move"
tid=$(thread away)
[ -n "$tid" ] || broken "no thread forwards"
taskset -cp "$other" "$tid" >/dev/null || broken "the thread cannot be moved"
err_says away "^tide-fwd: warning: $gone.*: taskset -cp $own $tid$"
sleep 1.5
[ "$(times away "$gone")" -eq 1 ] || broken "the same finding is told more than once"
kill -USR1 "$pid_away"
says away "^$gone"
bash -c "$(grep -aoE "taskset -cp $own [0-9]+$" "$work/away.err")" >/dev/null || broken "the remedy fails"
err_says away "^tide-fwd: lcore $lcore of node $from: is on its CPU $own$"
stopped away TERM "$prefix"
result away "[l['node'] for l in lcores if l['packets']] == [$from]" \
	"[(l['away'], l['moves'], l['cpu']) for l in lcores if l['packets']] == [(False, 1, $own)]" \
	'lcores_elsewhere == 0'
file_says "$work/away.out" '^  it was on other CPUs for a while and is back$' ||
	broken "the summary does not say that the lcore was away"

# --- Gone when it ends, found by the last look alone.
start late 600
taskset -cp "$other" "$(thread late)" >/dev/null
sleep 0.5
stopped late TERM "$prefix"
result late "[(l['node'], l['node_planned']) for l in lcores if l['packets']] == [($to, $from)]" \
	"[(l['away'], l['moves'], l['cpu']) for l in lcores if l['packets']] == [(True, 1, $other)]" \
	'lcores_elsewhere == 1'
file_says "$work/late.out" "^  $gone" || broken "the summary does not say that the lcore is away"

# --- 0: only when asked.
start never 0
taskset -cp "$other" "$(thread never)" >/dev/null
stopped never TERM "$prefix"
result never "[(l['away'], l['cpu']) for l in lcores if l['packets']] == [(False, None)]"
passed
