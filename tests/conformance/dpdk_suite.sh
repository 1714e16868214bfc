#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# dpdk_suite.sh SUITE huge|nohuge pa|va: a suite of DPDK's own tests, unchanged, with every packet pool in
# it on the plugin.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

suite=$1
have dpdk-test || skip "no dpdk-test; it is in the package dpdk-dev"
safe_plugin
eal_on "$2" "$prefix" 1024 "$3"

# runs: run the suite; set rc to the exit code.
runs() {
	timeout -k 5 100 dpdk-test -d "$plugin" --lcores "$(lcores 2)" "${eal_args[@]}" \
		"--mbuf-pool-ops-name=$ops" >"$work/$suite.out" 2>&1 <<<"$suite"
	rc=$?
}

runs
# mbuf_autotest counts 64 free mbufs and expects 64 gets to succeed, while its worker frees the last ones. If another process
# takes the CPU of the worker inside a put, the mbufs of its cell are hidden until it continues (doc/model.md). The kernel does
# that once in some hundred runs, not twice in a row.
if [ $rc -ne 0 ] && file_says "$work/$suite.out" 'was able to allocate only (3[3-9]|[45][0-9]|6[0-3]) from 64 mbufs'; then
	say "the worker of $suite was preempted inside a put; again"
	runs
fi

[ $rc -ne 124 ] || broken "$suite did not end within 100 seconds"
[ $rc -eq 0 ] || broken "dpdk-test ended with $rc"
file_says "$work/$suite.out" '^(RTE>>)?Test OK' || broken "$suite did not say \"Test OK\""
if [ "$suite" = mempool_autotest ]; then
	# It dumps the pools it made: ours was among them.
	file_says "$work/$suite.out" "ops_name: <$ops>" || broken "no pool of $suite was on $ops"
fi
passed
