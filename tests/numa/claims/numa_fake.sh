# SPDX-License-Identifier: BSD-3-Clause
# The kernel makes several nodes out of one. All of them list every CPU, but a CPU is on the node that its own
# directory links to. Memory of each node is on that node.
. "$(dirname "${BASH_SOURCE[0]}")/../guest/lib.sh"

nodes=$(ls -d $node_root/node[0-9]* | wc -l)
[ "$nodes" -gt 1 ] || broken "the kernel makes no fake nodes"
[ "$(cat $node_root/node0/cpulist)" = "$(cat $node_root/node1/cpulist)" ] || broken "each CPU is on one node only"
# main.sh reserves pages on node 0 only.
set_huge 1 64

try_fwd plan 0 env -- -l 0-1 -- --dry-run
! file_says "$work/plan.err" 'TIDE_topology' || broken "the machine is not read without a word"
for cpu in 0 1; do
	links=("/sys/devices/system/cpu/cpu$cpu"/node[0-9]*)
	[ ${#links[@]} -eq 1 ] || broken "CPU $cpu has ${#links[@]} links"
	result plan "all(l['node'] == ${links[0]##*node} for l in lcores if l['lcore'] == $cpu)"
done

start_fwd run -l 0-1 --in-memory -- --strict --stats 0 --backing own --pool-node '(0,1)'
all_on run 1 1
stopped run TERM "$prefix"
result run 'pages_elsewhere == 0' 'pages_unknown == 0'
passed
