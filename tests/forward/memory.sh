#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# memory.sh: tide-fwd starts without a word about memory: on huge pages without a hugetlbfs, and without
# huge pages. It leaves no file in a hugetlbfs.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"

eal=(--lcores "$(lcores 2)" --no-pci --no-telemetry --file-prefix "$prefix" --vdev=net_null0)
spawn plain "$fwd" "${eal[@]}" -- --duration 1 --json
ends plain 30 0
all_back plain
no_run_time_dir "$prefix"

# EAL has no room for what a capture needs. No process can attach to capture, so nothing is said of it.
for memory in "--no-huge --no-shconf -m 4" "--no-huge -m 4"; do
	# shellcheck disable=SC2086
	"$fwd" "${eal[@]}" $memory -- --dry-run >"$work/little.out" 2>"$work/little.err" </dev/null ||
		broken "the plan does not work with $memory"
	[ ! -s "$work/little.err" ] || broken "there is a warning with $memory"
	no_run_time_dir "$prefix"
done

if is_root && unshare --mount true 2>/dev/null; then
	mkdir "$work/none.d"
	spawn bare unshare --mount sh -c '
		none=$1
		shift
		for d in /sys/kernel/mm/hugepages /sys/devices/system/node/node*/hugepages; do
			[ ! -d "$d" ] || mount --bind "$none" "$d" || exit 99
		done
		exec "$@"' sh "$work/none.d" "$fwd" "${eal[@]}" -- --duration 1 --json
	ends bare 30 0
	file_says "$work/bare.out" '^memory: EAL runs with --no-huge' ||
		broken "it does not say that it runs without huge pages"
	all_back bare
	no_run_time_dir "$prefix"

	# The only hugetlbfs cannot be written to.
	if [ "$(huge_free)" -ge 64 ]; then
		mkdir "$work/huge.d"
		spawn mount unshare --mount sh -c '
			while umount "$(grep " hugetlbfs " /proc/mounts | cut -d " " -f 2 | head -n 1)" 2>/dev/null; do :; done
			mount -t hugetlbfs -o ro,pagesize=2M none "$1" || exit 99
			shift
			exec "$@"' sh "$work/huge.d" "$fwd" "${eal[@]}" -- --duration 1 --json
		ends mount 30 0
		file_says "$work/mount.out" '^memory: EAL runs with --in-memory: this user may not write to' ||
			broken "it does not say that it leaves the hugetlbfs alone"
		all_back mount
		no_run_time_dir "$prefix"

		# A hugetlbfs of its own. EAL leaves files there; they stay if the user wants them for the next start.
		for unlink in existing never; do
			spawn files_$unlink unshare --mount sh -c '
				mount -t hugetlbfs -o pagesize=2M none "$1" || exit 99
				dir=$1
				shift
				"$@" && echo "left: $(ls "$dir" | wc -l)"' sh "$work/huge.d" \
				"$fwd" "${eal[@]}" --huge-dir "$work/huge.d" --huge-unlink=$unlink -- --duration 1 --json
			ends files_$unlink 30 0
		done
		file_says "$work/files_existing.out" '^left: 0$' || broken "it leaves files in the hugetlbfs"
		file_says "$work/files_never.out" '^left: [1-9]' || broken "it removes files that the user wants to keep"
		no_run_time_dir "$prefix"

		# The only hugetlbfs may have one page, and another program has it.
		spawn limited unshare --mount sh -c '
			while umount "$(grep " hugetlbfs " /proc/mounts | cut -d " " -f 2 | head -n 1)" 2>/dev/null; do :; done
			mount -t hugetlbfs -o size=2M,pagesize=2M none "$1" && fallocate -l 2M "$1/taken" || exit 99
			shift
			exec "$@"' sh "$work/huge.d" "$fwd" "${eal[@]}" -- --duration 1 --json
		ends limited 30 0
		file_says "$work/limited.out" '^memory: EAL runs with --in-memory: .*/huge.d is full' ||
			broken "it does not say that the hugetlbfs is full"
		all_back limited
		no_run_time_dir "$prefix"
	fi
else
	say "not tried, needs root: a kernel without huge pages"
fi
passed
