#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# demo.sh BUILD SECONDS [live|capture]: the demonstration of `make run`. tide-fwd from the build directory forwards
# real traffic for that time (0: until Ctrl-C). The script leaves nothing behind.
#
# live (default for root): tide-fwd connects two network namespaces over veth and net_af_packet; ping and TCP of
# the kernel go through it. capture (default for others): net_pcap replays two captures into captures.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/config/lib.sh"

[ $# -eq 2 ] || [ $# -eq 3 ] || fail "give the build directory and the seconds to run, as in: ${0##*/} build 10"
build=$1
seconds=$2
kind=${3:-$(is_root && echo live || echo capture)}
fwd=$build/app/tide-fwd
bulk=$root/tests/support/bulk.py
packets=$root/tests/support/packets.py
seed=1
[ -x "$fwd" ] || fail "$fwd is not there; build it with: make build"
[[ $seconds =~ ^[0-9]{1,7}$ ]] || fail "DURATION=\"$seconds\" is not a number of seconds"

prefix=tide_demo_$$
work=$(mktemp -d "${TMPDIR:-/tmp}/tide.XXXXXX") || exit
trap run_deferred EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
defer 'rm -rf "$work"'
# The traffic ends before the forwarder, so that the forwarder counts all of its packets.
traffic_seconds=$((seconds > 2 ? seconds - 2 : seconds))

# Without this, EAL puts the directories of all users into /tmp/dpdk, which belongs to the first user.
is_root || export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$work}
# tide-fwd normally removes the directory itself.
defer 'rm -rf "$(eal_runtime_dir "$prefix")"'
eal_memory "$prefix" 128
eal_args+=(--no-pci --lcores "$(lcores 2)")

# --- as root --------------------------------------------------------------------------------------

answers() {
	in_netns left ping -c 1 -W 1 -q 10.77.0.2 >/dev/null 2>&1
}

# traffic: run ping and a bulk transfer once ping gets an answer; without a duration they do not end.
traffic() {
	local until=() limit=-1

	if [ "$seconds" -gt 0 ]; then
		until=(-c $((traffic_seconds * 5)))
		limit=$traffic_seconds
	fi
	# Ctrl-C ends one ping only; the trap makes it end the loop.
	trap 'exit 130' INT
	within 20 answers || fail "ping had no answer within 20 seconds"
	trap - INT
	setpriv --pdeathsig TERM nsenter "$(netns_of left)" \
		ping -i 0.2 -q "${until[@]}" 10.77.0.2 >"$work/ping.out" &
	in_netns left $python "$bulk" send 10.77.0.2 5201 $((16 << 20)) $limit
	local rc=$?
	wait
	return $rc
}

demo_live() {
	local rc

	netns lab
	netns left
	netns right
	wire left 10.77.0.1/24 tide0 && wire right 10.77.0.2/24 tide1 ||
		fail "the namespaces could not be wired"
	say "10.77.0.1 <-> tide0 [ tide-fwd ] tide1 <-> 10.77.0.2: ping and TCP of the kernel go through"
	spawn serve nsenter "$(netns_of right)" \
		$python "$bulk" serve 10.77.0.2 5201
	spawn traffic traffic

	run_to_end nsenter "$(netns_of lab)" "$fwd" "${eal_args[@]}" \
		--vdev=net_af_packet0,iface=tide0 --vdev=net_af_packet1,iface=tide1 \
		-- --mode io --duration "$seconds"
	rc=$?
	[ $rc -eq 0 ] || fail "tide-fwd ended with $rc"

	gone_within 5 "$pid_traffic" || reap "$pid_traffic"
	wait "$pid_traffic"
	rc=$?
	grep -E 'packets transmitted|^rtt' "$work/ping.out" 2>/dev/null | sed 's/^/ping: /'
	cat "$work/traffic.out"
	cat "$work/traffic.err" >&2
	return $rc
}

# --- as anyone ------------------------------------------------------------------------------------

demo_capture() {
	local i rate=5000 rc

	is_root || say "network namespaces need root: captures are replayed instead"
	say "two captures are replayed at $rate frames a second each into $build/demo0.pcap, demo1.pcap"
	for i in 0 1; do
		mkfifo "$work/pipe$i"
		$python "$packets" write "$work/in$i.pcap" $rate $((seed + i)) 1514
		spawn "replay$i" $python "$packets" replay "$work/in$i.pcap" "$work/pipe$i" $rate \
			"$traffic_seconds"
	done

	run_to_end "$fwd" "${eal_args[@]}" \
		--vdev="net_pcap0,rx_pcap=$work/pipe0,tx_pcap=$build/demo0.pcap" \
		--vdev="net_pcap1,rx_pcap=$work/pipe1,tx_pcap=$build/demo1.pcap" \
		-- --mode macswap --duration "$seconds"
	rc=$?
	[ $rc -eq 0 ] || fail "tide-fwd ended with $rc"

	# Each port must have sent the frames that the other received.
	for i in 0 1; do
		$python "$packets" compare-replayed "$work/in$i.pcap" "$build/demo$((1 - i)).pcap" \
			macswap || rc=1
	done
	return $rc
}

# A pipe without a writer would block the forwarder at its last read of the port.
interrupted() {
	local i

	for i in replay0 replay1; do
		i=pid_$i
		[ -z "${!i:-}" ] || kill "${!i}" 2>/dev/null
	done
}

case $kind in
live) demo_live ;;
capture) demo_capture ;;
*) fail "unknown kind \"$kind\": give live or capture" ;;
esac
