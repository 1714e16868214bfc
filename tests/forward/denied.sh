#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# denied.sh nohuge|plain: the kernel lets no process ask for or choose the node of memory, as in containers.

. "$(dirname "${BASH_SOURCE[0]}")/../support/lib.sh"
. "$root/tests/support/paper.sh"

denied=$build/tests/forward/denied
# plain: without a word about memory, where there are huge pages: EAL could not take one.
case $1 in
plain)
	need_huge 64
	eal_args=(--file-prefix "$prefix" --no-pci --no-telemetry)
	page=()
	;;
*)
	eal_on "$1" "$prefix" 64
	page=(--page 4K)
	;;
esac
IFS=,@ read -r _ cpu0 _ cpu1 <<<"$(lcores 2)"
eal=(--lcores "0@$cpu0" "${eal_args[@]}" --vdev=net_null0 --vdev=net_null1)
"$denied" true || skip "no seccomp filters here"

# start CODE COMMAND... -- OPTION...: run tide-fwd by way of a command, which ends it in time.
start() {
	local code=$1 before rest rc

	split_arguments "${@:2}"
	"${before[@]}" "$fwd" "${eal[@]}" -- --stats 0 --duration 1 --json "${rest[@]}" \
		>"$work/fwd.out" 2>"$work/fwd.err" </dev/null
	rc=$?
	[ $rc -eq "$code" ] || broken "tide-fwd $* ended with $rc, expected $code"
	no_run_time_dir "$prefix"
}

# One node: nothing can be elsewhere.
if [ "$(cat $paper_sysfs/online)" = 0 ]; then
	[ "$1" = plain ] && backings=own || backings='EAL own'
	for backing in $backings; do
		start 0 timeout 30 "$denied" -- --strict "${page[@]}" --backing $backing
		! file_says "$work/fwd.err" 'warning' || broken "it warns though nothing can be elsewhere"
		result fwd 'pages_elsewhere == 0 == pages_unknown' \
			'all(p["placement"]["local"] == p["placement"]["pages"] for p in pools)' \
			'all(p["placement"]["checks"] > 0 for p in pools)'
		all_back fwd
	done
	[ "$1" != plain ] || file_says "$work/fwd.out" '^memory: EAL runs with --no-huge: .*SYS_NICE' ||
		broken "it does not say why EAL runs without huge pages"
	"$denied" timeout 60 "$build/app/tide-buffer-pool" "${eal_args[@]}" >"$work/pool.out" 2>&1 ||
		broken "tide-buffer-pool does not end well"
fi

# Two nodes, one on paper: unknown is not elsewhere, and nothing of it is for want of huge pages.
page=(--page 4K)
paper_can || passed
paper_node 0 "$cpu0" '10 20'
paper_node 1 "$cpu1" '20 10'
paper_mems 0-1 0-1
start 0 on_paper "$denied" -- --backing own "${page[@]}"
result fwd 'pages_elsewhere == 0' 'pages_unknown == sum(p["placement"]["pages"] for p in pools)' \
	'pages_unknown == sum(p["placement"]["unknown"] for p in pools)'
file_says "$work/fwd.out" '^[0-9]+ page\(s\) of buffers may be on the node of their pool' ||
	broken "the summary does not say that pages are unknown"
all_back fwd
start 1 on_paper "$denied" -- --backing own --strict "${page[@]}"
file_says "$work/fwd.err" '^tide-fwd: --strict: no pool .* mbind: Operation not permitted: .*seccomp' ||
	broken "the refusal is not told"
! file_says "$work/fwd.err" 'nr_hugepages' || broken "huge pages are advised though none lack"

# The other node is hidden: that no file tells of it is no proof that memory is not there.
rm -rf "${paper:?}/nodes/node1/"*
start 1 on_paper "$denied" -- --backing own --strict "${page[@]}"
[ "$(grep -c 'node1: empty' "$work/fwd.err")" = 1 ] || broken "what cannot be read is not told once"
passed
