#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# telemetry.sh OPS [own]: dpdk-telemetry.py, unchanged, asks a dpdk-testpmd, unchanged, that has the plugin loaded and
# its buffers in a mempool with the ops OPS, while it forwards. With "own" testpmd runs with --no-telemetry, and the
# socket of the plugin answers.

# Fewer than the two rings of the ports can have.
buffers=1500
. "$(dirname "${BASH_SOURCE[0]}")/looped.sh"

asked=$prefix

# own_socket: set $socket to that of the plugin, once it is there.
own_socket() {
	local file

	for file in "$(eal_runtime_dir "$prefix")"/tide_telemetry.*; do
		[ -S "$file" ] && socket=$file && return
	done
	return 1
}

no_own_socket() {
	! own_socket
}

if [ "${2:-}" = own ]; then
	more_args=(--no-telemetry)
	TIDE_SOCKET=0 testpmd_starts
	sleep 0.5
	no_own_socket || broken "TIDE_SOCKET=0 left a socket: $socket"
	tell quit
	ends testpmd 20 0

	# A process that is killed leaves its socket; the next one removes it.
	: >"$work/testpmd.out"
	testpmd_starts
	within 5 own_socket || broken "no socket in $(eal_runtime_dir "$prefix")"
	killed=$socket
	pkill -KILL -P "$pid_testpmd" -x dpdk-testpmd || broken "no testpmd to kill"
	wait "$pid_testpmd"
	[ -S "$killed" ] || broken "the socket of a process that was killed is gone"
	sleep 3.5
	: >"$work/testpmd.out"
fi

testpmd_starts
if [ "${2:-}" = own ]; then
	within 5 own_socket || broken "no socket in $(eal_runtime_dir "$prefix")"
	[ "$socket" != "$killed" ] && [ ! -e "$killed" ] || broken "$killed is still there"
	[ "$(stat -c %a "$socket")" = 600 ] || broken "others can open $socket"
	asked=${prefix}link
	mkdir -p "$(eal_runtime_dir "$asked")"
	defer "rm -rf '$(eal_runtime_dir "$asked")'"
	ln -s "$socket" "$(eal_runtime_dir "$asked")/dpdk_telemetry.v2"
fi
packets_circulate

long=$(printf 'x%.0s' {1..900})
{
	printf '%s\n' / /tide/pools /tide/pool,mb_pool_0 /tide/owners,mb_pool_0 /tide/pool /tide/pool,absent \
		"/tide/pool,$long" /tide/owners,absent /tide/audit /tide/audit,500 /tide/audit,soon /tide/audit,10001 \
		/tide/regions /tide/regions,mb_pool_0 /tide/regions,absent /tide/arena /tide/flows /tide/flows,absent
	for ((i = 0; i < 1000; i++)); do
		echo /tide/pool,mb_pool_0
	done
	echo quit
} >"$work/questions"
timeout 60 dpdk-telemetry.py -f "$asked" <"$work/questions" >"$work/answers.out" 2>"$work/client.err" ||
	broken "dpdk-telemetry.py ended with $?"

$python - "$work/answers.out" "$ops" $buffers >&2 <<'END' || broken "the answers are not what they should be"
import json
import sys

path, ops, buffers = sys.argv[1], sys.argv[2], int(sys.argv[3])
lines = [line[line.index('{'):] for line in open(path) if '{"/' in line]
answers = [list(json.loads(line).values())[0] for line in lines]
endpoints, pools, pool, owners, unnamed, absent, long, no_owners, audit, looked, soon, too_long = answers[:12]
all_regions, regions, no_regions, arenas, flows, no_flows = answers[12:18]
assert {'/tide/' + name for name in ('arena', 'audit', 'flows', 'owners', 'pool', 'pools', 'regions', 'scan')} <= \
    set(endpoints), endpoints
assert pools == ['mb_pool_0'], pools
assert pool['name'] == 'mb_pool_0' and pool['ops'] == ops and pool['size'] == buffers, pool
assert pool['in_use'] == 256 and pool['free'] == buffers - 256, pool
assert ('failures' in pool) == (ops == 'tide') and ('peak' in pool) == (ops == 'tide'), pool
assert 'spilled_out' not in pool, pool
if ops == 'tide':
    assert all(name.startswith('lcore_') for name in owners), owners
    assert sum(owner['buffers'] for owner in owners.values()) == 256, owners
    assert all(owner['oldest_min_ms'] <= owner['oldest_max_ms'] for owner in owners.values()), owners
else:
    assert 'no owners' in owners['error'], owners
assert 'name a mempool' in unnamed['error'], unnamed
assert 'no mempool is called absent' in absent['error'], absent
assert 'no mempool is called xxx' in long['error'], long
assert 'no mempool is called absent' in no_owners['error'], no_owners
for answer in audit, looked:
    findings = [value for name, value in answer.items() if name.startswith('finding_')]
    assert len(findings) == answer['errors'] + answer['warnings'] + answer['infos'], answer
    # What is left is about the machine.
    assert {f['kind'] for f in findings} <= {'dead_pages', 'no_heap', 'numa_balancing', 'ops_table'}, answer
    assert all(f['fact'] and f['remedy'] for f in findings), answer
    assert answer['errors'] == 0, answer
for answer in soon, too_long:
    assert 'milliseconds' in answer['error'], answer
# All pages were written, so each is on a node.
assert regions['name'] == 'mb_pool_0' and regions['regions'] >= 1 and 'pages_unknown' not in regions, regions
assert regions['bytes'] > buffers * 2048 and regions['region_0']['address'].startswith('0x'), regions
assert sum(regions[name] for name in regions if name.startswith('pages_node_')) == regions['pages'] > 0, regions
assert all_regions['pool_0'] == {name: regions[name] for name in regions if not name.startswith('region_')}, all_regions
assert 'no mempool is called absent' in no_regions['error'], no_regions
assert arenas == flows == {} and 'no flows called absent' in no_flows['error'], (arenas, flows, no_flows)
many = answers[18:1018]
assert len(many) == 1000 and all(answer['in_use'] == 256 for answer in many), len(many)
END

# More packets than there are buffers: the ops that count gets have a finding.
tell stop
says testpmd '^Done\.'
tell "start tx_first 200"
# ran_dry: check for the finding, in the program that goes on.
ran_dry() {
	printf '%s\n' /tide/audit quit | timeout 30 dpdk-telemetry.py -f "$asked" >"$work/dry.out" 2>"$work/dry.err"
	grep -q '"kind": "near_peak", "severity": "error", "pool": "mb_pool_0"' "$work/dry.out"
}
if [ "$ops" = tide ]; then
	within 20 ran_dry || broken "no audit found that mb_pool_0 was empty"
fi
: >"$work/testpmd.out"
tell stop
says testpmd '^Done\.'
tell quit
ends testpmd 20 0
no_own_socket || broken "$socket was left behind"
passed
