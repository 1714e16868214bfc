#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# sizing.sh WORKLOAD: tide-info plan --from predicts the peak of the pool of a dpdk-testpmd, unchanged, that has the
# plugin loaded. The error of the prediction is printed, and must be below a limit.
#
#   fifo   each packet waits until 4,096 others have come (--forward-mode=noisy)
#   flush  packets are collected for half a second, then all are sent
#   ring   256 buffers go round for ever
#   null   packets are freed at once; the mempool has caches

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

info=$build/app/tide-info
rate=5000
have dpdk-testpmd || skip "no dpdk-testpmd; it is in the package dpdk-dev"
safe_plugin
defer "rm -rf '$(eal_runtime_dir "$prefix")'"
commands

# testpmd_starts ARGUMENT...: start it in the network namespace of in=(), with a pool of 16,384 buffers.
testpmd_starts() {
	timeout -k 5 90 "${in[@]}" stdbuf -oL dpdk-testpmd -d "$plugin" --lcores "$(lcores 2)" --no-huge -m 256 --no-pci \
		--file-prefix "$prefix" --mbuf-pool-ops-name=tide "$@" --total-num-mbufs=16384 --no-lsc-interrupt \
		--disable-link-check >>"$work/testpmd.out" 2>&1 <"$work/commands" &
	pid_testpmd=$!
	defer "reap $pid_testpmd"
	says testpmd 'testpmd>'
}

# packets_come: send packets of 60 bytes at the rate.
packets_come() {
	spawn sender "${in[@]}" $python -c '
import socket
import sys
import time

out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind(("far", 0))
frame = bytes([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5]) + bytes(46)
start = time.monotonic()
sent = 0
while True:
    while sent < (time.monotonic() - start) * float(sys.argv[1]):
        out.send(frame)
        sent += 1
    time.sleep(0.0005)
' $rate
}

# held BUFFERS MS: start a forwarder that keeps packets, with a queue of so many buffers that is flushed so often.
held() {
	need_root "network namespaces"
	netns lab
	in=(nsenter "$(netns_of lab)")
	"${in[@]}" ip link add near type veth peer name far && plain_veth lab near && plain_veth lab far ||
		skip "no veth pair can be made"
	testpmd_starts --vdev=net_af_packet0,iface=near -- -i --mbcache=0 --forward-mode=noisy \
		"--noisy-tx-sw-buffer-size=$1" "--noisy-tx-sw-buffer-flushtime=$2"
	tell start
	packets_come
	# Until the queue is full.
	sleep 1.5
}

in=(env)
case ${1:-} in
fifo)
	held 4096 0
	limit=25
	;;
flush)
	held 16384 500
	limit=50
	;;
ring)
	testpmd_starts --vdev=net_ring0 --vdev=net_ring1 -- -i --mbcache=0
	tell "start tx_first 4"
	limit=1
	;;
null)
	testpmd_starts --vdev=net_null0 -- -i --mbcache=250 --forward-mode=rxonly
	tell start
	# testpmd empties the queues first, in bursts of 512: the peak is from there.
	limit=75
	;;
*)
	fail "name a workload: fifo, flush, ring or null"
	;;
esac

"$info" plan --from "$prefix" --seconds 3 --json >"$work/json.out" 2>"$work/plan.err" || broken "tide-info failed"
$python - "$work/json.out" "$1" $limit $rate <<'END' >&2 || broken "a wrong prediction"
import json
import sys

path, workload, limit, rate = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
pool, = json.load(open(path, encoding='ascii'))['pools']
assert pool['tide'] and pool['size'] == 16384 and pool['samples'] > 10, pool
assert pool['by_count'] == (workload == 'null'), pool
if workload in ('fifo', 'flush'):
    assert 0.5 * rate < pool['packets_per_second'] < 1.5 * rate and pool['fixed'] == 0, pool
if workload == 'ring':
    assert pool['fixed'] == pool['peak'] == 256, pool
assert abs(pool['error_percent']) <= limit, pool
assert pool['needed'] >= pool['peak'], pool
print(f"{workload}: {pool['packets_per_second']:.0f} packets/s, {pool['age_ms']:.0f} ms, predicted {pool['predicted']}, "
      f"peak {pool['peak']}: {pool['error_percent']:+.1f} %")
END
pid=$($python -c 'import json, sys; print(json.load(open(sys.argv[1]))["pid"])' "$work/json.out")
"$info" plan --from "$pid" --seconds 1 >"$work/plan.out" 2>"$work/plan.err" || broken "tide-info does not ask process $pid"
grep -q 'pool mb_pool_0' "$work/plan.out" || broken "tide-info does not name the pool"
"$info" plan --from "$(eal_runtime_dir "$prefix")/dpdk_telemetry.v2" --seconds 1 --check >"$work/plan.out" 2>&1 ||
	broken "tide-info does not ask the socket, or calls the pool too small"
if [ "$1" = fifo ]; then
	"$info" plan --from "$prefix" --seconds 1 --check --rate 100000 >"$work/plan.out" 2>"$work/plan.err"
	[ $? -eq 1 ] && grep -q 'too small' "$work/plan.out" || broken "the pool is called large enough for 20 times the rate"
fi
tell stop
tell quit
passed
