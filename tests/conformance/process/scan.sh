#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# scan.sh: a faulty driver has lost all buffers of a dpdk-testpmd that has the plugin. A scan calls them leaked, but not
# while a secondary process is there, which could have them; again when that was killed.

. "$(dirname "${BASH_SOURCE[0]}")/shared.sh"

for program in dpdk-testpmd dpdk-pdump dpdk-telemetry.py; do
	have $program || skip "no $program; it is in the packages dpdk and dpdk-dev"
done
safe_plugin
buffers=4096
# As tools.sh says.
linked=$(ldd "$(command -v dpdk-testpmd)" | awk '/librte_mempool_/ { print $3 }')
as_testpmd=(env "LD_PRELOAD=${linked//$'\n'/ }")

# scan_says REGEX...: a scan answers with each of these.
scan_says() {
	local text

	printf '/tide/scan,mb_pool_0\nquit\n' | timeout 60 dpdk-telemetry.py -f "$prefix" >"$work/scan.out" 2>&1 ||
		broken "dpdk-telemetry.py ended with $?"
	for text in "$@"; do
		grep -qE -- "$text" "$work/scan.out" || broken "the scan does not say $text"
	done
}

primary_starts 'testpmd>' env "LD_PRELOAD=$build/tests/conformance/libsick.so" "TIDE_LEAK=$work" \
	stdbuf -oL dpdk-testpmd -d "$plugin" --no-pci --file-prefix "$prefix" --huge-dir "$work/huge" -m 256 \
	--lcores "$ids" --vdev=net_null0 --vdev=net_null1 "--mbuf-pool-ops-name=$ops" \
	-- -i --total-num-mbufs=$buffers --mbcache=0 --no-lsc-interrupt --disable-link-check
tell start
says first 'packet forwarding - ports'
sleep 1
tell stop
says first '^Done\.'
# A table of numbers in a library can look like a pointer to a buffer or two.
most='"leaked": 40(9[0-6]|8[0-9])'
scan_says "\"outstanding\": $buffers" "$most"

pdump() {
	exec "${as_testpmd[@]}" dpdk-pdump -d "$plugin" "${shared[@]}" --proc-type=secondary --lcores "${ids#*,}" \
		-- --pdump "port=0,queue=*,rx-dev=$work/pdump.pcap"
}
spawn pdump pdump
attached() {
	compgen -G "$(eal_runtime_dir "$prefix")/mp_socket_*" >/dev/null
}
within 20 attached || broken "dpdk-pdump does not attach"
scan_says '"leaked": 0' '"unknown": 40(9[0-6]|8[0-9])' 'Other processes share the mempools'
kill -KILL "$pid_pdump"
wait "$pid_pdump" 2>/dev/null
scan_says "$most"

tell quit
ends first 20 0
shared_passed
