# SPDX-License-Identifier: BSD-3-Clause
# Each NIC receives into own memory on its node: the test finds bytes that were sent to a NIC in the memory of the
# running process. An IOMMU lets the NIC reach only memory that is mapped for it.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

# hits NAME HEX: print the addresses of these bytes in the memory of a process.
hits() {
	local pid=pid_$1

	$python "$LAB_ROOT/tests/numa/seek.py" "${!pid}" "$2"
}

# guarded NAME I: check that NIC I is alone in its IOMMU group and that the process has opened that group.
guarded() {
	local pid=pid_$1 group=/sys/bus/pci/devices/${LAB_NICS[$2]}/iommu_group

	[ "$(ls "$group/devices")" = "${LAB_NICS[$2]}" ] || broken "NIC $2 shares its IOMMU group"
	readlink "/proc/${!pid}/fd"/* | grep -qx "/dev/vfio/$(basename "$(readlink "$group")")" ||
		broken "$1 does not hold the IOMMU group of NIC $2"
}

# arrives NAME I HEX: check that packets with these bytes, sent to NIC I, are in its pool and on its node.
arrives() {
	local pid=pid_$1 node address found=() here

	node=$(nic_node "$2")
	# No host has that address, so there are no answers to packets that the other NIC forwards.
	in_netns "host$2" ping -q -c 4 -i 0.05 -W 1 -s 400 -p "$3" 10.0.0.99 >/dev/null
	# On a busy machine they may arrive late.
	for _ in 1 2 3; do
		mapfile -t found < <(hits "$1" "$3$3$3")
		[ ${#found[@]} -eq 0 ] || break
		sleep 2
	done
	[ ${#found[@]} -gt 0 ] || broken "$1: what was sent to NIC $2 is not in the memory of tide-fwd"
	pool_memory "$1" "$(pool_of "$1" "$2")"
	for address in "${found[@]}"; do
		[ $((address)) -ge "$pool_from" ] && [ $((address)) -lt "$pool_to" ] ||
			broken "$1: NIC $2 received at $address, which is not in its pool"
		here=$("$where" "${!pid}" "$address" $((address + 1)) 1)
		[ "$here" = "$node 1" ] ||
			broken "$1: NIC $2 is on node $node and received into (node, pages) $here"
	done
}

# try NAME MARK EAL_ARGUMENT... -- OPTION...: run tide-fwd and check both NICs.
try() {
	local name=$1 mark=$2 pid=pid_$1 i locked=0

	shift 2
	start_fwd "$name" -l "$(lcores_near)" "$@" --mode io --backing own --stats 0
	freeze "$name"
	for i in "${!LAB_NICS[@]}"; do
		guarded "$name" "$i"
		arrives "$name" "$i" "746964655f${mark}f${i}"
		locked=$((locked + (pool_to - pool_from) / 1024))
	done
	[ "$(awk '$1 == "VmLck:" { print $2 }' "/proc/${!pid}/status")" -ge $locked ] ||
		broken "$name: fewer than the $locked kB of its pools are locked for DMA"
	thaw "$name"
	stopped "$name" TERM "$prefix"
}

for i in "${!LAB_NICS[@]}"; do
	join "$i"
done
try own2M 2d --in-memory -- --page 2M
try own4K 4c --no-huge --no-shconf -m 64 -- --page 4K
passed
