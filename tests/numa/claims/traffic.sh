# SPDX-License-Identifier: BSD-3-Clause
# Two hosts exchange pings of all sizes and files through tide-fwd, from a NIC on one node to a NIC on another. Both
# ends hash the files. Every buffer is back at the end.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

bulk=$LAB_ROOT/tests/support/bulk.py
join 0
join 1
start_fwd fwd -l "$(lcores_near)" --in-memory -- --mode io --stats 0
for bytes in 0 56 1472; do
	in_netns host0 ping -q -c 5 -i 0.05 -W 10 -s $bytes 10.0.0.2 >"$work/ping.out" 2>&1 &&
		file_says "$work/ping.out" ' 0% packet loss' || broken "pings with $bytes bytes were lost"
done
for i in 0 1; do
	spawn "serve$i" nsenter "$(netns_of host$i)" $python "$bulk" serve 0.0.0.0 5201
done
listening() {
	in_netns "host$1" ss -Hlnt 2>/dev/null | grep -q ':5201 '
}
within 15 listening 0 && within 15 listening 1 || broken "the receivers do not listen"
in_netns host0 $python "$bulk" send 10.0.0.2 5201 $((1 << 20)) 0 || broken "the file did not arrive"
in_netns host1 $python "$bulk" send 10.0.0.1 5201 $((1 << 20)) 0 || broken "the file did not arrive"
stopped fwd TERM "$prefix"
result fwd 'all(p["rx"] > 700 and p["tx"] > 700 for p in ports)'
passed
