#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# af_xdp.sh: net_af_xdp takes a fixed number of buffers for each queue, for any number of requested descriptors,
# and gives none back when it closes: the pool is sized for the first, and the second is no failure.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

need_root "AF_XDP sockets"
compgen -G "/usr/lib/*/dpdk/pmds-*/librte_net_af_xdp.so*" >/dev/null || skip "no net_af_xdp here"
eal_on huge "$prefix" 64
netns lab
netns left
wire left 10.80.0.1/24 tide0 || skip "no veth pairs here"

# run NAME OPTION...
run() {
	local name=$1

	shift
	spawn "$name" nsenter "$(netns_of lab)" "$fwd" --lcores "$(lcores 2)" "${eal_args[@]}" \
		--vdev=net_af_xdp0,iface=tide0 -- --json --rx-desc 64 --tx-desc 64 "$@"
}
run probe --dry-run
gone_within 20 "$pid_probe" || broken "a dry run does not end"
file_says "$work/probe.out" '"driver":"net_af_xdp"' || skip "net_af_xdp does not start here"

for cache in 0 256; do
	run fwd --cache $cache
	says fwd 'port 0: rx [0-9]+,'
	in_netns left ping -c 3 -i 0.2 -W 1 -q 10.80.0.9 >/dev/null 2>&1
	kill -TERM "$pid_fwd"
	ends fwd 20 0
	result fwd "pools[0]['size'] > 2048" "pools[0]['in_use'] == pools[0]['kept_by_drivers']"
done
passed
