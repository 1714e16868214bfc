# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
# shellcheck shell=bash
#
# For test scripts, on top of config/lib.sh: skips, a work directory, and the check at the end that nothing was left
# behind. A script sources it, does its work and ends with `passed`.
#
# meson sets TIDE_BUILD, the build directory.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/config/lib.sh"

build=${TIDE_BUILD:-$root/build}
fwd=$build/app/tide-fwd
plugin=${TIDE_PLUGIN:-$build/drivers/plugin/librte_mempool_tide.so}
ops=${TIDE_OPS:-tide}

# EAL file prefix of this test; a second process uses "${prefix}b" and so on.
prefix=tide_$$
work=$(mktemp -d "${TMPDIR:-/tmp}/tide.XXXXXX") || exit
# Without this, EAL puts the directories of all users into /tmp/dpdk, which belongs to the first user.
is_root || export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$work}
orphans_before=$(huge_orphans)

trap run_deferred EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
defer 'rm -rf "$work"'

# skip REASON: end the test as skipped, because this machine lacks something.
skip() {
	say "skipped: $*"
	exit 77
}

# passed: end the test as passed; every test ends with it.
passed() {
	nothing_left
	say "passed"
	exit 0
}

# broken SENTENCE: fail, and print the output of the programs of this test.
broken() {
	local f

	for f in "$work"/*.out "$work"/*.err; do
		[ -s "$f" ] || continue
		say "--- ${f##*/} (its last lines)"
		tail -n 60 "$f" | tr '\r' '\n'
	done
	fail "$@"
}

need_root() {
	is_root || skip "needs root ($1)"
}

# need_huge MB: skip if less memory on 2 MB pages is free.
need_huge() {
	local pages=$(($1 / 2)) free

	free=$(huge_free)
	[ "$free" -ge $pages ] || skip "$free of $pages huge pages of 2 MB are free: config/hugepages.sh"
}

need_cpus() {
	[ "$(nproc)" -ge "$1" ] || skip "needs $1 CPUs, has $(nproc)"
}

# eal_on KIND PREFIX MB [IOVA]: set eal_args for memory on huge pages or without; skip if that is not possible.
eal_on() {
	case $1 in
	huge)
		need_huge "$3"
		eal_args=(--in-memory --file-prefix "$2")
		;;
	nohuge)
		eal_args=(--no-huge --no-shconf -m "$3" --file-prefix "$2")
		;;
	*)
		fail "huge or nohuge, not $1"
		;;
	esac
	if [ "${4:-}" = pa ]; then
		need_root "physical addresses"
	fi
	[ -z "${4:-}" ] || eal_args+=("--iova-mode=$4")
	eal_args+=(--no-pci --no-telemetry)
	# Only our programs must leave nothing; files that DPDK's own programs leave are removed.
	defer "rm -rf '$(eal_runtime_dir "$2")'"
}

# below_world_writable FILE: check whether it is below a world-writable directory, where EAL loads no plugin.
below_world_writable() {
	local d

	d=$(dirname "$(readlink -f "$1")")
	while [ "$d" != / ]; do
		[ -z "$(find "$d" -maxdepth 0 -perm -0002)" ] || return 0
		d=$(dirname "$d")
	done
	return 1
}

