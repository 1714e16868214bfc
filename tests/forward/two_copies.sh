#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# two_copies.sh: tide-fwd, which has the library inside, loads the plugin too. The copy of the library answers on both
# telemetry sockets, since the program publishes its flows there, and the other copy has no thread.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

eal_on nohuge "$prefix" 128
safe_plugin
unset "eal_args[-1]" # --no-telemetry
spawn fwd "$fwd" -d "$plugin" --lcores "$(lcores 2)" "${eal_args[@]}" --vdev=net_null0 --vdev=net_null1 \
	-- --flows 3 --stats 1 --json
says fwd 'flows: interval 2'
for socket in "$(eal_runtime_dir "$prefix")"/{dpdk_telemetry.v2,tide_telemetry.*}; do
	asks interval "$socket" /tide/flows,last_interval
	result interval 'not_ip_packets > 0'
done
threads=$(cat "/proc/$pid_fwd/task/"*/comm | grep -c '^tide-telemetry$')
[ "$threads" -eq 1 ] || broken "$threads threads serve clients"
stopped fwd INT "$prefix"
passed
