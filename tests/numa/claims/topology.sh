# SPDX-License-Identifier: BSD-3-Clause
# The guest is the machine that its file describes: the kernel confirms nodes, CPUs, distances and huge pages.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

while read -r _ node _ cpus _ _ _ huge _ far; do
	dir=$node_root/node$node
	[ -d "$dir" ] || broken "node $node is not online"
	[ "$(tr '\n' ' ' <"$dir/distance" | xargs)" = "$(tr ',' '\n' <<<"$far" | cut -d: -f2 | xargs)" ] ||
		broken "node $node: distances $(<"$dir/distance"), the file says $far"
	[ "$(<"$dir/hugepages/hugepages-2048kB/free_hugepages")" = "${huge#2M:}" ] ||
		broken "node $node: $(<"$dir/hugepages/hugepages-2048kB/free_hugepages") huge pages, not $huge"
	for cpu in ${cpus//,/ }; do
		[ "$cpu" = - ] || [ "$(node_of_cpu "$cpu")" = "$node" ] || broken "CPU $cpu is not on node $node"
	done
done </run/lab/topology
[ "$(ls -d "$node_root"/node[0-9]* | wc -l)" = "$(wc -l </run/lab/topology)" ] ||
	broken "the kernel has nodes that the file does not have"

for i in "${!LAB_NICS[@]}"; do
	device=/sys/bus/pci/devices/${LAB_NICS[i]}
	[ "$(<"$device/numa_node")" = "${LAB_NIC_NODES[i]}" ] ||
		broken "${LAB_NICS[i]} is on node $(<"$device/numa_node"), not ${LAB_NIC_NODES[i]}"
	[ "$(basename "$(readlink "$device/driver")")" = vfio-pci ] || broken "${LAB_NICS[i]} is not bound to vfio-pci"
done
passed
