#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the tidepool authors
#
# Reserves 2 MB huge pages on each memory node.
#
#   config/hugepages.sh show             print the pages of each node
#   config/hugepages.sh reserve N        raise each node to at least N free pages, until the next boot
#   config/hugepages.sh with N COMMAND   the same while COMMAND runs, then release the added pages
#
# It adds pages worth at most half of the free memory of a node. If it may not write the number, it prints the
# reason and goes on.

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
	sed -n '/^#   config/s/^#   //p' "$0" >&2
	exit 2
}

# nodes: print the nodes that can have huge pages of this size, as "node directory" lines.
nodes() {
	local d

	for d in "$huge_root"/node[0-9]*; do
		[ -r "$d/$huge_kind/nr_hugepages" ] && echo "${d##*/node} $d/$huge_kind"
	done
}

# put FILE TEXT: write a file of the kernel, as root or with a sudo that needs no password.
put() {
	local said

	if is_root; then
		said=$( { echo "$2" >"$1"; } 2>&1) && return
	elif have sudo && said=$(echo "$2" | sudo -n tee "$1" 2>&1 >/dev/null); then
		return
	else
		said="not root, and sudo would ask for a password"
	fi
	say "huge pages: cannot write $1: ${said##*: }"
	return 1
}

# half_of_free DIRECTORY: print how many pages half of the free memory of a node is.
half_of_free() {
	awk '$3 == "MemFree:" { print int($4 / 4096) }' "$1/meminfo"
}

# raise N: bring each node to N free pages; note the added pages in raised[node].
declare -A raised
raise() {
	local want=$1 node dir had free more most

	exec 9</sys/kernel/mm/hugepages && flock -w 10 9
	while read -r node dir <&3; do
		had=$(<"$dir/nr_hugepages")
		free=$(<"$dir/free_hugepages")
		more=$((want - free))
		if [ $more -le 0 ]; then
			say "huge pages: node $node has $free free pages of 2 MB, enough"
			continue
		fi
		most=$(half_of_free "$huge_root/node$node")
		if [ $more -gt "$most" ]; then
			more=$most
		fi
		put "$dir/nr_hugepages" $((had + more)) || continue
		raised[$node]=$(($(<"$dir/nr_hugepages") - had))
		say "huge pages: node $node: reserved ${raised[$node]} more of 2 MB," \
			"$(<"$dir/free_hugepages") free, $want requested"
	done 3< <(nodes)
	exec 9<&-
	[ -n "$(nodes)" ] || say "huge pages: this kernel has none of 2 MB; going on without"
}

# lower: release only the pages that raise() added, since others may have changed the number meanwhile.
lower() {
	local node dir now

	exec 9</sys/kernel/mm/hugepages && flock -w 10 9
	while read -r node dir <&3; do
		[ "${raised[$node]:-0}" -gt 0 ] || continue
		now=$(<"$dir/nr_hugepages")
		put "$dir/nr_hugepages" $((now - raised[$node])) &&
			say "huge pages: node $node: released ${raised[$node]}," \
				"$(<"$dir/nr_hugepages") stay reserved"
	done 3< <(nodes)
	exec 9<&-
}

show() {
	local node dir

	while read -r node dir; do
		say "node $node: $(<"$dir/nr_hugepages") pages of 2 MB, $(<"$dir/free_hugepages") free"
	done < <(nodes)
}

number() {
	[[ $1 =~ ^[0-9]{1,6}$ ]] || fail "\"$1\" is not a number of pages from 0 to 999999"
}

case ${1:-} in
show)
	[ $# -eq 1 ] || usage
	show
	;;
reserve)
	[ $# -eq 2 ] || usage
	number "$2"
	raise "$2"
	;;
with)
	[ $# -ge 3 ] || usage
	number "$2"
	trap run_deferred EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	defer lower
	raise "$2"
	shift 2
	run_to_end "$@"
	;;
*)
	usage
	;;
esac
