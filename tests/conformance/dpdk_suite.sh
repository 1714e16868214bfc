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

timeout -k 5 100 dpdk-test -d "$plugin" --lcores "$(lcores 2)" "${eal_args[@]}" \
	"--mbuf-pool-ops-name=$ops" >"$work/$suite.out" 2>&1 <<<"$suite"
rc=$?

[ $rc -ne 124 ] || broken "$suite did not end within 100 seconds"
[ $rc -eq 0 ] || broken "dpdk-test ended with $rc"
file_says "$work/$suite.out" '^(RTE>>)?Test OK' || broken "$suite did not say \"Test OK\""
if [ "$suite" = mempool_autotest ]; then
	# It dumps the pools it made: ours was among them.
	file_says "$work/$suite.out" "ops_name: <$ops>" || broken "no pool of $suite was on $ops"
fi
passed
