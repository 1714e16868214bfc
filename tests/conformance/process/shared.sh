# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
# shellcheck shell=bash
#
# For tests of two DPDK processes that share memory: a hugetlbfs that no other process sees. A script
# sources it first.

if [ -z "${TIDE_SHARED:-}" ]; then
	unshare --mount true 2>/dev/null || {
		echo "skipped: needs root, to mount a hugetlbfs of its own"
		exit 77
	}
	TIDE_SHARED=1 exec unshare --mount --propagation private bash "$0" "$@"
fi

. "$(dirname "${BASH_SOURCE[0]}")/../../support/lib.sh"

need_huge 256
mkdir "$work/huge"
mount -t hugetlbfs -o pagesize=2M none "$work/huge" || skip "no hugetlbfs can be mounted"
defer 'umount "$work/huge" 2>/dev/null'
defer 'rm -rf "$(eal_runtime_dir "$prefix")"'

shared=(--no-pci --no-telemetry --file-prefix "$prefix")
# Lcore ids of their own: lcores of one id would share a mempool cache.
ids=$(lcores 2)
primary=("${shared[@]}" --huge-dir "$work/huge" -m 128 --lcores "${ids%,*}")
secondary=("${shared[@]}" --proc-type=secondary --lcores "${ids#*,}")

# primary_starts READY COMMAND...: spawn the primary, which says READY (a regex) and reads from
# descriptor 8.
primary_starts() {
	local ready=$1

	shift
	rm -rf "$(eal_runtime_dir "$prefix")"
	rm -f "$work/commands" "$work"/*.out "$work"/*.err
	commands
	first() {
		exec setpriv --pdeathsig TERM "$@" <"$work/commands"
	}
	spawn first first "$@"
	says first "$ready"
}

# primary_ends: tell it to look at its pools; it must find all buffers.
primary_ends() {
	echo >&8
	ends first 20 0
}

# shared_passed: the end of a test; pages of files that EAL leaves in the hugetlbfs go with it.
shared_passed() {
	umount "$work/huge" || broken "a process still uses the hugetlbfs"
	passed
}

# second NAME CODE COMMAND...: a secondary process ends with that code.
second() {
	local name=$1 code=$2 rc

	shift 2
	timeout -k 5 30 "$@" >"$work/$name.out" 2>&1
	rc=$?
	[ $rc -eq "$code" ] || broken "$name ended with $rc, expected $code"
}
