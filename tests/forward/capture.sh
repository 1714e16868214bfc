#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# capture.sh MODE huge|nohuge BUFFER_SIZE: two captures go in at one port each and come out at the other,
# compared frame by frame. Buffers smaller than a frame make the ports scatter.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

mode=$1
buffer=$3
frames=3000
seed=$((RANDOM * 32768 + RANDOM))
packets=$root/tests/support/packets.py
say "seed $seed"
eal_on "$2" "$prefix" 256

for i in 0 1; do
	$python "$packets" write "$work/in$i.pcap" $frames $((seed + i)) || broken "no capture"
done
spawn fwd "$fwd" --lcores "$(lcores 2)" "${eal_args[@]}" \
	--vdev="net_pcap0,rx_pcap=$work/in0.pcap,tx_pcap=$work/out0.pcap" \
	--vdev="net_pcap1,rx_pcap=$work/in1.pcap,tx_pcap=$work/out1.pcap" \
	-- --mode "$mode" --mtu 9000 --buffer-size "$buffer" --json
says fwd "port 0: rx $frames, tx $frames, "
says fwd "port 1: rx $frames, tx $frames, "
stopped fwd INT "$prefix"
result fwd 'len(ports) == 2' "mode == '$mode'" \
	"all(p['rx'] == p['tx'] == $frames for p in ports)" \
	'all(sum(p["drops"].values()) == 0 for p in ports)'

# Capture ports have the addresses 02:70:63:61:70:00 and on ("pcap").
for i in 0 1; do
	out=$((1 - i))
	sending=()
	[ "$mode" != mac ] || sending=("$out" "02:70:63:61:70:0$out")
	$python "$packets" compare "$work/in$i.pcap" "$work/out$out.pcap" "$mode" "${sending[@]}" ||
		broken "what came out is not what went in"
done
passed
