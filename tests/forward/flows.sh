#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# flows.sh huge|nohuge MODE LCORES: the flows of two captures with some flows in common, as an independent
# reader of them counts; with 3 lcores, two of them count and their tables are merged.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

memory=$1
mode=$2
lcores=$(lcores "$3")
frames=5000
seed=$((RANDOM * 327680 + RANDOM * 10))
packets=$root/tests/support/packets.py
flows=$root/tests/support/flows.py
say "seed $seed"
eal_on "$memory" "$prefix" 256

for i in 0 1; do
	$python "$packets" flows "$work/in$i.pcap" $frames $((seed + i)) $((400 + 100 * i)) ||
		broken "no capture"
done

# run NAME OPTION...: both captures through, then SIGINT.
run() {
	local name=$1

	shift
	rm -f "$work"/out?.pcap
	spawn "$name" "$fwd" --lcores "$lcores" "${eal_args[@]}" \
		--vdev="net_pcap0,rx_pcap=$work/in0.pcap,tx_pcap=$work/out0.pcap" \
		--vdev="net_pcap1,rx_pcap=$work/in1.pcap,tx_pcap=$work/out1.pcap" \
		-- --mode "$mode" --json "$@"
}

# sent: all frames of both captures are in the captures behind.
sent() {
	local i

	for i in 0 1; do
		[ "$(stat -c %s "$work/out$((1 - i)).pcap" 2>/dev/null || echo 0)" -ge \
			"$(stat -c %s "$work/in$i.pcap")" ] || return
	done
}

# All flows, the whole run in one interval. Buffers that hold a quarter of the longest frames.
run all --flows 1000 --flows-interval 0 --buffer-size 400
says all "port 0: rx $frames, tx $frames, "
says all "port 1: rx $frames, tx $frames, "
stopped all INT "$prefix"
result all 'flows["complete"] is None' 'flows["unfinished"]["interval"] == 1' \
	'400 < flows["unfinished"]["flows"] <= 1000' \
	'flows["unfinished"]["flows"] == len(flows["unfinished"]["top"])' \
	'all(m["failures"] == 0 for m in flows["memory"])'
$python "$flows" "$work/all.out" unfinished "$work/in0.pcap" "$work/in1.pcap" ||
	broken "flows are not what is in the captures"
if [ "$mode" != mac ]; then
	for i in 0 1; do
		$python "$packets" compare "$work/in$i.pcap" "$work/out$((1 - i)).pcap" "$mode" ||
			broken "what came out is not what went in"
	done
fi

# The first ten, and statistics off: the interval follows them.
run ten --flows 10 --stats 0
within 20 sent || broken "the captures do not come out"
stopped ten INT "$prefix"
result ten 'flows["interval_seconds"] == 0' 'len(flows["unfinished"]["top"]) == 10'
$python "$flows" "$work/ten.out" unfinished "$work/in0.pcap" "$work/in1.pcap" ||
	broken "the first ten flows are not those of the captures"
grep -aEq '^flows: +[0-9]+ packets +[0-9]+ bytes .* > .* [a-z]' "$work/ten.out" || broken "no flows in the summary"

# Many intervals: each packet is in one of them.
mkfifo "$work/pipe"
spawn replay $python "$packets" replay "$work/in0.pcap" "$work/pipe" 20000 0
spawn many "$fwd" --lcores "$lcores" "${eal_args[@]}" --vdev="net_pcap0,rx_pcap=$work/pipe" \
	--vdev="net_pcap1,rx_pcap=$work/in1.pcap,tx_pcap=$work/out1.pcap" -- --mode "$mode" --json --flows 3
says many '^2\.[0-9] s flows: interval 2, (0\.9|1\.[0-4]) s: flows [0-9]+, packets [0-9]+,'
says many '^3\.[0-9] s flows: +[0-9]+ packets +[0-9]+ bytes .* > '
# The last complete interval and the arena are on the telemetry socket.
asks interval "$(echo "$(eal_runtime_dir "$prefix")"/tide_telemetry.*)" /tide/flows,last_interval
asks arena "$(echo "$(eal_runtime_dir "$prefix")"/tide_telemetry.*)" /tide/arena
"$build/app/tide-top" --once --json --prefix "$prefix" >"$work/top.out" || broken "tide-top ended with $?"
stopped many TERM "$prefix"
result top 'flows[0]["name"] == "last_interval"' 'flows[0]["flows"] > 0' 'len(pools) > 1' \
	'arena[0]["name"] == "flows_node_0"' 'arena[0]["chunks_out"] > 0'
result interval 'flows > 0' 'packets + not_ip_packets > 0' 'bytes > 60 * packets' 'not_accounted_packets == 0'
result arena 'flows_node_0["allocations"] > 0' 'flows_node_0["chunks_out"] > 0' 'flows_node_0["failures"] == 0'
result many 'flows["intervals"] >= 3' 'flows["interval_seconds"] == 1' \
	'flows["packets"] + flows["not_ip"]["packets"] == sum(p["rx"] for p in ports)' \
	'flows["not_accounted"]["packets"] == 0' 'len(flows["complete"]["top"]) == 3' \
	'flows["busiest"]["bytes"] >= flows["complete"]["bytes"] > 0'

# More flows than there is memory for: they are still forwarded, and a warning says so.
$python "$packets" flows "$work/in0.pcap" 40000 "$seed" 40000 || broken "no capture"
run dry --flows 5 --flows-interval 0 --flows-memory 1
says dry "port 0: rx 40000, tx $frames, " 60
says dry "port 1: rx $frames, tx 40000, " 60
stopped dry INT "$prefix"
result dry 'flows["not_accounted"]["packets"] > 1000' 'flows["unfinished"]["flows"] > 1000' \
	'flows["packets"] + flows["not_ip"]["packets"] + flows["not_accounted"]["packets"] == '"$((40000 + frames))" \
	'all(sum(p["drops"].values()) == 0 for p in ports)'
grep -aEq '^flows: warning: [0-9]+ packets, [0-9]+ bytes not accounted' "$work/dry.out" ||
	broken "packets that were not accounted are not told"

# Off: no trace of it.
run off
says off "port 0: rx $frames|port 0: rx 40000"
stopped off INT "$prefix"
! grep -q flows "$work/off.out" || broken "flows are told of without --flows"
passed
