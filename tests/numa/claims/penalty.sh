# SPDX-License-Identifier: BSD-3-Clause
# The warning about a port that is polled from another node has the additional nanoseconds of a miss, measured between
# those two nodes, which sysfs confirms. With --measure-latency off nothing is measured.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

# plan NAME NODE OPTION...: run tide-fwd --dry-run with lcores of that node only.
plan() {
	local name=$1 cpus

	cpus=$(node_cpus "$2")
	shift 2
	devices
	"$fwd" -l "$cpus" --in-memory --file-prefix "$prefix" "${devices[@]}" -- --dry-run --json "$@" \
		>"$work/$name.out" 2>"$work/$name.err" || broken "$name: --dry-run failed"
}

for i in 0 1; do
	node=$(nic_node $i)
	far=$(nic_node $((1 - i)))
	warning="warning: port $i \(${LAB_NICS[i]}\) is on node $node but polled by lcore [0-9]+ on node $far"
	plan "far$i" "$far"
	[[ $(grep -E "$warning" "$work/far$i.err") =~ :\ \+([0-9]+)\ ns\ per\ miss\ measured\ \(([0-9]+)\ ns\ remote,\ ([0-9]+)\ ns\ local\) ]] ||
		broken "no figure in the warning about port $i, which is polled from node $far"
	more=${BASH_REMATCH[1]} remote=${BASH_REMATCH[2]} home=${BASH_REMATCH[3]}
	# Emulated memory has the same latency from every node, so the larger number is random.
	[ "$more" -eq $((remote > home ? remote - home : 0)) ] || broken "$remote over $home is not $more"
	file_says "$work/far$i.out" "^a miss on node $node takes lcores of node $far $remote ns$" &&
		file_says "$work/far$i.out" "^a miss on node $far takes lcores of node $far $home ns$" ||
		broken "the plan does not name the pairs of nodes"
	result "far$i" "ports[$i]['penalty_ns'] == $more"
done
plan off "$far" --measure-latency off
file_says "$work/off.err" "$warning;" || broken "no warning about port $i with --measure-latency off"
! file_says "$work/off.err" 'measured|per miss' && ! file_says "$work/off.out" '^a miss' ||
	broken "figures that were not requested"
result off 'all(p["penalty_ns"] is None for p in ports)'
passed
