#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# placement.sh huge|nohuge LCORES: while packets flow, tide-fwd asks the kernel again where its buffers
# are; what it says of addresses and nodes is what another process finds. The moves of pages are made up: see
# moved.c.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"
. "$root/tests/support/paper.sh"

eal_on "$1" "$prefix" 256
eal=(--lcores "$(lcores "$2")" "${eal_args[@]}" --vdev=net_null0)
moved=$build/tests/forward/libmoved.so
signal=$work/pages.moved

# start NAME SECONDS [VARIABLE=VALUE...]: start tide-fwd with that period between two checks.
by=()
start() {
	spawn "$1" "${by[@]}" env "${@:3}" "$fwd" "${eal[@]}" -- --port-node '(0,0)' --json --check-placement "$2"
}

# err_says NAME REGEX: wait for it on the program's stderr.
err_says() {
	within 20 file_says "$work/$1.err" "$2" || broken "$1 did not say \"$2\""
}

# times FILE REGEX: how many lines match.
times() {
	grep -aEc -- "$2" "$1"
}

# --- Where the pool is, from inside and from outside.
start fwd 1
says fwd '^pool of node 0: [0-9]+ buffers in memory 0x[0-9a-f]+-0x'
line=$(grep -a '^pool of node 0: .* in memory' "$work/fwd.out")
[[ $line =~ memory\ (0x[0-9a-f]+)-(0x[0-9a-f]+)\ .*,\ ([0-9]+)\ of\ ([0-9]+)\ pages\ of\ ([0-9]+)\ ([kM])B\ on\ node\ 0$ ]] ||
	broken "the line about the memory is not what it should be"
first=${BASH_REMATCH[1]} len=$((BASH_REMATCH[2] - BASH_REMATCH[1]))
local=${BASH_REMATCH[3]} pages=${BASH_REMATCH[4]} size=$((BASH_REMATCH[5] * 1024))
[ "${BASH_REMATCH[6]}" = k ] || size=$((size * 1024))
[ "$local" -eq "$pages" ] || broken "$local of $pages pages are on node 0"
says fwd 'port 0: rx [0-9]{5,}'
# EAL's memory may begin within a page.
outside=$("$build/tests/numa/where" "$pid_fwd" $((first - first % size)) $((first + len)) $size 2>&1) ||
	broken "$outside"
[ "$outside" = "0 $pages" ] || broken "the kernel says of $first, $len bytes: $outside, not 0 $pages"

# An answer at once, and none without a question.
kill -USR1 "$pid_fwd"
says fwd "^pool of node 0: all $pages pages of [0-9]+ [kM]B are where they were made$"
[ "$(times "$work/fwd.out" '^pool of node 0: all')" -eq 1 ] || broken "an answer without a question"
# Two periods.
sleep 2.5
stopped fwd INT "$prefix"
result fwd 'pools[0]["placement"]["checks"] >= 4' 'pools[0]["placement"]["moved_pages"] == 0' \
	'pools[0]["placement"]["moved_pages_worst"] == 0' \
	"pools[0]['placement']['made'] == [{'node': 0, 'pages': $pages}]" \
	"pools[0]['placement']['now'] == [{'node': 0, 'pages': $pages}]" \
	"pools[0]['memory'][0]['addr'] == '$first'" "pools[0]['memory'][0]['len'] == $len" \
	"pools[0]['memory'][0]['page_size'] == $size"
[ "$(times "$work/fwd.out" 'pages of|its pages')" -eq 3 ] ||
	broken "the summary speaks of pages that did not move"
! file_says "$work/fwd.err" 'warning' || broken "a warning about pages that did not move"

# --- They leave and return: one message each, without stopping anything.
start away 1 "LD_PRELOAD=$moved" "TIDE_MOVED=$signal"
says away 'port 0: rx [0-9]{5,}'
touch "$signal"
gone="pool of node 0: $pages of $pages pages of [0-9]+ [kM]B are on node 1 now \(0 when it was made\): something moved them"
err_says away "^tide-fwd: warning: $gone.*restart to place them again.*: migratepages $pid_away 1 0$"
kill -USR1 "$pid_away"
says away "^$gone"
[ "$(times "$work/away.err" "$gone")" -eq 1 ] || broken "the same finding is told more than once"
rm "$signal"
err_says away "^tide-fwd: pool of node 0: all $pages pages of .* are where they were made"
stopped away TERM "$prefix"
result away 'pools[0]["placement"]["moved_pages"] == 0' \
	"pools[0]['placement']['moved_pages_worst'] == $pages"
file_says "$work/away.out" "^  $pages of its pages were elsewhere for a while and are back$" ||
	broken "the summary does not say that pages were elsewhere"

# --- Gone when it ends, found by the last check alone: the summary says so, the exit code does not.
start late 600 "LD_PRELOAD=$moved" "TIDE_MOVED=$signal"
says late 'port 0: rx [0-9]{5,}'
touch "$signal"
stopped late TERM "$prefix"
rm "$signal"
result late "pools[0]['placement']['moved_pages'] == $pages" 'pools[0]["placement"]["checks"] == 1' \
	"pools[0]['placement']['now'] == [{'node': 1, 'pages': $pages}]"
file_says "$work/late.out" "^  $pages of $pages pages of .* are on node 1 now" ||
	broken "the summary does not say that pages moved"

# --- Refused, with one node: the pages can be nowhere else.
if [ "$(cat $paper_sysfs/online)" = 0 ]; then
	start one 1 "LD_PRELOAD=$moved" "TIDE_REFUSED=$signal"
	says one 'port 0: rx [0-9]{5,}'
	touch "$signal"
	sleep 1.5
	kill -USR1 "$pid_one"
	says one "^pool of node 0: all $pages pages"
	rm "$signal"
	stopped one TERM "$prefix"
	! file_says "$work/one.err" 'warning' || broken "a warning though nothing can be elsewhere"
fi

# --- Refused, with two: told once, tried again when asked for.
if paper_can; then
	paper_node 0 "$(cat $paper_sysfs/node0/cpulist)" '10 20'
	paper_node 1 - '20 10'
	paper_mems 0-1 0-1
	by=("${by_paper[@]}")
	start deaf 1 "LD_PRELOAD=$moved" "TIDE_REFUSED=$signal"
	says deaf 'port 0: rx [0-9]{5,}'
	touch "$signal"
	err_says deaf "^tide-fwd: warning: the kernel does not say where the buffers are.* kill -USR1 $pid_deaf asks again$"
	sleep 1.5
	[ "$(times "$work/deaf.err" 'TIDE_region: .*Operation not permitted')" -eq 1 ] ||
		broken "it does not stop asking a kernel that refuses"
	rm "$signal"
	kill -USR1 "$pid_deaf"
	says deaf "^pool of node 0: all [0-9]+ pages"
	stopped deaf TERM "$prefix"
	by=()
fi

# --- 0: only on request.
start never 0
says never 'port 0: rx [0-9]{5,}'
stopped never TERM "$prefix"
result never 'pools[0]["placement"]["checks"] == 0'
start ask 0
says ask 'port 0: rx [0-9]{5,}'
kill -USR1 "$pid_ask"
says ask '^pool of node 0: all'
stopped ask TERM "$prefix"
result ask 'pools[0]["placement"]["checks"] == 1'
passed
