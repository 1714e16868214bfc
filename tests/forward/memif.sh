#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# memif.sh huge|nohuge: two processes over shared memory. dpdk-testpmd, unchanged, sends a capture into its
# memif port; tide-fwd at the other end reflects it with the addresses swapped; testpmd writes what comes
# back. tide-fwd ends first: the memif driver of DPDK 22.11 unmaps the rings of a peer that goes away under
# the lcore that polls them, and crashes now and then.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

have dpdk-testpmd || skip "no dpdk-testpmd; it is in the package dpdk-dev"
packets=$root/tests/support/packets.py
# Fewer than the rings hold, so that none can be dropped however the two are scheduled.
frames=900
seed=$((RANDOM * 32768 + RANDOM))
say "seed $seed"
$python "$packets" write "$work/in.pcap" $frames $seed 1514 || broken "no capture"
memif="socket=$work/memif.sock,socket-abstract=no,rsize=11"

eal_on "$1" "$prefix" 256
spawn fwd "$fwd" --lcores "$(lcores 2)" "${eal_args[@]}" \
	--vdev="net_memif0,role=server,$memif" \
	-- --portmap '(0,0)' --mode macswap --rx-desc 2048 --tx-desc 2048 --json
says fwd 'port 0: rx 0,'

eal_on "$1" "${prefix}b" 256
commands

# Between the memif port and the captures.
peer() {
	local eal=(--lcores "$(lcores 2)" "${eal_args[@]}")

	exec stdbuf -oL dpdk-testpmd "${eal[@]}" --vdev="net_memif0,role=client,$memif" \
		--vdev="net_pcap0,rx_pcap=$work/in.pcap,tx_pcap=$work/out.pcap" \
		-- -i --total-num-mbufs=16384 --rxd=2048 --txd=2048 --no-flush-rx --forward-mode=io \
		--no-lsc-interrupt --disable-link-check <"$work/commands"
}

link_up() {
	tell "show port info 0"
	sleep 0.2
	file_says "$work/peer.out" 'Link status: up'
}

came_back() {
	tell "show port stats 1"
	sleep 0.2
	file_says "$work/peer.out" "TX-packets: $frames "
}

spawn peer peer
says peer 'testpmd>'
within 20 link_up || broken "the peer's link did not come up"
says fwd 'link: port 0 net_memif0 is up'
tell start
within 30 came_back || broken "not all $frames frames returned"
tell stop
says peer '^Done\.'
stopped fwd INT "$prefix"
result fwd "ports[0]['rx'] == ports[0]['tx'] == $frames" \
	'sum(ports[0]["drops"].values()) == 0'
tell quit
ends peer 30 0
$python "$packets" compare "$work/in.pcap" "$work/out.pcap" macswap ||
	broken "the frames that returned are not those sent"
passed
