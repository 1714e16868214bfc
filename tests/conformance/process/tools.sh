#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# tools.sh dumpcap|pdump|proc_info: DPDK's tools for a running process, started as doc/secondary.md
# says, against a dpdk-testpmd that forwards from tide buffers: the tools capture and count right, and
# testpmd goes on with all its buffers.

. "$(dirname "${BASH_SOURCE[0]}")/shared.sh"

tool=dpdk-${1/_/-}
have dpdk-testpmd || skip "no dpdk-testpmd; it is in the package dpdk-dev"
have "$tool" || skip "no $tool; it is in the package dpdk"
safe_plugin
buffers=16384
out=$work/first.out

# A program that links mempool drivers, as Debian's dpdk-testpmd does, has them before those that EAL
# loads: its numbers are not those of the tools, with and without tide, until they preload the same.
linked=$(ldd "$(command -v dpdk-testpmd)" | awk '/librte_mempool_/ { print $3 }')
as_testpmd=(env "LD_PRELOAD=${linked//$'\n'/ }")

# testpmd_starts OPTION...: with the plugin, and ports that receive without end.
testpmd_starts() {
	primary_starts 'testpmd>' stdbuf -oL dpdk-testpmd -d "$plugin" "${shared[@]}" \
		--huge-dir "$work/huge" -m 256 --lcores "$ids" --vdev=net_null0 --vdev=net_null1 "$@" \
		-- -i --total-num-mbufs=$buffers --mbcache=0 --no-lsc-interrupt --disable-link-check
}

testpmd_forwards() {
	tell start
	says first 'packet forwarding - ports'
}

moving() {
	: >"$out"
	tell "show port stats 0"
	sleep 0.2
	file_says "$out" 'TX-packets: [0-9]{5,}'
}

# testpmd_ends OPS FORWARDING: it still answers and, if it forwards, moves packets; each buffer is back
# in a pool of OPS.
testpmd_ends() {
	if [ "$2" = yes ]; then
		tell "clear port stats all"
		within 20 moving || broken "testpmd forwards no more"
		tell stop
		says first '^Done\.'
	fi
	tell "port stop all"
	tell "port close all"
	says first 'Port 1 is closed'
	: >"$out"
	dump_pool mb_pool_0
	says first 'common_pool_count'
	file_says "$out" "ops_name: <$1>" || broken "the pool is not on $1"
	file_says "$out" "common_pool_count=$buffers\$" ||
		broken "$(grep -ao 'common_pool_count=.*' "$out"), expected $buffers"
	tell quit
	ends first 20 0
}

# holds FILE LEAST: so many of these frames are in the file by now, each with 16 bytes before it, behind
# the 24 bytes that the file begins with.
holds() {
	[ -e "$1" ] && [ "$(stat -c %s "$1")" -ge $((24 + $2 * (16 + 64))) ]
}

# captured FILE LEAST: a capture of frames of 64 bytes, the size that net_null receives.
captured() {
	$python - "$1" "$2" <<-'END' >&2 || broken "$1 is no capture of $2 or more frames"
	import struct, sys
	data = open(sys.argv[1], "rb").read()
	at, n = 24, 0
	order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
	while at + 16 <= len(data):
	    length, = struct.unpack(order + "I", data[at + 8:at + 12])
	    assert length == 64, length
	    at += 16 + length
	    n += 1
	print(n, "frames captured")
	sys.exit(n < int(sys.argv[2]))
	END
}

# counts NAME OPS: what dpdk-proc-info says of the pool in that output.
counts() {
	file_says "$work/$1.out" "Count: avail \($buffers\), in use \(0\)" ||
		broken "$1 does not count $buffers free buffers of $buffers"
	file_says "$work/$1.out" "ops_name $2\$" || broken "$1 does not see the ops $2"
}

case $1 in
dumpcap)
	# It has no option -d: its own pool is a ring, and it touches no pool of the primary.
	testpmd_starts "--mbuf-pool-ops-name=$ops"
	testpmd_forwards
	second dumpcap 0 "${as_testpmd[@]}" dpdk-dumpcap --file-prefix "$prefix" -i net_null0 -c 1000 \
		-P -w "$work/one.pcap"
	captured "$work/one.pcap" 1000
	testpmd_ends "$ops" yes
	;;
pdump)
	testpmd_starts "--mbuf-pool-ops-name=$ops"
	testpmd_forwards
	for load in "" "-d $plugin"; do
		# shellcheck disable=SC2086
		spawn pdump "${as_testpmd[@]}" dpdk-pdump $load "${secondary[@]}" -- \
			--pdump "port=0,queue=*,rx-dev=$work/pdump.pcap"
		# What a file begins with can be there long before dpdk-pdump has attached to the port.
		within 40 holds "$work/pdump.pcap" 100 || broken "dpdk-pdump captures nothing"
		kill -INT "$pid_pdump"
		ends pdump 60 0
		captured "$work/pdump.pcap" 100
		rm "$work/pdump.pcap"
	done
	testpmd_ends "$ops" yes
	;;
proc_info)
	testpmd_starts "--mbuf-pool-ops-name=$ops"
	# It adds --proc-type and its lcore by itself, and refuses them twice.
	second loaded 0 "${as_testpmd[@]}" dpdk-proc-info -d "$plugin" "${shared[@]}" \
		-- --show-mempool=mb_pool_0
	counts loaded "$ops"
	testpmd_ends "$ops" no
	# A pool of DPDK's own ops is counted without the plugin too.
	testpmd_starts
	second plain 0 "${as_testpmd[@]}" dpdk-proc-info "${shared[@]}" -- --show-mempool=mb_pool_0
	counts plain ring_mp_mc
	testpmd_ends ring_mp_mc no
	;;
esac
shared_passed
