# SPDX-License-Identifier: BSD-3-Clause
# Each rung of the ladder that this machine has is reached, and node and rung are what sysfs says.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

rungs=0

# reaches NIC RUNG NODE COMMAND...: tide-fwd, started by COMMAND, says so of that NIC; NODE - is unknown.
reaches() {
	local nic=$1 rung=$2 node=${3/-/None} lcores=1@0,2@2

	shift 3
	[ "$rung" != unknown ] || lcores='1@0,2@(0,2)'
	[ "$rung" != 'polling lcore' ] || lcores=1@0,2@2
	"$@" "$fwd" --lcores "$lcores" --in-memory --file-prefix "$prefix" -a "${LAB_NICS[nic]}" -- --dry-run --json \
		>"$work/plan.out" 2>"$work/plan.err" </dev/null || broken "no plan for the rung $rung"
	result plan "len(ports) == 1" "ports[0]['rung'] == '$rung'" "ports[0]['node'] == $node"
	rungs=$((rungs + 1))
	say "NIC $nic: $rung, node $node"
}

# nodes_of LIST: how many nodes the CPUs of a kernel list are on.
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
		# The firmware tells the bridge's node alone. The kernel keeps what is written there.
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
[ $rungs -gt 0 ] || broken "no NIC, no rung"
no_run_time_dir "$prefix"
passed
