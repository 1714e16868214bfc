#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# sick.sh OPS: a driver that keeps buffers. While it runs the empty pool is told of; at the end what its
# close lost is named and no failure, and what it took beyond its queues is one.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

used=$1
eal_on nohuge "$prefix" 64
cpus=$(lcores 2)

program() {
	exec env LD_PRELOAD="${LD_PRELOAD:+$LD_PRELOAD:}$build/tests/forward/libsick.so" \
		"$fwd" --lcores "$cpus" "${eal_args[@]}" --vdev=net_null0 -- --json --ops "$used"
}

# loud_program: both streams in one file.
loud_program() {
	program 2>&1
}

# kept NUMBER CODE: the driver takes so many at the start and gives none back.
kept() {
	export TIDE_KEEP=$1
	spawn fwd program
	unset TIDE_KEEP
	says fwd 'port 0: rx [0-9]{5,}'
	kill -TERM "$pid_fwd"
	ends fwd 20 "$2"
	result fwd "pools[0]['in_use'] == $1" 'not all_back'
}
kept 40 0
result fwd "pools[0]['kept_by_drivers'] == 40"
file_says "$work/fwd.out" '40 buffers were not freed at the close of a driver, of port 0 \(net_null\)' ||
	broken "buffers that a driver lost are not named as such"
# More than its queues can have.
kept 2300 1
result fwd "pools[0]['kept_by_drivers'] == 0"
! file_says "$work/fwd.out" 'at the close of a driver' || broken "a leak is taken for what a close loses"

# It keeps what it receives.
export TIDE_LEAK=$work/leak
spawn leak loud_program
says leak 'port 0: rx [0-9]{5,}'
! file_says "$work/leak.out" 'is empty' || broken "a pool is told to be empty that is not"
touch "$TIDE_LEAK"
says leak 'warning: the pool of node 0 is empty: [0-9]+ of [0-9]+ buffers are in use'
file_says "$work/leak.out" 'is empty.*port 0 \(net_null\)' || broken "the port that has the buffers is not named"
[ "$used" != tide ] || file_says "$work/leak.out" 'is empty.*lcore 1 has [0-9]+, the oldest for' ||
	broken "the lcore that took the buffers is not named"
sleep 1
[ "$(grep -c 'is empty' "$work/leak.out")" = 1 ] || broken "the warning is repeated"
kill -TERM "$pid_leak"
ends leak 20 1
passed
