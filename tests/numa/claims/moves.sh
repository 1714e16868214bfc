# SPDX-License-Identifier: BSD-3-Clause
# If migratepages moves pages to another node while tide-fwd runs, the next check reports as many as the kernel does,
# and the same when they move back. Pages that a NIC writes to do not move.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

have migratepages || skip "migratepages is missing; install numactl"

# move NAME FROM TO: stop the program and move its pages.
move() {
	local pid=pid_$1

	freeze "$1"
	migratepages "${!pid}" "$2" "$3" || broken "migratepages failed"
}

# are_on NAME NODE: check with the kernel that all pages of the pool of node 1 are there; then continue the program.
are_on() {
	local found

	pool_memory "$1" 1
	found=$(pages "$1" 1)
	[ "$found" = "$2 $pool_pages" ] || broken "$1: its pages are on (node, pages) $found, not $2"
	thaw "$1"
}

err_says() {
	file_says "$work/$1.err" "$2"
}

# try NAME PAGE EAL_ARGUMENT...: use virtual ports, since nothing pins their memory.
try() {
	local name=$1 page=$2

	shift 2
	spawn "$name" "$fwd" -l "$(lcores_near)" "$@" --file-prefix "$prefix" --no-pci --vdev=net_null0 \
		--vdev=net_null1 -- --port-node "(0,1)(1,1)" --backing own --page "$page" \
		--check-placement 1 --stats 0 --json
	says "$name" '^link: port 1 .* is up' 90
	move "$name" 1 0
	are_on "$name" 0
	within 15 err_says "$name" "warning: pool of node 1: $pool_pages of $pool_pages pages of .* are on node 0 now" ||
		broken "$name: no check reported the pages that moved"
	move "$name" 0 1
	are_on "$name" 1
	within 15 err_says "$name" "pool of node 1: all $pool_pages pages of .* are where they were made" ||
		broken "$name: no check reported the pages that are back"
	stopped "$name" TERM "$prefix"
	result "$name" "pools[0]['placement']['moved_pages_worst'] == $pool_pages" \
		"pools[0]['placement']['moved_pages'] == 0"
}

try small 4K --no-huge --no-shconf -m 64
try huge 2M --in-memory

start_fwd pinned -l "$(lcores_near)" --no-huge --no-shconf -m 64 -- --backing own --page 4K --stats 0
move pinned 1 0
are_on pinned 1
stopped pinned TERM "$prefix"
result pinned 'all(p["placement"]["moved_pages_worst"] == 0 for p in pools)'
passed
