# SPDX-License-Identifier: BSD-3-Clause
# The receive buffers of each port are on its node, in EAL's and own memory, on 2 MB and 4 kB pages. move_pages
# confirms each page, and numa_maps and the free huge pages of the node confirm the sum.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

# on_node NAME PORT NODE BACKING PAGE: check that all buffers of a port are there.
on_node() {
	local found

	pool_memory "$1" "$(pool_of "$1" "$2")"
	[ "$pool_backing $pool_page" = "$4 $5" ] ||
		broken "$1: the buffers are in $pool_backing memory of pages of $pool_page bytes"
	[ "$pool_pages" -eq $(((pool_to - pool_from) / pool_page)) ] ||
		broken "$1: $pool_pages pages do not fill the addresses"
	found=$(pages "$1" "$(pool_of "$1" "$2")")
	[ "$found" = "$3 $pool_pages" ] ||
		broken "$1: port $2 is on node $3, its buffers are on (node, pages): $found"
	found=$(mapped_pages "$1" "$pool_from" "$pool_to")
	[ "${found% *}" = "$3" ] && [ "${found#* }" -ge "$pool_pages" ] ||
		broken "$1: of the buffers of port $2, on node $3, numa_maps has (node, pages): $found"
}

# try NAME BACKING PAGE EAL_ARGUMENT... -- OPTION...: run tide-fwd on the NICs and check its buffers.
try() {
	local name=$1 backing=$2 page=$3 i node before=()

	shift 3
	for i in "${!LAB_NICS[@]}"; do
		before[i]=$(free_huge "$(nic_node "$i")")
	done
	start_fwd "$name" -l "$(lcores_near)" "$@" --stats 0
	freeze "$name"
	for i in "${!LAB_NICS[@]}"; do
		node=$(nic_node "$i")
		on_node "$name" "$i" "$node" "$backing" "$page"
		[ "$page" -eq 4096 ] || [ $((before[i] - $(free_huge "$node"))) -ge "$pool_pages" ] ||
			broken "$name: node $node lost fewer huge pages than the $pool_pages of the pool"
	done
	thaw "$name"
	stopped "$name" TERM "$prefix"
}

try eal2M EAL $((2 << 20)) --in-memory -- --backing EAL --page 2M
try own2M own $((2 << 20)) --in-memory -- --backing own --page 2M
try own4K own 4096 --no-huge --no-shconf -m 64 -- --backing own --page 4K

# VFIO pins the base pages of EAL before a pool is made, so that they can only be placed without VFIO.
spawn eal4K "$fwd" -l "$(lcores_near)" --no-huge --no-shconf -m 64 --file-prefix "$prefix" --no-pci \
	--vdev=net_null0 --vdev=net_null1 -- --port-node "(0,0)(1,1)" --backing EAL --page 4K --stats 0 --json
says eal4K '^link: port 1 .* is up' 90
freeze eal4K
on_node eal4K 0 0 EAL 4096
on_node eal4K 1 1 EAL 4096
thaw eal4K
stopped eal4K TERM "$prefix"
passed
