#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# testpmd.sh null|ring huge|nohuge pa|va: dpdk-testpmd, unchanged, forwards from the plugin's buffers,
# and after the stop each buffer is back.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

have dpdk-testpmd || skip "no dpdk-testpmd; it is in the package dpdk-dev"
safe_plugin
eal_on "$2" "$prefix" 256 "$3"
buffers=16384

case $1 in
null) ports=(--vdev=net_null0 --vdev=net_null1) first=start ;;
# Looped back to itself, so that one first burst goes round for ever.
ring) ports=(--vdev=net_ring0 --vdev=net_ring1) first="start tx_first 4" ;;
esac

# Commands go in one by one: a stop sent at once would find nothing forwarded.
commands

timeout -k 5 90 stdbuf -oL dpdk-testpmd -d "$plugin" --lcores "$(lcores 2)" "${eal_args[@]}" "${ports[@]}" \
	"--mbuf-pool-ops-name=$ops" -- -i --total-num-mbufs=$buffers --mbcache=0 \
	--forward-mode=macswap --no-lsc-interrupt --disable-link-check \
	>>"$work/testpmd.out" 2>&1 <"$work/commands" &
pid_testpmd=$!
defer "reap $pid_testpmd"
out=$work/testpmd.out

says testpmd '^Done|testpmd>'
dump_pool mb_pool_0
says testpmd 'common_pool_count'
file_says "$out" "ops_name: <$ops>" || broken "the pool is not on $ops"
file_says "$out" "IOVA mode '${3^^}'" || broken "the IOVA mode is not $3"

tell "$first"
# The first figures show that packets move, the last ones how many.
moving() {
	tell "show port stats 0"
	sleep 0.2
	file_says "$out" 'TX-packets: [0-9]{5,}'
}
within 30 moving || broken "no 10,000 packets within 30 seconds"
tell stop
says testpmd '^Done\.'
grep -a -A 3 'Accumulated forward' "$out" | grep -Eq 'TX-packets: [0-9]{5,}' ||
	broken "the summary has no packets"

# Stopped, closed, and every buffer home: the dump after it counts them all as free.
tell "port stop all"
tell "port close all"
says testpmd 'Port 1 is closed'
: >"$out"
dump_pool mb_pool_0
says testpmd 'common_pool_count'
if [ "$1" = null ]; then
	file_says "$out" "common_pool_count=$buffers\$" ||
		broken "$(grep -ao 'common_pool_count=.*' "$out"), expected $buffers"
fi
tell quit
ends testpmd 20 0
say "$buffers buffers, ${1} ports, IOVA $3: forwarded and back"
passed
