#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# hung.sh: an lcore that does not return from a driver is named, waited for and given up.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

eal_on nohuge "$prefix" 64
export TIDE_HANG=$work/hang
cpus=$(lcores 2)
program() {
	exec env LD_PRELOAD="${LD_PRELOAD:+$LD_PRELOAD:}$build/tests/forward/libsick.so" \
		"$fwd" --lcores "$cpus" "${eal_args[@]}" --vdev=net_null0 -- --json 2>&1
}

# spawn_sick NAME: packets flow, then receiving does not return.
spawn_sick() {
	spawn "$1" program
	says "$1" 'port 0: rx [0-9]{5,}'
	touch "$TIDE_HANG"
	sleep 0.2
}

spawn_sick late
kill -TERM "$pid_late"
says late 'warning: lcore 1 does not stop'
# It returns in time: all is well.
rm "$TIDE_HANG"
ends late 20 0
all_back late

# It does not.
spawn_sick fwd
start=$SECONDS
kill -TERM "$pid_fwd"
ends fwd 25 1
[ $((SECONDS - start)) -ge 9 ] || broken "the lcore was given up early"
file_says "$work/fwd.out" 'lcore 1 did not stop in 10\.[0-9] s' || broken "it does not say which lcore and after how long"
result fwd 'lcores_stuck == 1' 'not all_back or all(p["in_use"] == 0 for p in pools)'
no_run_time_dir "$prefix"
rm "$TIDE_HANG"

# A second signal does not wait.
spawn_sick soon
kill -TERM "$pid_soon"
says soon 'warning: lcore 1 does not stop'
kill -INT "$pid_soon"
ends soon 5 1
rm "$TIDE_HANG"

# The only lcore, which is to take the signal, does not return.
cpus=$(lcores 1)
spawn_sick alone
kill -TERM "$pid_alone"
ends alone 25 1
file_says "$work/alone.out" 'main, which is lcore 0, .* is given up' || broken "it does not say that main is stuck"
no_run_time_dir "$prefix"
passed
