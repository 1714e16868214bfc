# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
# shellcheck shell=bash
#
# A machine on paper, for test scripts on top of lib.sh: node 0 is this machine. Other nodes exist only in sysfs,
# with real CPUs or none, and without real memory. Programs run on it in a mount namespace of their own.

paper=$work/paper
paper_sysfs=/sys/devices/system/node

# paper_can: check whether this machine allows it; else print the reason.
paper_can() {
	[ "$(cat $paper_sysfs/online)" = 0 ] || { say "not tried: this machine is not one node"; return 1; }
	[ "$(nproc)" -ge 2 ] || { say "not tried: one CPU"; return 1; }
	is_root && unshare --mount true 2>/dev/null || { say "not tried, needs root: a node on paper"; return 1; }
}

# paper_node ID CPU|- DISTANCES: add a node.
paper_node() {
	local dir=$paper/nodes/node$1

	mkdir -p "$dir"
	[ "$2" = - ] || mkdir "$dir/cpu$2"
	echo "${2#-}" >"$dir/cpulist"
	echo "$3" >"$dir/distance"
	sed "s/Node 0/Node $1/" $paper_sysfs/node0/meminfo >"$dir/meminfo"
}

# paper_mems ONLINE ALLOWED: set the online nodes, and those whose memory may be used (Mems_allowed).
paper_mems() {
	echo "$1" >"$paper/nodes/online"
	sed "s/^Mems_allowed_list:.*/Mems_allowed_list:\t$2/" /proc/self/status >"$paper/status"
}

# by_paper[]: put it before a command to run that there under the same process id. The command must not fork the
# program under test.
by_paper=(unshare --mount sh -c '
	mount --bind "$1" /sys/devices/system/node && mount --bind "$2" "/proc/$$/status" || exit 99
	shift 2
	exec "$@"' sh "$paper/nodes" "$paper/status")

# on_paper COMMAND...: run a command there, for at most 30 s.
on_paper() {
	timeout -k 5 30 "${by_paper[@]}" "$@"
}
