#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# stop.sh SIGNAL huge|nohuge DRIVER LCORES: the signal comes while millions of packets a second flow, and
# every buffer is back.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

signal=$1
cpus=$(lcores "$4")
eal_on "$2" "$prefix" 256
case $3 in
null) ports=(--vdev=net_null0 --vdev=net_null1 --vdev=net_null2) ;;
# Copies: each packet is read from and written to memory.
null_copy) ports=("--vdev=net_null0,copy=1,size=1500" "--vdev=net_null1,copy=1,size=1500") ;;
# Runs in a circle once something is in it: net_null at one end of the map feeds it.
ring) ports=(--vdev=net_ring0 --vdev=net_null0) ;;
esac

# start NAME OPTION...
start() {
	spawn "$1" "$fwd" --lcores "$cpus" "${eal_args[@]}" "${ports[@]}" -- --json "${@:2}"
}

# flows_or_starves NAME: it forwards, or has no buffers left to do so.
flows_or_starves() {
	file_says "$work/$1.out" 'port [0-9]: rx [0-9]{5,}' || file_says "$work/$1.err" 'pool of node [0-9]+ is empty'
}

# net_null itself loses buffers when DPDK's own ops lose them too, for example in 25.11 with copy=1.
net_null_loses() {
	start ring --ops ring_mp_mc
	within 20 flows_or_starves ring || broken "net_null neither forwards nor starves on ring_mp_mc"
	kill "-$signal" "$pid_ring"
	gone_within 30 "$pid_ring" || broken "it still runs after 30 seconds"
	wait "$pid_ring"
	$python "$root/tests/support/result.py" "$work/ring.out" 'not all_back' 2>/dev/null
}

if [ "$3" = null_copy ] && net_null_loses; then
	skip "net_null with copy=1 loses buffers of ring_mp_mc as well," \
		"$("$fwd" --version | sed 's/.*, //')"
fi
start fwd
says fwd 'port [0-9]: rx [0-9]{5,}'
stopped fwd "$signal" "$prefix"
passed
