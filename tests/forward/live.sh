#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# live.sh huge|nohuge: the kernel's own traffic between two namespaces: ping of all sizes, a file both
# ways, and SIGTERM in the middle of one.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

need_root "network namespaces"
bulk=$root/tests/support/bulk.py
eal_on "$1" "$prefix" 256
netns lab
netns left
netns right
wire left 10.78.0.1/24 tide0 && wire right 10.78.0.2/24 tide1 || skip "no veth pairs here"

spawn fwd nsenter "$(netns_of lab)" "$fwd" --lcores "$(lcores 2)" "${eal_args[@]}" \
	--vdev=net_af_packet0,iface=tide0,framecnt=2048 \
	--vdev=net_af_packet1,iface=tide1,framecnt=2048 \
	-- --mode io --json
says fwd 'port 0: rx [0-9]+,'
answers() {
	in_netns left ping -c 1 -W 1 -q 10.78.0.2 >/dev/null 2>&1
}
within 20 answers || broken "ping had no answer within 20 seconds"

for bytes in 0 18 56 1000 1472; do
	in_netns left ping -c 20 -i 0.02 -W 10 -q -s $bytes 10.78.0.2 >"$work/ping.out" 2>&1 ||
		broken "ping with $bytes bytes had no answer"
	file_says "$work/ping.out" ' 0% packet loss' || broken "pings with $bytes bytes were lost"
done

# The receiver hashes what it got; the sender compares.
for side in left right; do
	spawn "serve_$side" nsenter "$(netns_of $side)" $python "$bulk" serve 0.0.0.0 5201
done
listening() {
	in_netns "$1" ss -Hlnt 2>/dev/null | grep -q ':5201 '
}
within 10 listening left && within 10 listening right || broken "the receivers do not listen"
in_netns left $python "$bulk" send 10.78.0.2 5201 $((64 << 20)) 0 || broken "the file did not arrive"
in_netns right $python "$bulk" send 10.78.0.1 5201 $((64 << 20)) 0 || broken "the file did not arrive"

spawn load nsenter "$(netns_of left)" $python "$bulk" send 10.78.0.2 5201 $((1 << 30)) -1
was=$(in_netns lab cat /proc/net/dev | awk '$1 == "tide1:" { print $10 }')
flowing() {
	local now

	now=$(in_netns lab cat /proc/net/dev | awk '$1 == "tide1:" { print $10 }')
	[ "$now" -gt $((was + 20000000)) ]
}
within 30 flowing || broken "no load came up"
stopped fwd TERM "$prefix"
result fwd 'all(p["rx"] > 1000 and p["tx"] > 1000 for p in ports)'
passed
