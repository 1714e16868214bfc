#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# stop.sh SIGNAL huge|nohuge DRIVER LCORES: the signal comes while millions of packets a second flow, and
# every buffer is back.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

signal=$1
eal_on "$2" "$prefix" 256
case $3 in
null) ports=(--vdev=net_null0 --vdev=net_null1 --vdev=net_null2) ;;
# Copies: each packet is read from and written to memory.
null_copy) ports=("--vdev=net_null0,copy=1,size=1500" "--vdev=net_null1,copy=1,size=1500") ;;
# Runs in a circle once something is in it: net_null at one end of the map feeds it.
ring) ports=(--vdev=net_ring0 --vdev=net_null0) ;;
esac

spawn fwd "$fwd" --lcores "$(lcores "$4")" "${eal_args[@]}" "${ports[@]}" -- --json
says fwd 'port [0-9]: rx [0-9]{5,}'
stopped fwd "$signal" "$prefix"
passed
