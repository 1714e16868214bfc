# SPDX-License-Identifier: BSD-3-Clause
# Each step of the fallback chain that this machine has is reached; sysfs confirms node and node source.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

sources=0

# reaches NIC SOURCE NODE COMMAND...: check that tide-fwd, started by COMMAND, prints them for that NIC; NODE - is
# unknown.
reaches() {
	local nic=$1 source=$2 node=${3/-/None} lcores=1@0,2@2

	shift 3
	[ "$source" != unknown ] || lcores='1@0,2@(0,2)'
	[ "$source" != 'polling lcore' ] || lcores=1@0,2@2
	"$@" "$fwd" --lcores "$lcores" --in-memory --file-prefix "$prefix" -a "${LAB_NICS[nic]}" -- --dry-run --json \
		>"$work/plan.out" 2>"$work/plan.err" </dev/null || broken "no plan for the node source $source"
	result plan "len(ports) == 1" "ports[0]['node_source'] == '$source'" "ports[0]['node'] == $node"
	sources=$((sources + 1))
	say "NIC $nic: $source, node $node"
}

# nodes_of LIST: print the number of nodes that the CPUs of a kernel list are on.
nodes_of() {
	local part cpu

	for part in ${1//,/ }; do
		for ((cpu = ${part%-*}; cpu <= ${part#*-}; cpu++)); do
			node_of_cpu "$cpu"
		done
	done | sort -u | wc -l
}

for nic in "${!LAB_NICS[@]}"; do
	device=/sys/bus/pci/devices/${LAB_NICS[nic]}
	own=$(<"$device/numa_node")
	if [ "$own" -ge 0 ]; then
		reaches "$nic" device "$own" env
		# The firmware states only the node of the bridge. The kernel keeps the number that is written here.
		echo -1 >"$device/numa_node" || broken "the node of NIC $nic cannot be taken away"
		bridge=$(readlink -f "$device/..")
		if [ "$(nodes_of "$(<"$device/local_cpulist")")" -gt 1 ]; then
			reaches "$nic" 'parent bridge' "$(<"$bridge/numa_node")" env
		fi
		echo "$own" >"$device/numa_node"
		continue
	fi
	near=$(<"$device/local_cpulist")
	if [ "$(nodes_of "$near")" = 1 ]; then
		reaches "$nic" local_cpulist "$(node_of_cpu "${near%%[-,]*}")" env
		continue
	fi
	reaches "$nic" 'polling lcore' "$(node_of_cpu 2)" env
	reaches "$nic" 'only node' 1 numactl --membind=1
	reaches "$nic" unknown - env
done
[ $sources -gt 0 ] || broken "no NIC, no node source"
no_run_time_dir "$prefix"
passed
