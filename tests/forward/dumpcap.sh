#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# dumpcap.sh: dpdk-dumpcap captures from a running tide-fwd, again and again, and forwarding does not mind.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

have dpdk-dumpcap || skip "no dpdk-dumpcap here"
need_root "a hugetlbfs of its own"
need_huge 256
mkdir "$work/huge"
mount -t hugetlbfs -o pagesize=2M hugetlbfs "$work/huge" 2>/dev/null || skip "hugetlbfs cannot be mounted here"
defer "umount '$work/huge'"
defer "rm -f '$work/huge/'*"
defer "rm -rf '$(eal_runtime_dir "$prefix")'"

# Frames of 64 bytes, all 0.
spawn fwd "$fwd" --lcores "$(lcores 2)" --huge-dir "$work/huge" -m 128 --no-pci --no-telemetry \
	--file-prefix "$prefix" --vdev=net_null0 -- --mode io --json
says fwd 'port 0: rx [1-9]'
for round in 1 2; do
	timeout -k 5 40 dpdk-dumpcap --file-prefix="$prefix" -i net_null0 -P -c 300 -w "$work/cap.pcap" \
		>"$work/cap.out" 2>&1 </dev/null || broken "dpdk-dumpcap captures nothing"
	# The header of the file, and 16 bytes before each frame.
	[ "$(stat -c %s "$work/cap.pcap")" -ge $((24 + 300 * (16 + 64))) ] ||
		broken "dpdk-dumpcap captured $(stat -c %s "$work/cap.pcap") bytes only"
	rm "$work/cap.pcap"
done
kill -TERM "$pid_fwd"
ends fwd 30 0
all_back fwd
result fwd "ports[0]['rx'] == ports[0]['tx'] > 300"
# EAL keeps the files of its pages for the next start.
rm -f "$work/huge/"*
passed