# safe_plugin: set $plugin to a path from which EAL loads it, for a checkout below /tmp.
safe_plugin() {
	local copy

	[ -e "$plugin" ] || broken "$plugin is not there"
	below_world_writable "$plugin" || return 0
	copy=$(mktemp -d "${HOME:-/root}/.tide.XXXXXX" 2>/dev/null) && ! below_world_writable "$copy/x" ||
		skip "$plugin is below a world-writable directory, and so is the home directory"
	defer "rm -rf '$copy'"
	cp "$plugin" "$copy/" || skip "$plugin cannot be copied to $copy"
	plugin=$copy/${plugin##*/}
}

# file_says FILE REGEX: check whether a line of the file matches.
file_says() {
	grep -aEq -- "$2" "$1" 2>/dev/null
}

# says NAME REGEX [SECONDS]: wait until a line of the spawned program's output matches.
says() {
	local pid=pid_$1 limit=${3:-20}
	local end=$((SECONDS + limit))

	until file_says "$work/$1.out" "$2"; do
		if ! kill -0 "${!pid}" 2>/dev/null; then
			file_says "$work/$1.out" "$2" && return
			broken "$1 ended before it said \"$2\""
		fi
		[ $SECONDS -lt $end ] || broken "$1 did not say \"$2\" within $limit seconds"
		sleep 0.05
	done
}

# ends NAME SECONDS CODE: check that a spawned program ends in time with that exit code.
ends() {
	local pid=pid_$1 rc

	gone_within "$2" "${!pid}" || broken "$1 still runs after $2 seconds"
	wait "${!pid}"
	rc=$?
	[ $rc -eq "$3" ] || broken "$1 ended with $rc, expected $3"
}

# no_run_time_dir PREFIX: check that the program with that prefix removed its run-time directory.
no_run_time_dir() {
	[ ! -e "$(eal_runtime_dir "$1")" ] || broken "$(eal_runtime_dir "$1") was left behind"
}

no_more_orphans() {
	[ "$(huge_orphans)" -le "$orphans_before" ]
}

# nothing_left: check that no huge page is without a process and no file of ours is in a hugetlbfs.
nothing_left() {
	local mount

	within 10 no_more_orphans ||
		broken "$(huge_orphans) huge pages have no owner, $orphans_before had none before"
	while read -r mount; do
		compgen -G "$mount/${prefix}*map_*" >/dev/null &&
			broken "files of $prefix were left in $mount"
	done < <(awk '$3 == "hugetlbfs" { print $2 }' /proc/mounts)
}

# commands: make the pipe $work/commands, from which a program of this test reads what `tell` sends.
commands() {
	mkfifo "$work/commands"
	exec 8<>"$work/commands"
}

# tell COMMAND: send a command through the pipe that is file 8.
tell() {
	echo "$1" >&8
}

# dump_pool NAME: make testpmd dump a mempool. From 25.11 on the command is
# "dump mempool"; each version refuses the name of the other and continues.
dump_pool() {
	tell "dump_mempool $1"
	tell "dump mempool $1"
}

# result NAME CLAIM...: check claims about the JSON line of a spawned program.
result() {
	local name=$1

	shift
	$python "$root/tests/support/result.py" "$work/$name.out" "$@" >&2 ||
		broken "the summary of $name is not what it should be"
}

# asks NAME SOCKET REQUEST: store the answer of a program to a request, for result.
asks() {
	$python "$root/tests/support/ask.py" "$2" "$3" >"$work/$1.out" || broken "$2 does not answer $3"
}

# split_arguments ARGUMENT... -- REST...: set before to the arguments before "--", and rest to those behind it.
split_arguments() {
	before=()
	while [ "$1" != -- ]; do
		before+=("$1")
		shift
	done
	shift
	rest=("$@")
}

# all_back NAME: check that the summary, in words and as JSON, has every buffer of every pool back.
all_back() {
	local line

	result "$1" 'all_back' 'len(pools) > 0' 'all(p["in_use"] == 0 and not p["misuse"] for p in pools)' \
		'all(p["free"] == p["size"] > 0 for p in pools)'
	line=$(grep -aEo '[0-9]+ of [0-9]+ buffers back' "$work/$1.out") ||
		broken "the summary of $1 does not say how many buffers are back"
	[[ $line =~ ^([0-9]+)\ of\ ([0-9]+)\  ]] && [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ] ||
		broken "$line"
}

# stopped NAME SIGNAL PREFIX: check that the signal ends it with 0, every buffer back and nothing left.
stopped() {
	local pid=pid_$1

	kill "-$2" "${!pid}" || broken "$1 was gone before SIG$2"
	ends "$1" 30 0
	all_back "$1"
	result "$1" "ended_by == '$2'"
	no_run_time_dir "$3"
}
