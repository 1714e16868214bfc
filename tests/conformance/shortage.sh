#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# shortage.sh OPS: a dpdk-testpmd, unchanged, has the plugin loaded and too few buffers in a mempool with the ops OPS: it
# sends until all of them are in the rings of its ports. The report in a file tells so; without a request, a line in the
# log tells that the mempool ran dry, for the tide ops alone.

. "$(dirname "${BASH_SOURCE[0]}")/looped.sh"

# The rings of the two ports take 2,046.
buffers=1500
more_args=(--no-telemetry)
line='TIDE_shortage: mempool mb_pool_0 ran dry: '

sends_all() {
	tell "set fwd txonly"
	tell start
}

ends_well() {
	tell stop
	says testpmd '^Done\.'
	tell quit
	ends testpmd 20 0
}

testpmd_starts
sends_all
if [ "$ops" = tide ]; then
	says testpmd "$line[0-9]+ gets failed; now 0 of 1500 buffers are free; lcore [0-9]+ has 1500, the oldest for"
	sleep 1
	[ "$(grep -c "$line" "$work/testpmd.out")" = 1 ] || broken "the shortage is named more than once"
else
	sleep 1.5
	! file_says "$work/testpmd.out" "$line" || broken "mempools of other ops are watched without a request"
fi
ends_well

report=$work/report
: >"$work/testpmd.out"
testpmd_starts TIDE_SHORTAGE=report "TIDE_SHORTAGE_FILE=$report" TIDE_SOCKET=0
sends_all
says testpmd "mempool mb_pool_0 ran dry: the report is in $report" 30
cp "$report" "$work/report.out"
[ "$(stat -c %a "$report")" = 600 ] || broken "others can read $report"
file_says "$report" '^--- mempool mb_pool_0 of dpdk-testpmd, process [0-9]+, ' || broken "the report has no title"
file_says "$report" "^mempool ops $ops; 0 of 1500 buffers are free" || broken "the report has no counts"
[ "$ops" != tide ] || file_says "$report" '^  lcore [0-9]+ has 1500, the oldest for ' || broken "the report has no owner"
in_rings=$(awk '/^places:/ { places = 1 } /^alike:/ { places = 0 }
	places && / ring ETH_RXTX/ { sum += $1 } END { print sum + 0 }' "$report")
[ "$in_rings" = 1500 ] || broken "$in_rings of 1500 buffers are found in the rings"
file_says "$report" '^ +[0-9]+  mb_pool_0: .*, up to 64 bytes, type 0x0800; ring ETH_RXTX' ||
	broken "the report has no clusters"
ends_well

: >"$work/testpmd.out"
testpmd_starts TIDE_SHORTAGE=off
sends_all
sleep 1.5
! file_says "$work/testpmd.out" TIDE_shortage || broken "TIDE_SHORTAGE=off is not obeyed"
ends_well
passed
