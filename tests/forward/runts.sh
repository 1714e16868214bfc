#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# runts.sh MODE FLOWS: frames too short for a header leave as they came, without a byte of other packets;
# frames above 65,535 bytes, which net_pcap misreads, are dropped and counted. FLOWS above 0 counts flows.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

mode=$1
flows=$2
seed=$((RANDOM * 32768 + RANDOM))
packets=$root/tests/support/packets.py
say "seed $seed"
eal_on nohuge "$prefix" 256
sending=()
[ "$mode" != mac ] || sending=(0 02:70:63:61:70:00)

# forward NAME: the capture of that name goes in and out by one port.
forward() {
	spawn fwd "$fwd" --lcores "$(lcores 2)" "${eal_args[@]}" \
		--vdev="net_pcap0,rx_pcap=$work/$1.pcap,tx_pcap=$work/$1.out.pcap" \
		-- --mode "$mode" --flows "$flows" --json
	says fwd "port 0: rx [1-9]"
	sleep 0.3
	stopped fwd INT "$prefix"
}

$python "$packets" runts "$work/runts.pcap" $seed || broken "no capture"
forward runts
$python "$packets" compare "$work/runts.pcap" "$work/runts.out.pcap" "$mode" "${sending[@]}" ||
	broken "frames that are too short for mode $mode do not leave as they came"
# 12 sizes below two addresses, 40 of each.
short=480
[ "$mode" != io ] || short=0
result fwd "ports[0]['rx'] == ports[0]['tx'] == 300 + 40 * 23" "ports[0]['runts'] == $short" \
	'sum(ports[0]["drops"].values()) == 0'

$python "$packets" giants "$work/giants.pcap" "$work/rest.pcap" $seed || broken "no capture"
forward giants
# Ten giants; a driver that reads them right forwards them, or refuses them by itself.
result fwd "ports[0]['rx'] == ports[0]['tx'] + ports[0]['drops']['malformed']" "ports[0]['tx'] >= 200"
if $python "$root/tests/support/result.py" "$work/fwd.out" "ports[0]['drops']['malformed'] == 10" \
	2>/dev/null; then
	$python "$packets" compare "$work/rest.pcap" "$work/giants.out.pcap" "$mode" "${sending[@]}" ||
		broken "frames beside one above 65,535 bytes do not leave as they came"
fi
passed
