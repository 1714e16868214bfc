#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# ops_numbers.sh PEER LINKED table|driver_dir|FIRST SECOND: a process that loads the plugin, or links
# libtidepool, leaves the numbers of DPDK's mempool ops as they are. FIRST and SECOND are two processes that
# share pools: plain has DPDK's ops alone, plugin loads ours, linked is linked with the library.

. "$(dirname "${BASH_SOURCE[0]}")/shared.sh"

peer=$1
linked=$2
safe_plugin

# as KIND: the command of such a process.
as() {
	case $1 in
	plain) command=("$peer") ;;
	plugin) command=("$peer" -d "$plugin") ;;
	linked) command=("$linked") ;;
	both) command=("$linked" -d "$plugin") ;;
	*) fail "plain, plugin, linked or both, not $1" ;;
	esac
}

table() {
	as "$1"
	timeout -k 5 30 "${command[@]}" --no-huge --no-shconf -m 64 --no-pci --no-telemetry \
		--file-prefix "${prefix}t" -- ops >"$work/$1.out" 2>"$work/$1.err" ||
		broken "$1: no table of ops"
	grep -E '^[0-9]+ ' "$work/$1.out" >"$work/$1.ops"
}

defer 'rm -rf "$(eal_runtime_dir "${prefix}t")"'
if [ "$3" = table ]; then
	table plain
	known=$(wc -l <"$work/plain.ops")
	echo "$known $ops" | cat "$work/plain.ops" - >"$work/expected.ops"
	for kind in plugin linked both; do
		table $kind
		diff "$work/expected.ops" "$work/$kind.ops" >"$work/diff.out" ||
			broken "$kind: the table of ops is not that of DPDK with $ops at its end"
	done
	say "the $known ops of DPDK keep their numbers, $ops is last, once"
	shared_passed
fi

if [ "$3" = driver_dir ]; then
	# As after `make install DRIVERDIR=`; only this test sees the copy in the place of the directory.
	directory=$("$root/config/driver-dir.sh" 2>"$work/directory.err") || skip "$(cat "$work/directory.err")"
	cp -a "$directory" "$work/drivers"
	table plain
	cp "$plugin" "$work/drivers/"
	mount --bind "$work/drivers" "$directory" || skip "$directory cannot be covered"
	defer 'umount "$directory"'
	echo "$(wc -l <"$work/plain.ops") $ops" | cat "$work/plain.ops" - >"$work/expected.ops"
	table plain
	diff "$work/expected.ops" "$work/plain.ops" >"$work/diff.out" ||
		broken "EAL did not load the plugin from $directory, or not as the last"
	# The same directory and -d, as a user might: once.
	table plugin
	diff "$work/expected.ops" "$work/plugin.ops" >"$work/diff.out" ||
		broken "the plugin from $directory and by -d did not register once"
	primary_starts '^ready' "$peer" "${primary[@]}" -- make packets ring_mp_mc tides "$ops"
	second second 0 "$peer" "${secondary[@]}" -- use packets tides
	primary_ends
	say "loaded by EAL from $directory: $ops is last, once, in both processes"
	shared_passed
fi

pools=(packets ring_mp_mc)
names=(packets)
if [ "$3" != plain ] && [ "$4" != plain ]; then
	pools+=(tides "$ops")
	names+=(tides)
fi
# A hang is a failure as a crash is: both processes have time limits.
as "$3"
primary_starts '^ready' "${command[@]}" "${primary[@]}" -- make "${pools[@]}"
as "$4"
second second 0 "${command[@]}" "${secondary[@]}" -- use "${names[@]}"
file_says "$work/second.out" '^packets: .*"ring_mp_mc"' ||
	broken "the ring pool has other ops in the second process"
[ ${#names[@]} -eq 1 ] || file_says "$work/second.out" "^tides: .*\"$ops\"" ||
	broken "the tide pool has other ops in the second process"
primary_ends
say "${names[*]}: made by $3, used by $4, all buffers are back"
shared_passed
