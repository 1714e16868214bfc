# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
# shellcheck shell=bash
#
# For scripts that let dpdk-telemetry.py ask a dpdk-testpmd, both unchanged. testpmd has the plugin loaded and its
# buffers in a mempool with the ops of the script's argument, and two ports that are looped back to themselves.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

ops=$1
for program in dpdk-testpmd dpdk-telemetry.py; do
	have $program || skip "no $program; it is in the packages dpdk and dpdk-dev"
done
safe_plugin
buffers=${buffers:-4096}
defer "rm -rf '$(eal_runtime_dir "$prefix")'"
commands

# More arguments of EAL.
more_args=()

# testpmd_starts [NAME=VALUE...]: start testpmd, with these variables. Telemetry needs the run-time directory, so this
# is not --no-shconf.
testpmd_starts() {
	env "$@" timeout -k 5 90 stdbuf -oL dpdk-testpmd -d "$plugin" "${more_args[@]}" --lcores "$(lcores 2)" --no-huge -m 256 --no-pci \
		--file-prefix "$prefix" --vdev=net_ring0 --vdev=net_ring1 "--mbuf-pool-ops-name=$ops" \
		-- -i --total-num-mbufs=$buffers --mbcache=0 --no-lsc-interrupt --disable-link-check \
		>>"$work/testpmd.out" 2>&1 <"$work/commands" &
	pid_testpmd=$!
	defer "reap $pid_testpmd"
	says testpmd 'testpmd>'
}

moving() {
	tell "show port stats 0"
	sleep 0.2
	file_says "$work/testpmd.out" 'TX-packets: [0-9]{5,}'
}

# packets_circulate: a few bursts go round for ever. Each of two ports sends four bursts of 32, so 256 buffers are out.
packets_circulate() {
	tell "start tx_first 4"
	within 30 moving || broken "no 10,000 packets within 30 seconds"
}
