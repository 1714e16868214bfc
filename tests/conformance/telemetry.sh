#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# telemetry.sh OPS: dpdk-telemetry.py, unchanged, asks a dpdk-testpmd, unchanged, that has the plugin loaded and its
# buffers in a mempool with the ops OPS, while it forwards.

. "$(dirname "${BASH_SOURCE[0]}")/looped.sh"

testpmd_starts
packets_circulate

long=$(printf 'x%.0s' {1..900})
{
	printf '%s\n' / /tide/pools /tide/pool,mb_pool_0 /tide/owners,mb_pool_0 /tide/pool /tide/pool,absent \
		"/tide/pool,$long" /tide/owners,absent
	for ((i = 0; i < 1000; i++)); do
		echo /tide/pool,mb_pool_0
	done
	echo quit
} >"$work/questions"
timeout 30 dpdk-telemetry.py -f "$prefix" <"$work/questions" >"$work/answers.out" 2>"$work/client.err" ||
	broken "dpdk-telemetry.py ended with $?"

$python - "$work/answers.out" "$ops" $buffers >&2 <<'END' || broken "the answers are not what they should be"
import json
import sys

path, ops, buffers = sys.argv[1], sys.argv[2], int(sys.argv[3])
lines = [line[line.index('{'):] for line in open(path) if '{"/' in line]
answers = [list(json.loads(line).values())[0] for line in lines]
endpoints, pools, pool, owners, unnamed, absent, long, no_owners = answers[:8]
assert {'/tide/pools', '/tide/pool', '/tide/owners'} <= set(endpoints), endpoints
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
many = answers[8:1008]
assert len(many) == 1000 and all(answer['in_use'] == 256 for answer in many), len(many)
END

tell stop
says testpmd '^Done\.'
tell quit
ends testpmd 20 0
passed
