#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# driver-dir.sh: print the directory from which the EAL of the installed DPDK loads drivers by itself, for
# make install DRIVERDIR="$(config/driver-dir.sh)".
set -eu

# DPDK up to 26.07 does not state it, but puts links to its drivers beside its libraries.
dir=$(pkg-config --variable=driverdir libdpdk)
if [ -z "$dir" ]; then
	bus=$(pkg-config --variable=libdir libdpdk)/librte_bus_vdev.so
	[ -L "$bus" ] || {
		echo "driver-dir.sh: $bus is no link into the driver directory of DPDK: give DRIVERDIR yourself" >&2
		exit 1
	}
	dir=$(dirname "$(readlink -f "$bus")")
fi
echo "$dir"
