# SPDX-License-Identifier: BSD-3-Clause
# tide-buffer-pool prints the expected lines for each node. The allocations of each lcore, every chunk of the arena
# and every cell of the shard are on their node, by move_pages and by numa_maps.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"
. "$LAB_ROOT/tests/support/buffer_pool.sh"

# by_own_node NAME: check that records are on the node of their CPU, whose number EAL gave the lcore: they must be in
# the chunks that `held` and `in_maps` found there. The output of the program is no proof of their node.
by_own_node() {
	local lcore node what from to page found

	for lcore in "${!record_at[@]}"; do
		found=none
		while read -r node what from to page; do
			[ "$what" = chunks ] && ((record_at[lcore] >= from && record_at[lcore] < to)) && found=$node
		done < <(places "$1")
		[ -e "$node_root/node$found/cpu$lcore" ] ||
			broken "$1: the records of lcore $lcore are among the chunks of node $found, its CPU is not"
	done
}

# in_maps NAME: check that numa_maps has the same memory on the same nodes.
in_maps() {
	local node what from to page found

	while read -r node what from to page; do
		found=$(mapped_pages "$1" "$from" "$to")
		[ "${found% *}" = "$node" ] ||
			broken "$1: numa_maps has the $what of node $node on (node, pages): $found"
	done < <(places "$1")
}

# try NAME ARGUMENT...: check a run while it waits.
try() {
	local name=$1 pid=pid_$1

	shift
	spawn "$name" "$pool" "$@" -- --hold 100
	says "$name" '^  Ready$' 60
	held "$name"
	in_maps "$name"
	kill -TERM "${!pid}"
	ends "$name" 20 0
	complete "$name"
	by_own_node "$name"
}

# First on huge pages if the node has some, then without.
try huge
no_run_time_dir "tide-buffer-pool.$pid_huge"
try small --no-huge --no-shconf --no-pci -m 64 --file-prefix "$prefix"
no_run_time_dir "$prefix"
passed
